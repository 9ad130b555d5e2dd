import pg from 'pg'
import { LshError } from '../../core/errors.js'
import { vectorSchema } from './sql-files.js'

/** The oldest PostgreSQL with `bit_count` and SQL-standard function bodies as they are used here. */
export const POSTGRESQL_MINIMUM = '15'
/** The oldest pgvector that has all the functions in use. */
export const PGVECTOR_MINIMUM = '0.8'

/** Whether a version such as `0.8.0` is older than another, compared part by part. */
export function isOlder(version: string, minimum: string): boolean {
  return version.localeCompare(minimum, undefined, { numeric: true }) < 0
}

/**
 * Prepares a session for migrations: creates pgvector if necessary, and restricts the search path to `pg_catalog`, so
 * that no object that another role has planted in another schema is used. Returns the schema of pgvector, quoted if
 * necessary.
 *
 * @throws LshError `database` if PostgreSQL is too old, pgvector is missing or too old, or another role owns a schema
 *   of pg-lsh
 */
export async function prepareSession(client: pg.PoolClient): Promise<string> {
  const { rows } = await client.query<{ server: string; current: string | null }>(
    `select pg_catalog.current_setting('server_version') as server, pg_catalog.current_schema()::text as current`,
  )
  const { server = '', current = null } = rows[0] ?? {}
  if (isOlder(server, POSTGRESQL_MINIMUM)) {
    throw new LshError(
      'database',
      `PostgreSQL ${server} is too old, pg-lsh needs ${POSTGRESQL_MINIMUM}`,
      { hint: `Upgrade the server to PostgreSQL ${POSTGRESQL_MINIMUM} or newer.` },
    )
  }
  // The schema in which this role creates objects by default, unless there is none or it is a system schema.
  const own = current !== null && !current.startsWith('pg_') ? current : 'public'
  await requireVector(client, own)
  await client.query('set search_path = pg_catalog, pg_temp')
  await refuseStrangers(client)
  return (await vectorSchema(client)) as string
}

/** Restores the settings of the session. */
export async function leaveSession(client: pg.PoolClient): Promise<void> {
  await client.query('reset search_path')
}

async function requireVector(client: pg.PoolClient, schema: string): Promise<void> {
  try {
    await client.query(
      `create extension if not exists vector with schema ${pg.escapeIdentifier(schema)}`,
    )
  } catch (cause) {
    throw new LshError(
      'database',
      `extension pgvector cannot be created: ${(cause as Error).message}`,
      { hint: remedyFor(cause, schema), cause },
    )
  }
  const { rows } = await client.query<{ extversion: string }>(
    `select extversion from pg_catalog.pg_extension where extname = 'vector'`,
  )
  const version = rows[0]?.extversion ?? ''
  if (isOlder(version, PGVECTOR_MINIMUM)) {
    throw new LshError(
      'database',
      `pgvector ${version} is too old, pg-lsh needs ${PGVECTOR_MINIMUM}`,
      { hint: 'Upgrade the package, then run "alter extension vector update".' },
    )
  }
}

/**
 * Refuses schemas of pg-lsh that belong to another role: their owner could replace functions that run with the rights
 * of other roles.
 */
async function refuseStrangers(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<{ schema: string; owner: string }>(
    `select nspname as schema, pg_get_userbyid(nspowner) as owner
     from pg_namespace
     where nspname = any ($1) and pg_get_userbyid(nspowner) <> current_user
     order by nspname
     limit 1`,
    [['lsh', 'lsh_internal', 'lsh_index', 'cbir', 'space']],
  )
  const [first] = rows
  if (!first) return
  throw new LshError('database', `schema "${first.schema}" belongs to role ${first.owner}`, {
    hint: `Let that role run "pg-lsh migrate". If it did not install pg-lsh, drop its schema: drop schema ${first.schema}.`,
  })
}

const NO_SUCH_SCHEMA = '3F000'

function remedyFor(cause: unknown, schema: string): string {
  if ((cause as { code?: string }).code === NO_SUCH_SCHEMA)
    return `Create the schema, "create schema ${pg.escapeIdentifier(schema)}", or the extension in another one: "create extension vector schema …".`
  return 'Install pgvector on the server (Debian: postgresql-17-pgvector), or let the owner of the database run "create extension vector".'
}
