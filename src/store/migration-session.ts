import pg from 'pg'
import { LshError } from '../core/errors.js'

/** The oldest PostgreSQL with `bit_count` and standard function bodies as they are used here. */
export const POSTGRESQL_MINIMUM = '15'
/** The oldest pgvector that has all the functions in use. */
export const PGVECTOR_MINIMUM = '0.8'
/** Where migrations are noted, whatever the search_path is. */
export const MIGRATIONS = { schema: 'public', table: 'pg_lsh_migration' } as const

/** Whether a version such as `0.8.0` comes before another, part by part. */
export function isOlder(version: string, minimum: string): boolean {
  return version.localeCompare(minimum, undefined, { numeric: true }) < 0
}

/**
 * Makes a session ready for migrations: pgvector is there, and its types are found wherever it is, whatever the
 * search_path of database and role.
 *
 * @throws LshError `database` where PostgreSQL or pgvector are missing or too old
 */
export async function prepareSession(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<{ server: string; current: string | null; noted: boolean }>(
    `select pg_catalog.current_setting('server_version') as server,
       pg_catalog.current_schema() as current,
       pg_catalog.to_regnamespace($1) is not null as noted`,
    [MIGRATIONS.schema],
  )
  const { server = '', current = null, noted = false } = rows[0] ?? {}
  if (isOlder(server, POSTGRESQL_MINIMUM)) {
    throw new LshError(
      'database',
      `PostgreSQL ${server} is too old, ${POSTGRESQL_MINIMUM} is needed`,
      { hint: `Upgrade the server to PostgreSQL ${POSTGRESQL_MINIMUM} or newer.` },
    )
  }
  if (!noted) {
    throw new LshError(
      'database',
      `the database has no schema "${MIGRATIONS.schema}", where migrations are noted`,
      {
        hint: `Make it: create schema ${MIGRATIONS.schema}; nobody else needs to have rights in it.`,
      },
    )
  }
  // Where other things of this user go, unless that is nowhere, or a schema of the system.
  const own = current !== null && !current.startsWith('pg_') ? current : MIGRATIONS.schema
  const { version, schema } = await requireVector(client, own)
  if (isOlder(version, PGVECTOR_MINIMUM)) {
    throw new LshError(
      'database',
      `pgvector ${version} is too old, ${PGVECTOR_MINIMUM} is needed`,
      {
        hint: 'Upgrade the package, then run "alter extension vector update".',
      },
    )
  }
  await client.query(
    `select pg_catalog.set_config('search_path', pg_catalog.format('pg_catalog, %I, pg_temp', $1::text), false)`,
    [schema],
  )
}

/** Leaves the session as it was found. */
export async function leaveSession(client: pg.PoolClient): Promise<void> {
  await client.query('reset search_path')
}

async function requireVector(
  client: pg.PoolClient,
  schema: string,
): Promise<{ version: string; schema: string }> {
  try {
    await client.query(
      `create extension if not exists vector with schema ${pg.escapeIdentifier(schema)}`,
    )
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
  const { rows } = await client.query<{ version: string; schema: string }>(
    `select extversion as version, nspname as schema
     from pg_catalog.pg_extension
       join pg_catalog.pg_namespace on pg_namespace.oid = pg_extension.extnamespace
     where extname = 'vector'`,
  )
  return rows[0] ?? { version: '', schema }
}
