import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { runner } from 'node-pg-migrate'
import type pg from 'pg'
import { assertOneOf, assertOptions, refuseArgument } from '../core/arguments.js'
import { LshError } from '../core/errors.js'
import type { Store } from './connect.js'
import { assertStore } from './handles.js'
import { watchLockWaits, type LockWait } from './lock-waits.js'
import { leaveSession, MIGRATIONS, prepareSession } from './migration-session.js'

const ROOT = new URL('../../', import.meta.url)
const FOLDER = fileURLToPath(new URL('migrations', ROOT))
const LOCK = `select pg_catalog.pg_advisory_lock(pg_catalog.hashtext('pg-lsh migrate'))`
const UNLOCK = `select pg_catalog.pg_advisory_unlock(pg_catalog.hashtext('pg-lsh migrate'))`

export interface MigrationReport {
  /** Names of the migrations that ran now. */
  readonly applied: string[]
  /** Whether the functions and views were installed again. */
  readonly installed: boolean
}

export interface MigrateOptions {
  /** Down removes everything again, data included. (Default: 'up') */
  direction?: 'up' | 'down'
  /** Told now and then what it waits for, and who holds that; `describeLockWait` puts it into words. (Default: nobody is told) */
  onWait?: (wait: LockWait) => void
}

/**
 * Brings a database to this version: the extension, the migrations not yet run in one transaction,
 * then all of `sql/` in name order in another. Safe to repeat, and to run twice at once.
 *
 * @throws LshError `database` where PostgreSQL or pgvector are missing or too old, or the database is of a newer version.
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
    refuseArgument('onWait', onWait, 'a function', 'It is told of waits: (wait) => ….')
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
    // One migration at a time, the extension included; released with the connection at the latest.
    await client.query(LOCK)
    await prepareSession(client)
    await refuseNewer(client)
    const applied = await runner({
      dbClient: client,
      dir: FOLDER,
      direction,
      ...(direction === 'down' ? { count: Infinity } : {}),
      migrationsTable: MIGRATIONS.table,
      migrationsSchema: MIGRATIONS.schema,
      singleTransaction: true,
      noLock: true,
      log: () => undefined,
    })
    const installed = direction === 'down' ? false : await installSql(client)
    return { applied: applied.map((migration) => migration.name), installed }
  } finally {
    // A connection that cannot even unlock is thrown away, and its lock with it.
    await leaveSession(client)
      .then(() => client.query(UNLOCK))
      .catch((cause: unknown) => {
        broken = cause as Error
      })
    client.release(broken)
  }
}

/** @throws LshError `database` for a database of a newer version of this package: older functions would not fit it. */
async function refuseNewer(client: pg.PoolClient): Promise<void> {
  const [applied, newest] = [await appliedMigration(client), await newestMigration()]
  if (applied === null || applied <= newest) return
  throw new LshError('database', `the database is of a newer pg-lsh: it has ${applied}`, {
    hint: 'Upgrade this one: "npm install pg-lsh@latest".',
  })
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
    // Of a connection that is lost there is nothing to roll back, and its own error tells more.
    await client.query('rollback').catch(() => undefined)
    throw error
  }
}

/** Version of the functions in a database, `null` where there are none. */
export async function installedSqlVersion(client: pg.Pool | pg.PoolClient): Promise<string | null> {
  const { rows } = await client.query<{ version: string | null }>(
    `select substring(
       pg_catalog.obj_description(pg_catalog.to_regnamespace('lsh'), 'pg_namespace') from 'sql ([0-9a-f]+)$') as version`,
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
export async function appliedMigration(client: pg.Pool | pg.PoolClient): Promise<string | null> {
  // The search_path may lead to another table of that name, or to none.
  const table = `${MIGRATIONS.schema}.${MIGRATIONS.table}`
  const { rows } = await client.query<{ present: boolean }>(
    `select pg_catalog.to_regclass($1) is not null as present`,
    [table],
  )
  if (!rows[0]?.present) return null
  const newest = await client.query<{ name: string }>(
    `select name from ${table} order by id desc limit 1`,
  )
  return newest.rows[0]?.name ?? null
}

/** Name of the newest migration that this package brings. */
export async function newestMigration(): Promise<string> {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.sql')).sort()
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
