import { runner } from 'node-pg-migrate'
import type pg from 'pg'
import { assertOneOf, assertOptions, refuseArgument } from '../../core/arguments.js'
import { LshError } from '../../core/errors.js'
import type { Store } from '../connection/connect.js'
import { assertStore } from '../connection/handles.js'
import { refuseExtension } from './installed-extension.js'
import { watchLockWaits, type LockWait } from './lock-waits.js'
import { mendIndexes, type IndexComplaint } from './mend-indexes.js'
import {
  appliedMigration,
  MIGRATIONS_TABLE,
  migrationsSchema,
  newestMigration,
  withMigrations,
} from './migration-files.js'
import { leaveSession, prepareSession } from './migration-session.js'
import { sqlFiles, sqlVersion } from './sql-files.js'

const KEY = `pg_catalog.hashtext('pg-lsh migrate'::text)`
const LOCK = `select pg_catalog.pg_advisory_lock(${KEY})`
const UNLOCK = `select pg_catalog.pg_advisory_unlock(${KEY})`

export interface MigrationReport {
  /** Names of the migrations that this run applied or, with direction 'down', reverted. */
  readonly applied: string[]
  /** Whether this run installed the functions and views. */
  readonly installed: boolean
  /** Indexes that no longer fit their tables and need attention. (Absent if there are none.) */
  readonly unmended?: readonly IndexComplaint[]
}

export interface MigrateOptions {
  /** 'down' removes everything, including data. (Default: 'up') */
  direction?: 'up' | 'down'
  /**
   * Called repeatedly while the migration waits for a lock, with the lock and its holders; `describeLockWait` describes
   * them in words. (Default: none)
   */
  onWait?: (wait: LockWait) => void
}

/**
 * Upgrades a database to this version. Creates pgvector if it is missing, applies pending migrations in one
 * transaction, installs all files of `sql/` in another, and then adapts indexes whose tables have changed. It is safe
 * to repeat and to run concurrently.
 *
 * @throws LshError `database` if PostgreSQL or pgvector is missing or too old, if the database has a newer version or
 *   the extension `pg_lsh`, or if another role installed pg-lsh
 */
export async function migrate(
  store: Store,
  options: MigrateOptions = {},
): Promise<MigrationReport> {
  assertStore(store)
  assertOptions(options, ['direction', 'onWait'])
  assertOneOf('direction', options.direction, ['up', 'down'])
  const { direction = 'up', onWait } = options
  if (onWait !== undefined && typeof onWait !== 'function')
    refuseArgument('onWait', onWait, 'a function', 'It receives each wait: (wait) => ….')
  const stop =
    onWait && store.engine === 'server'
      ? watchLockWaits(store.pool, onWait, { migrate: true })
      : undefined
  try {
    const report = await migrateOn(await store.pool.connect(), direction)
    await store.learnTypes()
    return report
  } finally {
    await stop?.()
  }
}

async function migrateOn(
  client: pg.PoolClient,
  direction: 'up' | 'down',
): Promise<MigrationReport> {
  let broken: Error | undefined
  try {
    // One migration at a time, including the extension; the lock ends with the connection at the latest.
    await client.query(LOCK)
    await refuseExtension(client, direction)
    const schema = await prepareSession(client)
    const tableSchema = await migrationsSchema(client)
    await refuseNewer(client)
    const applied = await withMigrations(schema, (dir) =>
      runner({
        dbClient: client,
        dir,
        direction,
        ...(direction === 'down' ? { count: Infinity } : {}),
        migrationsSchema: tableSchema,
        migrationsTable: MIGRATIONS_TABLE,
        singleTransaction: true,
        noLock: true,
        log: () => undefined,
      }),
    )
    const names = applied.map((migration) => migration.name)
    if (direction === 'down') return { applied: names, installed: false }
    const installed = await installSql(client, schema)
    const unmended = await mendIndexes(client)
    return { applied: names, installed, ...(unmended.length > 0 && { unmended }) }
  } finally {
    // A connection that cannot unlock is discarded together with its lock.
    await leaveSession(client)
      .then(() => client.query(UNLOCK))
      .catch((cause: unknown) => {
        broken = cause as Error
      })
    client.release(broken)
  }
}

/** @throws LshError `database` for a database of a newer version, whose tables older functions do not fit */
async function refuseNewer(client: pg.PoolClient): Promise<void> {
  const { newest: applied } = await appliedMigration(client)
  const newest = await newestMigration()
  if (applied === null || applied <= newest) return
  throw new LshError('database', `the database was created by a newer pg-lsh: it has ${applied}`, {
    hint: 'Upgrade pg-lsh: "npm install pg-lsh@latest".',
  })
}

/** Installs the functions and views, unless the database already has exactly these files. Returns whether it did. */
async function installSql(client: pg.PoolClient, schema: string): Promise<boolean> {
  const version = await sqlVersion(client)
  if ((await installedSqlVersion(client)) === version) return false
  await client.query('begin')
  try {
    for (const { sql } of await sqlFiles(schema)) await client.query(sql)
    await client.query(
      `comment on schema lsh is 'Locality-sensitive hashing over pgvector columns; sql ${version}'`,
    )
    await client.query('commit')
    return true
  } catch (error) {
    // A lost connection has nothing to roll back, and the first error is the informative one.
    await client.query('rollback').catch(() => undefined)
    throw error
  }
}

/** Version of the installed functions, from the comment on schema `lsh`; `null` if there are none. */
export async function installedSqlVersion(client: pg.Pool | pg.PoolClient): Promise<string | null> {
  const { rows } = await client.query<{ version: string | null }>(
    `select pg_catalog.substring(pg_catalog.obj_description(pg_catalog.to_regnamespace('lsh'::text), 'pg_namespace'::name), 'sql ([0-9a-f]+)$'::text) as version`,
  )
  return rows[0]?.version ?? null
}
