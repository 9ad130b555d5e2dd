// npm run check: what .ci/run asks of a change, fast and in one go: lint, types, build, and the tests of what changed.
// Arguments go to "npm test -- --fast".
import { root, run } from './setup.mjs'
import { join } from 'node:path'

const node = process.execPath
const bin = (path) => join(root, 'node_modules', path)
const tsc = bin('typescript/bin/tsc')
const steps = [
  [
    'eslint',
    [bin('eslint/bin/eslint.js'), '.', '--cache', '--cache-location', bin('.cache/eslint')],
  ],
  [
    'prettier',
    [bin('prettier/bin/prettier.cjs'), '--check', '.', '--cache', '--log-level', 'warn'],
  ],
  ['types', [tsc, '--noEmit']],
  ['types on the next Kysely', [tsc, '--noEmit', '-p', 'tsconfig.kysely-next.json']],
  ['types of the explorer', [tsc, '--noEmit', '-p', 'explorer/tsconfig.json']],
  ['build', [tsc, '-p', 'tsconfig.build.json', '--noEmitOnError']],
  ['explorer', [bin('vite/bin/vite.js'), 'build', '--config', 'explorer.config.ts']],
  ['tests', [join(root, 'scripts/test.mjs'), '--fast', ...process.argv.slice(2)]],
]

for (const [name, args] of steps) {
  const began = Date.now()
  const code = await run(node, args)
  console.log(
    `== ${name}: ${code === 0 ? 'passed' : 'failed'} (${Math.round((Date.now() - began) / 1000)} s)`,
  )
  if (code !== 0) {
    process.exitCode = code
    break
  }
}
