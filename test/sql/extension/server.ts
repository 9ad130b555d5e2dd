/** Databases and scripts for tests of the extension, on a server whose files are on this machine. */
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type pg from 'pg'
import { inject } from 'vitest'
import { extensionFiles } from '../../../scripts/extension/files.mjs'
import { openStore, type Store } from '../../../src/store/connection/connect.js'
import { onServer, withDatabase } from '../../on-server.js'
import { machineOf, putScripts, runProgram } from './machine.js'

export const url = process.env.PG_LSH_TEST_URL ?? ''

/** The machine of the server, or `null` if its files are not accessible. */
export const machine = inject('engine') === 'server' ? await machineOf(url) : null

/** PostgreSQL 15, whose scripts cannot refer to the schema of pgvector, and which does not prevent its move. */
export const before16 =
  machine !== null &&
  (await onServer(url, async (client) => {
    const { rows } = await client.query<{ before: boolean }>(
      `select current_setting('server_version_num')::int < 160000 as before`,
    )
    return rows[0]?.before === true
  }))

/** The files of the extension for this server. */
export function filesHere(options: { version?: string; vectorSchema?: string } = {}) {
  const { vectorSchema = 'public', ...rest } = options
  return extensionFiles({ ...rest, ...(before16 && { vectorSchema }) })
}

/** Runs a program of the server's version, such as pg_dump; returns its output as latin1. */
export async function program(
  name: string,
  args: readonly string[],
  options: { input?: string | Buffer } = {},
): Promise<string> {
  if (!machine) throw new Error('the programs of the server are not on this machine')
  return runProgram(machine, name, args, options)
}

/** Starts a second server on the data in a folder, as the user of the first; returns a function that stops it. */
export async function startProgram(
  folder: { here: string; there: string },
  port: number,
): Promise<() => Promise<void>> {
  if (!machine) throw new Error('the programs of the server are not on this machine')
  const { uid, gid } = statSync(join(machine.root, 'var/lib/postgresql'))
  await promisify(execFile)('chown', ['-R', `${uid}:${gid}`, folder.here])
  const postgres = (...args: string[]) =>
    promisify(execFile)(
      'chroot',
      [`--userspec=${uid}:${gid}`, machine.root, join(machine.programs, 'pg_ctl'), ...args],
      { env: { LC_ALL: 'C.UTF-8', PATH: process.env.PATH } },
    )
  // On a standby these settings must be at least as high as on its primary.
  const atLeast = await onServer(url, (client) =>
    client.query<{ text: string }>(
      `select string_agg(format('-c %s=%s', name, setting), ' ') as text from pg_settings
       where name in ('max_connections', 'max_worker_processes', 'max_wal_senders', 'max_prepared_transactions', 'max_locks_per_transaction')`,
    ),
  )
  const options = `${atLeast.rows[0]?.text ?? ''} -p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c dynamic_shared_memory_type=mmap`
  const data = ['-D', `${folder.there}/data`, '-w']
  await postgres('start', ...data, '-l', `${folder.there}/log`, '-o', options)
  return async () => {
    await postgres('stop', ...data, '-m', 'immediate')
  }
}

/** Creates a folder; `there` is its path for the programs of the server. */
export function sharedFolder(): { here: string; there: string; remove: () => void } {
  if (!machine) throw new Error('the files of the server are not on this machine')
  const here = mkdtempSync(join(machine.root, 'tmp/pg-lsh-test-'))
  const there = machine.root === '/' ? here : here.slice(machine.root.length)
  return { here, there, remove: () => rmSync(here, { recursive: true, force: true }) }
}

/** Runs `work` with scripts of the extension installed, under a lock that keeps other tests from replacing them. */
export async function withExtension<T>(
  work: () => Promise<T>,
  files: Readonly<Record<string, string>> = {},
): Promise<T> {
  if (!machine) throw new Error('the files of the server are not on this machine')
  const reached = machine
  return onServer(url, async (client) => {
    await client.query(`select pg_advisory_lock(hashtext('pg-lsh test extension'))`)
    await putScripts(reached, { ...filesHere(), ...files })
    return await work()
  })
}

const made: string[] = []

/** Creates an empty database; returns its URL. */
export async function emptyDatabase(options = ''): Promise<string> {
  const name = `lsh_test_ext_${randomUUID().replaceAll('-', '')}`
  made.push(name)
  await onServer(url, (client) => client.query(`create database ${name} ${options}`))
  return withDatabase(url, name)
}

export const nameOf = (place: string) => new URL(place).pathname.slice(1)

/** Drops all databases of `emptyDatabase`. */
export async function dropDatabases(): Promise<void> {
  // Without a server nothing was created.
  if (machine === null) return
  await onServer(url, async (client) => {
    for (const name of made) await client.query(`drop database if exists ${name} with (force)`)
  })
}

/** Opens a store on a database, runs `work` and closes the store. */
export async function within<T>(place: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(place)
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

/** Runs statements on one connection. */
export async function run(place: string, ...texts: string[]): Promise<void> {
  await onServer(place, async (client: pg.Client) => {
    for (const text of texts) await client.query(text)
  })
}
