// npm run test:e2e: the explorer in a real browser. PG_LSH_CHROMIUM names one that is nowhere usual.
import { prepare, root, run } from './setup.mjs'
import { join } from 'node:path'

await prepare()
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const env = { ...process.env, PG_LSH_E2E: '1' }
process.exitCode = await run(process.execPath, [vitest, 'run', ...process.argv.slice(2)], env)
