// Makes a fresh clone ready to run: dependencies and dist/. Speaks on stderr only, because stdout
// belongs to the program that runs afterwards.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

/** Folders whose code is in the pages of the explorer; of other rooms they import only types. */
const PAGES = ['explorer', 'src/core', 'src/report', 'src/serve']

/** Installs and builds what is absent or out of date; ends the process if that fails. */
export async function prepare() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 11)) {
    console.error(`error: pg-lsh needs Node.js 20.11 or newer, this is ${process.versions.node}`)
    process.exit(1)
  }
  if (!installed()) {
    await step('installing dependencies (npm ci), a minute or two', ...npm('ci'))
  }
  // Stamps are written last: a build that was killed half way through does not count.
  const stamp = join(root, 'dist/.built')
  if (time(stamp) < newest(join(root, 'src'))) {
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    // Nothing written on an error: a half-good dist would look up to date the next time.
    const args = [tsc, '-p', 'tsconfig.build.json', '--noEmitOnError']
    await step('building dist/ (tsc)', process.execPath, args)
    writeFileSync(stamp, '')
  }
  const pagesStamp = join(root, 'dist/.pages')
  if (time(pagesStamp) < Math.max(...PAGES.map((folder) => newest(join(root, folder))))) {
    const vite = join(root, 'node_modules/vite/bin/vite.js')
    const pages = [vite, 'build', '--config', 'explorer.config.ts']
    await step('building dist/explorer (vite)', process.execPath, pages)
    writeFileSync(pagesStamp, '')
  }
}

/**
 * Runs a program with this terminal until it ends, and gives its exit code. Ctrl-C reaches it
 * directly; a program that dies of a signal takes this process with it in the same way.
 */
export async function run(command, args, env = process.env) {
  const child = spawn(command, args, { cwd: root, env, stdio: 'inherit' })
  const { code, signal } = await ended(child)
  if (signal) {
    process.kill(process.pid, signal)
    await setTimeout(1000)
  }
  return code ?? 128 + constants.signals[signal]
}

/** Whether node_modules is what package-lock.json asks for. */
function installed() {
  const wanted = join(root, 'package-lock.json')
  const present = join(root, 'node_modules/.package-lock.json')
  if (time(present) >= time(wanted)) return true
  if (time(present) === 0) return false
  // A checkout touches the lock file without changing it.
  const have = JSON.parse(readFileSync(present, 'utf8')).packages
  const want = JSON.parse(readFileSync(wanted, 'utf8')).packages
  return Object.entries(want).every(
    ([path, entry]) =>
      path === '' || entry.version === have[path]?.version || skipped(entry, have[path]),
  )
}

function skipped(entry, have) {
  return have === undefined && (entry.optional === true || entry.devOptional === true)
}

function npm(...args) {
  const script = process.env.npm_execpath
  return script?.endsWith('npm-cli.js') ? [process.execPath, [script, ...args]] : ['npm', args]
}

async function step(message, command, args) {
  console.error(`pg-lsh: ${message} …`)
  const shell = process.platform === 'win32' && command === 'npm'
  const child = spawn(command, args, { cwd: root, shell, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = []
  child.stdout.on('data', (data) => output.push(data))
  child.stderr.on('data', (data) => output.push(data))
  const { code, signal } = await ended(child)
  if (code === 0) return
  process.stderr.write(Buffer.concat(output))
  console.error(
    `error: "${[command, ...args].join(' ')}" failed (${signal ?? `exit code ${code}`})`,
  )
  process.exit(code ?? 128 + constants.signals[signal])
}

/** Waits for a child; this process outlives Ctrl-C until the child has dealt with it. */
async function ended(child) {
  const stay = () => undefined
  const pass = (signal) => child.kill(signal)
  process.on('SIGINT', stay)
  process.on('SIGTERM', pass)
  process.on('SIGHUP', pass)
  try {
    return await new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code, signal) => resolve({ code, signal }))
    })
  } finally {
    process.off('SIGINT', stay)
    process.off('SIGTERM', pass)
    process.off('SIGHUP', pass)
  }
}

/** Time of the last change below a folder, folders included (they notice deletions); 0 if absent. */
function newest(folder) {
  if (time(folder) === 0) return 0
  const inside = readdirSync(folder, { recursive: true }).map((name) => time(join(folder, name)))
  return Math.max(time(folder), ...inside)
}

function time(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
