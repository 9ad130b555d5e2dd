import { execFile, spawn } from 'node:child_process'
import { mkdir, readdir, rmdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as startTimer } from 'node:timers'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Result of a run of the command line. */
export interface CliRun {
  /** Exit code, or `null` if a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CliOptions {
  /** Database, as `--db`. (Default: none is given) */
  place?: string
  /** Additional environment. (Default: none; DATABASE_URL and DEBUG are never passed on) */
  env?: Readonly<Record<string, string>>
  /** Working directory. (Default: that of the repository) */
  cwd?: string
  /** Called with the text that it writes to stderr and a function that kills it. (Default: none) */
  onStderr?: (text: string, kill: () => void) => void
  /** Milliseconds after which it is killed. (Default: never) */
  killAfter?: number
  /** Number of the user that runs it; only root may set it. (Default: the current user) */
  uid?: number
}

/** Builds the command line before the tests of a file if `dist/` is older than `src/`. */
export function useCli(): void {
  beforeAll(build)
}

/** Runs the built command line in a process of its own. */
export async function cli(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const { place, env, cwd = root, onStderr, killAfter, uid } = options
  const { DATABASE_URL: _url, DEBUG: _debug, ...inherited } = process.env
  const all = [
    join(root, 'dist/cli/main.js'),
    ...args,
    ...(place === undefined ? [] : ['--db', place]),
  ]
  const child = spawn(process.execPath, all, {
    cwd,
    env: { ...inherited, ...env },
    ...(uid !== undefined && { uid }),
  })
  const [out, err]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (data: Buffer) => out.push(data))
  child.stderr.on('data', (data: Buffer) => {
    err.push(data)
    onStderr?.(data.toString(), () => child.kill('SIGKILL'))
  })
  const timer =
    killAfter === undefined ? undefined : startTimer(() => child.kill('SIGKILL'), killAfter)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  clearTimeout(timer)
  return { code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }
}

/** The result of a run with `--json`: the only line on its stdout. */
export function resultOf({ stdout, stderr }: CliRun): unknown {
  const lines = stdout.split('\n').filter((line) => line !== '')
  if (lines.length !== 1) throw new Error(`not one line on stdout: ${stdout}\n${stderr}`)
  return JSON.parse(lines[0] as string)
}

/** One process builds and the others wait for it. */
async function build(): Promise<void> {
  const lock = join(root, 'node_modules/.cache/pg-lsh-build')
  await mkdir(join(root, 'node_modules/.cache'), { recursive: true })
  while (await newest('dist').then(async (built) => built < (await newest('src')))) {
    const mine = await mkdir(lock).then(
      () => true,
      () => false,
    )
    if (mine) {
      const tsc = join(root, 'node_modules/typescript/bin/tsc')
      const args = [tsc, '-p', 'tsconfig.build.json', '--noEmitOnError']
      await promisify(execFile)(process.execPath, args, { cwd: root }).finally(() => rmdir(lock))
      return
    }
    await setTimeout(200)
    // The lock of a run that was killed during the build.
    const age = await stat(lock).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    )
    if (age > 120_000) await rmdir(lock).catch(() => undefined)
  }
  while (await stat(lock).catch(() => null)) await setTimeout(200)
}

/** Time of the last change of a file below a folder, or 0 if there is none. */
async function newest(folder: string): Promise<number> {
  const names = await readdir(join(root, folder), { recursive: true }).catch(() => [])
  const times = names.map(async (name) => (await stat(join(root, folder, name))).mtimeMs)
  return Math.max(0, ...(await Promise.all(times)))
}
