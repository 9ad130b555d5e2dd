/**
 * The machine of the server, where it is this one: its folder of extensions, and its own programs. PostgreSQL may run
 * in another root (docker/debian-server.sh), which the process of a session leads to.
 */
import { execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type pg from 'pg'
import { inject } from 'vitest'
import { extensionFiles } from '../../../scripts/extension/files.mjs'
import { openStore, type Store } from '../../../src/store/connect.js'
import { onServer, withDatabase } from '../../database.js'

export const url = process.env.PG_LSH_TEST_URL ?? ''

interface Machine {
  /** `/`, or where the server has its root. */
  readonly root: string
  readonly programs: string
  readonly extensions: string
}

/** `null` where the files of the server are out of reach: on another machine, or of another user. */
async function look(): Promise<Machine | null> {
  if (inject('engine') !== 'server') return null
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

/** Where the server's files can be reached. Looked up once a file of tests. */
export const machine = await look()

/** Runs a program of the server's own version, such as pg_dump; returns what it prints. */
export async function program(
  name: string,
  args: readonly string[],
  options: { input?: string | Buffer } = {},
): Promise<string> {
  if (!machine) throw new Error('the programs of the server are not on this machine')
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

/** A folder that the programs of the server see under a name of their own. */
export function sharedFolder(): { here: string; there: string; remove: () => void } {
  if (!machine) throw new Error('the files of the server are not on this machine')
  const here = mkdtempSync(join(machine.root, 'tmp/pg-lsh-test-'))
  const there = machine.root === '/' ? here : here.slice(machine.root.length)
  return { here, there, remove: () => rmSync(here, { recursive: true, force: true }) }
}

export function keep(folder: string, name: string, text: string): void {
  writeFileSync(join(folder, name), text)
}

/** Puts scripts of the extension where the server finds them, while nobody else puts others there. */
export async function withExtension<T>(
  work: () => Promise<T>,
  versions: readonly string[] = [],
): Promise<T> {
  if (!machine) throw new Error('the files of the server are not on this machine')
  const { extensions } = machine
  return onServer(url, async (client) => {
    await client.query(`select pg_advisory_lock(hashtext('pg-lsh test extension'))`)
    for (const version of [...versions, undefined])
      for (const [name, text] of Object.entries(
        extensionFiles(version === undefined ? {} : { version }),
      )) {
        if (!name.startsWith('pg_lsh') || name.endsWith('.tle.sql')) continue
        const part = join(extensions, `.${name}-${randomUUID()}`)
        await writeFile(part, text)
        await rename(part, join(extensions, name))
      }
    return await work()
  })
}

const made: string[] = []

/** The place of a new database without anything in it. */
export async function emptyDatabase(options = ''): Promise<string> {
  const name = `lsh_test_ext_${randomUUID().replaceAll('-', '')}`
  made.push(name)
  await onServer(url, (client) => client.query(`create database ${name} ${options}`))
  return withDatabase(url, name)
}

export const nameOf = (place: string) => new URL(place).pathname.slice(1)

/** For `afterAll`. */
export async function dropDatabases(): Promise<void> {
  await onServer(url, async (client) => {
    for (const name of made) await client.query(`drop database if exists ${name} with (force)`)
  })
}

/** Works with a store of a database, and closes it. */
export async function within<T>(place: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(place)
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

/** Runs statements over one connection. */
export async function run(place: string, ...texts: string[]): Promise<void> {
  await onServer(place, async (client: pg.Client) => {
    for (const text of texts) await client.query(text)
  })
}
