// npm run demo: from a fresh clone to the demonstration, with nothing but Node.js and the network.
import { prepare, root, run } from './setup.mjs'
import { join } from 'node:path'

await prepare()
const main = join(root, 'dist/cli/main.js')
process.exitCode = await run(process.execPath, [main, 'demo', ...process.argv.slice(2)])
