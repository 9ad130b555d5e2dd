// npm test: the suite on embedded PGlite and, when PG_LSH_TEST_URL is set, on that server as well.
// Arguments go to vitest. The last line of the output is "N passed, N failed, N skipped".
//
//   --fast        only what changed since the last commit, on the embedded engine: for the inner loop
//   --fast=main   only what changed since the branch main
import { changedFiles, mirroredTests } from './affected.mjs'
import { prepare, root, run } from './setup.mjs'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const given = process.argv.slice(2)
const fast = given.find((one) => /^--fast(=|$)/.test(one))

await prepare()
if (!process.env.PG_LSH_TEST_URL && !fast) {
  console.log(
    'The tests on a server do not run. To run them: ' +
      'PG_LSH_TEST_URL=postgres://user@host:port/postgres npm test (a server: docker/)',
  )
}

const folder = mkdtempSync(join(tmpdir(), 'pg-lsh-test-'))
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const results = []
let code = 0
for (const args of fast ? affected() : [given]) {
  const file = join(folder, `${results.length}.json`)
  results.push(file)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  const ended = await run(process.execPath, [vitest, 'run', ...reporters, ...args])
  code ||= ended
}
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

/** The runs of vitest that --fast asks for. */
function affected() {
  const [, ref = 'HEAD'] = fast.split('=')
  const rest = given.filter((one) => one !== fast)
  const files = mirroredTests(root, changedFiles(root, ref))
  const since = ref === 'HEAD' ? '--changed' : `--changed=${ref}`
  const unit = ['--project', 'unit', since, '--passWithNoTests', ...rest]
  const mirrored = ['--project', 'embedded', '--passWithNoTests', ...rest, ...files]
  return files.length > 0 ? [unit, mirrored] : [unit]
}

function report() {
  return results.flatMap((file) => {
    try {
      return JSON.parse(readFileSync(file, 'utf8')).testResults
    } catch {
      return []
    }
  })
}
