/**
 * Files and programs of a server on this machine. PostgreSQL may run in another root (docker/debian-server.sh), which
 * the process of a session reveals.
 */
import { execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { accessSync, constants } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { onServer } from '../../on-server.js'

export interface Machine {
  /** Root directory of the server, `/` unless it runs in a chroot. */
  readonly root: string
  readonly programs: string
  readonly extensions: string
}

/** `null` if the files of the server are not accessible: on another machine, or without the right to write. */
export async function machineOf(url: string): Promise<Machine | null> {
  return onServer(url, async (client) => {
    const { rows } = await client.query<{ pid: number; share: string; programs: string }>(
      `select pg_backend_pid() as pid,
         (select setting from pg_config where name = 'SHAREDIR') as share,
         (select setting from pg_config where name = 'BINDIR') as programs`,
    )
    const { pid = 0, share = '', programs = '' } = rows[0] ?? {}
    const root = await promisify(execFile)('readlink', [`/proc/${pid}/root`]).catch(() => null)
    if (root === null) return null
    const machine = {
      root: root.stdout.trim(),
      programs,
      extensions: join(root.stdout.trim(), share, 'extension'),
    }
    try {
      accessSync(join(machine.extensions, 'vector.control'))
      accessSync(machine.extensions, constants.W_OK)
    } catch {
      return null
    }
    return machine
  })
}

/** Runs a program of the server's version, such as pg_dump; returns its output as latin1. */
export async function runProgram(
  machine: Machine,
  name: string,
  args: readonly string[],
  options: { input?: string | Buffer } = {},
): Promise<string> {
  const path = join(machine.programs, name)
  const [command, ...rest] =
    machine.root === '/' ? [path, ...args] : ['chroot', machine.root, path, ...args]
  const child = spawn(command, rest)
  const printed: Buffer[] = []
  const said: Buffer[] = []
  child.stdout.on('data', (data: Buffer) => printed.push(data))
  child.stderr.on('data', (data: Buffer) => said.push(data))
  child.stdin.end(options.input ?? '')
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  const errors = Buffer.concat(said).toString()
  if (code !== 0 || /^(psql:.*)?(pg_restore: )?error:/im.test(errors))
    throw new Error(`${name}: ${errors}`)
  return Buffer.concat(printed).toString('latin1')
}

/** Puts scripts of the extension into the directory in which the server looks for them. */
export async function putScripts(
  { extensions }: Machine,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    if (!name.startsWith('pg_lsh') || name.endsWith('.tle.sql')) continue
    const part = join(extensions, `.${name}-${randomUUID()}`)
    await writeFile(part, text)
    await rename(part, join(extensions, name))
  }
}
