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

/** Options that every command has. */
export interface GlobalOptions {
  db?: string
  json?: boolean
  quiet?: boolean
}

/** What a command works with. */
export interface Context {
  readonly output: Output
  /** URL or directory of the database. */
  readonly place: string
  /** Aborted by Ctrl-C: the command ends after the transaction it is in. */
  readonly signal: AbortSignal
  /** Runs work on the database, ready for it, and closes it in any case. */
  readonly withStore: <T>(work: (store: Store) => Promise<T>, options?: OpenOptions) => Promise<T>
}

export interface OpenOptions {
  /** Makes an embedded database where there is none: of commands that bring data. (Default: false) */
  create?: boolean
  /** Waits for a server that is away already when it is opened. (Default: it does not) */
  retry?: RetryOptions
}

/** Exit code of a run that Ctrl-C ended, as shells have it. */
const INTERRUPTED = 130

/** What most commands say when Ctrl-C comes. */
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
      withStoreAt(place, tellingWaits(output, work), {
        ...opening,
        prepare: (store) => makeReady(store, output),
      }),
  }
}

/** Runs work on a database, as it is unless it is prepared, and closes it in any case. */
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

/** Says what the command waits for, and who holds that. */
export function tellWait(output: Output): (wait: LockWait) => void {
  return (wait) => output.warn(describeLockWait(wait))
}

/** The same work, which says what it waits for on a server, whose other users may hold it. */
export function tellingWaits<T>(
  output: Output,
  work: (store: Store) => Promise<T>,
): (store: Store) => Promise<T> {
  return async (store) => {
    if (store.engine === 'embedded') return work(store)
    const stop = watchLockWaits(store.pool, tellWait(output))
    try {
      return await work(store)
    } finally {
      await stop()
    }
  }
}

/** An embedded database is brought up to date unasked: it has one user. A server is its owner's to change. */
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
        hint: 'Run the same command again: it goes on where it stopped.',
      }),
    )
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  return controller.signal
}
