import pg from 'pg'
import { LshError } from '../../core/errors.js'
import { vectorSchema } from './sql-files.js'

/** The oldest PostgreSQL with `bit_count` and standard function bodies as they are used here. */
export const POSTGRESQL_MINIMUM = '15'
/** The oldest pgvector that has all the functions in use. */
export const PGVECTOR_MINIMUM = '0.8'

/** Whether a version such as `0.8.0` comes before another, part by part. */
export function isOlder(version: string, minimum: string): boolean {
  return version.localeCompare(minimum, undefined, { numeric: true }) < 0
}

/**
 * Prepares a session for migrations: creates pgvector if necessary, and restricts the search path to the schema of
 * PostgreSQL, so that objects that another role has planted elsewhere are not used. Returns the schema of pgvector,
 * quoted if necessary.
 *
 * @throws LshError `database` if PostgreSQL or pgvector is missing or too old
 */
export async function prepareSession(client: pg.PoolClient): Promise<string> {
  const { rows } = await client.query<{ server: string; current: string | null }>(
    `select pg_catalog.current_setting('server_version') as server, pg_catalog.current_schema()::text as current`,
  )
  const { server = '', current = null } = rows[0] ?? {}
  if (isOlder(server, POSTGRESQL_MINIMUM)) {
    throw new LshError(
      'database',
      `PostgreSQL ${server} is too old, ${POSTGRESQL_MINIMUM} is needed`,
      { hint: `Upgrade the server to PostgreSQL ${POSTGRESQL_MINIMUM} or newer.` },
    )
  }
  // The schema in which this role creates other objects, unless it has none or it is a system schema.
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
      `pgvector ${version} is too old, ${PGVECTOR_MINIMUM} is needed`,
      { hint: 'Upgrade the package, then run "alter extension vector update".' },
    )
  }
}

/** The owner of a schema may replace its objects, and its functions run with the rights of other roles. */
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
    hint: `Let that role run "pg-lsh migrate", or, where it has not installed pg-lsh, drop its schema: drop schema ${first.schema}.`,
  })
}

const NO_SUCH_SCHEMA = '3F000'

function remedyFor(cause: unknown, schema: string): string {
  if ((cause as { code?: string }).code === NO_SUCH_SCHEMA)
    return `Make the schema, "create schema ${pg.escapeIdentifier(schema)}", or put the extension into another: "create extension vector schema …".`
  return 'Install pgvector on the server (Debian: postgresql-17-pgvector), or let its owner run "create extension vector".'
}
