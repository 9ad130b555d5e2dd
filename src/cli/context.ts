import { join } from 'node:path'
import type { Command } from 'commander'
import { LshError } from '../core/errors.js'
import { openStore, type Store } from '../store/connection/connect.js'
import { installedExtension } from '../store/schema/installed-extension.js'
import { migrate, installedSqlVersion } from '../store/schema/migrate.js'
import { describeLockWait, watchLockWaits, type LockWait } from '../store/schema/lock-waits.js'
import { parsePlace } from '../store/connection/place.js'
import { withRetry, type RetryOptions } from '../store/connection/retry.js'
import { sqlVersion } from '../store/schema/sql-files.js'
import { withNames } from './did-you-mean.js'
import { createOutput, type Output } from './output.js'

/** Options of all commands. */
export interface GlobalOptions {
  db?: string
  json?: boolean
  quiet?: boolean
}

/** The environment of a command. */
export interface Context {
  readonly output: Output
  /** URL or directory of the database. */
  readonly place: string
  /** Aborted by Ctrl-C: the command ends after its current transaction. */
  readonly signal: AbortSignal
  /** Opens the database, runs work on it, and closes it in any case. */
  readonly withStore: <T>(work: (store: Store) => Promise<T>, options?: OpenOptions) => Promise<T>
}

export interface OpenOptions {
  /** Creates an embedded database if there is none; for commands that load data. (Default: false) */
  create?: boolean
  /** Waits if the server is unavailable when the database is opened. (Default: no wait) */
  retry?: RetryOptions
}

/** Exit code after Ctrl-C, as in shells. */
const INTERRUPTED = 130

/** The default message after Ctrl-C. */
const STOPPING =
  'stopping after the current step; what is committed stays. Ctrl-C again ends at once.'

export function contextOf(command: Command, stopping = STOPPING): Context {
  const options = command.optsWithGlobals<GlobalOptions>()
  const output = createOutput({ json: options.json ?? false, quiet: options.quiet ?? false })
  const { DATABASE_URL = '' } = process.env
  const place = options.db ?? (DATABASE_URL === '' ? join('.', '.pg-lsh') : DATABASE_URL)
  return {
    output,
    place,
    signal: interruptSignal(output, stopping),
    withStore: (work, opening) =>
      withStoreAt(place, reportingWaits(output, work), {
        ...opening,
        prepare: (store) => makeReady(store, output),
      }),
  }
}

/** Runs work on a database, by default without preparing it, and closes it in any case. */
export async function withStoreAt<T>(
  place: string,
  work: (store: Store) => Promise<T>,
  options: OpenOptions & { prepare?: (store: Store) => Promise<void> } = {},
): Promise<T> {
  const { create = false, retry = { seconds: 0 }, prepare } = options
  const engine = parsePlace(place).kind === 'server' ? 'server' : 'embedded'
  const open = async () => {
    const store = await openStore(place, { create })
    try {
      await prepare?.(store)
      return store
    } catch (error) {
      await store.close()
      throw error
    }
  }
  const store = await withRetry({ engine }, open, retry)
  try {
    return await work(store)
  } catch (error) {
    throw await withNames(error, store)
  } finally {
    await store.close()
  }
}

/** Returns a function that warns of a lock that a command waits for, and names its holder. */
export function waitReporter(output: Output): (wait: LockWait) => void {
  return (wait) => output.warn(describeLockWait(wait))
}

/** Wraps work so that it reports the locks that it waits for on a server. */
export function reportingWaits<T>(
  output: Output,
  work: (store: Store) => Promise<T>,
): (store: Store) => Promise<T> {
  return async (store) => {
    if (store.engine === 'embedded') return work(store)
    const stop = watchLockWaits(store.pool, waitReporter(output))
    try {
      return await work(store)
    } finally {
      await stop()
    }
  }
}

/** An embedded database has one user and is upgraded automatically; only its owner may upgrade a server. */
async function makeReady(store: Store, output: Output): Promise<void> {
  if (store.engine === 'embedded') {
    const { applied } = await migrate(store)
    if (applied.length > 0) output.say(`prepared the embedded database in ${store.location}`)
    return
  }
  const extension = await installedExtension(store.pool)
  const brought = await sqlVersion(store.pool, extension === null ? 'all' : 'lsh')
  if ((await installedSqlVersion(store.pool)) === brought) return
  throw new LshError('database', `the database at ${store.location} has another version`, {
    hint:
      extension === null
        ? 'Run "pg-lsh migrate" first.'
        : `It has the extension pg_lsh ${extension}: run "alter extension pg_lsh update", or install this package in that version.`,
  })
}

function interruptSignal(output: Output, stopping: string): AbortSignal {
  const controller = new AbortController()
  const interrupt = () => {
    if (controller.signal.aborted) process.exit(INTERRUPTED)
    output.warn(stopping)
    process.exitCode = INTERRUPTED
    controller.abort(
      new LshError('bad_usage', 'interrupted', {
        hint: 'Run the same command again: it continues where it stopped.',
      }),
    )
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  return controller.signal
}
