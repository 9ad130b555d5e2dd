import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { runner } from 'node-pg-migrate'
import type pg from 'pg'
import { assertOneOf, assertOptions } from '../core/arguments.js'
import { LshError } from '../core/errors.js'
import type { Store } from './connect.js'
import { assertStore } from './handles.js'

const ROOT = new URL('../../', import.meta.url)
const MIGRATIONS = fileURLToPath(new URL('migrations', ROOT))
const MIGRATIONS_TABLE = 'pg_lsh_migration'
const LOCK = `select pg_advisory_lock(hashtext('pg-lsh migrate'))`
const UNLOCK = `select pg_advisory_unlock(hashtext('pg-lsh migrate'))`
/** The oldest PostgreSQL with `bit_count` and standard function bodies as they are used here. */
export const POSTGRESQL_MINIMUM = '15'
/** The oldest pgvector that has all the functions in use. */
export const PGVECTOR_MINIMUM = '0.8'

export interface MigrationReport {
  /** Names of the migrations that ran now. */
  readonly applied: string[]
  /** Whether the functions and views were installed again. */
  readonly installed: boolean
}

/**
 * Brings a database to this version: the extension, the migrations not yet run in one transaction,
 * then all of `sql/` in name order in another. Safe to repeat, and to run twice at once.
 *
 * @throws LshError `database` where pgvector is missing or too old.
 */
export async function migrate(
  store: Store,
  options: { direction?: 'up' | 'down' } = {},
): Promise<MigrationReport> {
  assertStore(store)
  assertOptions(options, ['direction'])
  assertOneOf('direction', options.direction, ['up', 'down'])
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
    const applied = await runner({
      dbClient: client,
      dir: MIGRATIONS,
      direction,
      ...(direction === 'down' ? { count: Infinity } : {}),
      migrationsTable: MIGRATIONS_TABLE,
      singleTransaction: true,
      noLock: true,
      log: () => undefined,
    })
    const installed = direction === 'down' ? false : await installSql(client)
    return { applied: applied.map((migration) => migration.name), installed }
  } finally {
    // A connection that cannot even unlock is thrown away, and its lock with it.
    await client.query(UNLOCK).catch((cause: unknown) => {
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
    `select extversion from pg_extension where extname = 'vector'`,
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
async function installSql(client: pg.PoolClient): Promise<boolean> {
  const version = await sqlVersion()
  if ((await installedSqlVersion(client)) === version) return false
  await client.query('begin')
  try {
    for (const { sql } of await sqlFiles()) await client.query(sql)
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
    `select substring(obj_description(to_regnamespace('lsh'), 'pg_namespace') from 'sql ([0-9a-f]+)$') as version`,
  )
  return rows[0]?.version ?? null
}

/** Version of the functions that this package brings. */
export async function sqlVersion(): Promise<string> {
  const hash = createHash('sha256')
  for (const { name, sql } of await sqlFiles()) hash.update(`${name}\0${sql}\0`)
  return hash.digest('hex').slice(0, 16)
}

/** Name of the newest migration in a database, `null` where none ran. */
export async function appliedMigration(client: pg.Pool): Promise<string | null> {
  const { rows } = await client.query<{ present: boolean }>(
    `select to_regclass($1) is not null as present`,
    [MIGRATIONS_TABLE],
  )
  if (!rows[0]?.present) return null
  const newest = await client.query<{ name: string }>(
    `select name from ${MIGRATIONS_TABLE} order by id desc limit 1`,
  )
  return newest.rows[0]?.name ?? null
}

/** Name of the newest migration that this package brings. */
export async function newestMigration(): Promise<string> {
  const names = (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql')).sort()
  return (names.at(-1) ?? '').replace(/\.sql$/, '')
}

async function sqlFiles(): Promise<{ name: string; sql: string }[]> {
  const files: { name: string; sql: string }[] = []
  for (const folder of ['sql/lsh', 'sql/cbir']) {
    const names = (await readdir(new URL(folder, ROOT)))
      .filter((name) => name.endsWith('.sql'))
      .sort()
    for (const name of names) {
      files.push({
        name: `${folder}/${name}`,
        sql: await readFile(new URL(`${folder}/${name}`, ROOT), 'utf8'),
      })
    }
  }
  return files
}
