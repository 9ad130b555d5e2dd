// npm test: the suite on embedded PGlite and, when PG_LSH_TEST_URL is set, on that server as well.
// Arguments go to vitest. The last line of the output is "N passed, N failed, N skipped".
import { prepare, root, run } from './setup.mjs'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

await prepare()
if (!process.env.PG_LSH_TEST_URL) {
  console.log(
    'The server half of the suite does not run; to run it: ' +
      'PG_LSH_TEST_URL=postgres://user@host:port/postgres npm test (a server: docker/)',
  )
}

const folder = mkdtempSync(join(tmpdir(), 'pg-lsh-test-'))
const results = join(folder, 'results.json')
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`]
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const code = await run(process.execPath, [vitest, 'run', ...reporters, ...process.argv.slice(2)])
console.log(summary(code))
rmSync(folder, { recursive: true })
process.exitCode = code

/** The counts of vitest's JSON report; a file that fails outside its tests counts as one failed. */
function summary(code) {
  let passed = 0
  let failed = 0
  let skipped = 0
  for (const file of report()) {
    const failedBefore = failed
    for (const { status } of file.assertionResults) {
      if (status === 'passed') passed++
      else if (status === 'failed') failed++
      else skipped++
    }
    if (file.status === 'failed' && failed === failedBefore) failed++
  }
  if (code !== 0 && failed === 0) failed = 1
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}

function report() {
  try {
    return JSON.parse(readFileSync(results, 'utf8')).testResults
  } catch {
    return []
  }
}
