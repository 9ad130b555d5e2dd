import { runner } from 'node-pg-migrate'
import type pg from 'pg'
import { LshError } from '../core/errors.js'
import type { Store } from './connect.js'
import { mendIndexes, type IndexComplaint } from './mend-indexes.js'
import { MIGRATIONS_TABLE, migrationsSchema, withMigrations } from './migration-files.js'
import { sqlFiles, sqlVersion, vectorSchema } from './sql-files.js'

const KEY = `pg_catalog.hashtext('pg-lsh migrate'::text)`
const LOCK = `select pg_catalog.pg_advisory_lock(${KEY})`
const UNLOCK = `select pg_catalog.pg_advisory_unlock(${KEY})`
/** The oldest PostgreSQL with `bit_count` and standard function bodies as they are used here. */
export const POSTGRESQL_MINIMUM = '15'
/** The oldest pgvector that has all the functions in use. */
export const PGVECTOR_MINIMUM = '0.8'

export interface MigrationReport {
  /** Names of the migrations that ran now. */
  readonly applied: string[]
  /** Whether the functions and views were installed again. */
  readonly installed: boolean
  /** Indexes that do not fit their tables any more, and that somebody has to look after. (Absent where there are none.) */
  readonly unmended?: readonly IndexComplaint[]
}

/**
 * Brings a database to this version: the extension, the migrations not yet run in one transaction,
 * then all of `sql/` in name order in another, and the indexes whose tables have changed. Safe to repeat, and to run
 * twice at once.
 *
 * @throws LshError `database` where pgvector is missing or too old.
 */
export async function migrate(
  store: Store,
  options: { direction?: 'up' | 'down' } = {},
): Promise<MigrationReport> {
  const report = await migrateOn(await store.pool.connect(), options.direction ?? 'up')
  await store.learnTypes()
  return report
}

async function migrateOn(
  client: pg.PoolClient,
  direction: 'up' | 'down',
): Promise<MigrationReport> {
  let broken: Error | undefined
  try {
    // One migration at a time, the extension included; released with the connection at the latest.
    await client.query(LOCK)
    await requireVector(client)
    const schema = (await vectorSchema(client)) as string
    const accounts = await migrationsSchema(client)
    // Or a function that somebody has planted in another schema might be taken for PostgreSQL's own.
    await client.query('set search_path = pg_catalog, pg_temp')
    const applied = await withMigrations(schema, (dir) =>
      runner({
        dbClient: client,
        dir,
        direction,
        ...(direction === 'down' ? { count: Infinity } : {}),
        migrationsSchema: accounts,
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
    // A connection that cannot even unlock is thrown away, and its lock with it.
    await client.query(`reset search_path; ${UNLOCK}`).catch((cause: unknown) => {
      broken = cause as Error
    })
    client.release(broken)
  }
}

/** Whether a version such as `0.8.0` comes before another, part by part. */
export function isOlder(version: string, minimum: string): boolean {
  return version.localeCompare(minimum, undefined, { numeric: true }) < 0
}

async function requireVector(client: pg.PoolClient): Promise<void> {
  try {
    await client.query('create extension if not exists vector')
  } catch (cause) {
    throw new LshError(
      'database',
      `extension pgvector cannot be created: ${(cause as Error).message}`,
      {
        hint: 'Install pgvector on the server (Debian: postgresql-17-pgvector), or let its owner run "create extension vector".',
        cause,
      },
    )
  }
  const { rows } = await client.query<{ extversion: string }>(
    `select extversion from pg_catalog.pg_extension where extname = 'vector'`,
  )
  const version = rows[0]?.extversion ?? ''
  if (isOlder(version, PGVECTOR_MINIMUM)) {
    throw new LshError(
      'database',
      `pgvector ${version} is too old, ${PGVECTOR_MINIMUM} is needed`,
      {
        hint: 'Upgrade the package, then run "alter extension vector update".',
      },
    )
  }
}

/** The re-runnable part, skipped when exactly these files stand in the database already. */
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
    await client.query('rollback')
    throw error
  }
}

/** Version of the functions in a database, `null` where there are none. */
export async function installedSqlVersion(client: pg.Pool | pg.PoolClient): Promise<string | null> {
  const { rows } = await client.query<{ version: string | null }>(
    `select pg_catalog.substring(pg_catalog.obj_description(pg_catalog.to_regnamespace('lsh'::text), 'pg_namespace'::name), 'sql ([0-9a-f]+)$'::text) as version`,
  )
  return rows[0]?.version ?? null
}
