// What "npm test -- --fast" runs: by vitest's own means all unit tests that import a changed file, and of the tests
// that open a database those of the same name as a changed file, on the embedded engine alone.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const DATABASE = ['store', 'search', 'compare', 'sql', 'cli', 'examples']
/** Of SQL: its surface, its documentation, and that it computes what TypeScript computes. */
const OF_SQL = ['surface', 'public-functions', 'sql-page', 'parity', 'search'].map(
  (name) => `test/sql/${name}.test.ts`,
)

/** Paths that differ from a commit, files that are not tracked yet among them. */
export function changedFiles(root, ref = 'HEAD') {
  const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\n')
  const since = ref === 'HEAD' ? ref : git('merge-base', ref, 'HEAD')[0]
  const paths = [
    ...git('diff', '--name-only', since),
    ...git('ls-files', '--others', '--exclude-standard'),
  ]
  return [...new Set(paths)].filter((path) => path !== '').sort()
}

/** The tests of the database that mirror changed files. */
export function mirroredTests(root, changed) {
  const tests = new Set()
  for (const path of changed) {
    const room = DATABASE.find((one) => path.startsWith(`src/${one}/`))
    if (room) tests.add(`${path.replace(/^src/, 'test').replace(/\.ts$/, '')}.test.ts`)
    if (room === 'cli') tests.add(path.replace(/.*\/([\w-]+)\.ts$/, 'test/cli/$1.test.ts'))
    if (DATABASE.some((one) => path.startsWith(`test/${one}/`)) && path.endsWith('.test.ts'))
      tests.add(path)
    if (/^(sql|migrations)\/.*\.sql$/.test(path)) {
      for (const test of OF_SQL) tests.add(test)
      tests.add(
        path.replace(
          /.*\/\d+_(\w+)\.sql$/,
          (_, name) => `test/sql/${name.replaceAll('_', '-')}.test.ts`,
        ),
      )
    }
  }
  return [...tests].filter((path) => existsSync(join(root, path))).sort()
}
