import pg from 'pg'
import { LshError } from '../../core/errors.js'
import { suggestName } from '../../core/nearest-name.js'
import type { Store } from './connect.js'
import { isPgError } from './errors.js'

/** Rights that a call granted to, or revoked from, a read-only role. */
export interface ReaderRights {
  readonly role: string
  /** Whether the role was created by this call. */
  readonly created: boolean
  readonly schemas: readonly string[]
  /** Number of tables and views of schema cbir. */
  readonly tables: number
  readonly spaces: readonly string[]
  /** Indexes that the role may now search, or may no longer search. */
  readonly indexes: readonly string[]
}

export interface GrantReaderOptions {
  /** Creates the role if it does not exist, without login and password. (Default: false) */
  create?: boolean
  /** Indexes of other tables that the role may search. (Default: only those of spaces) */
  indexes?: readonly string[]
  /** Called with each warning: the role may also write, may not connect, or the server warns. (Default: none) */
  onWarning?: (message: string, hint: string) => void
}

/**
 * Allows a role, or `public`, to read all existing plans, images and spaces and to search the indexes of spaces, in one
 * transaction. A role that this function creates cannot log in until the administrator allows it.
 *
 * @throws LshError `LSH01` for a role or an index that does not exist, `database` if the caller does not own the schema
 */
export function grantReader(
  store: Store,
  role: string,
  options: GrantReaderOptions = {},
): Promise<ReaderRights> {
  const { create = false, indexes = [], onWarning } = options
  return withRole(store, role, onWarning, async (client) => {
    const created = create && !(await isRole(client, role))
    if (created) await client.query(`create role ${pg.escapeIdentifier(role)} nologin`)
    await client.query('select cbir.grant_reader($1)', [role])
    for (const index of indexes)
      await client.query('select lsh.grant_search($1, $2)', [index, role])
    await warnOfRights(client, role, onWarning)
    return { created, ...(await rightsOf(client, role, indexes)) }
  })
}

/**
 * Revokes the rights that `grantReader` granted; the role stays.
 *
 * @throws LshError as `grantReader`
 */
export function revokeReader(
  store: Store,
  role: string,
  { indexes = [] }: Pick<GrantReaderOptions, 'indexes'> = {},
): Promise<ReaderRights> {
  return withRole(store, role, undefined, async (client) => {
    for (const index of indexes)
      await client.query('select lsh.revoke_search($1, $2)', [index, role])
    await client.query('select cbir.revoke_reader($1)', [role])
    return { created: false, ...(await rightsOf(client, role, indexes)) }
  })
}

/** The used fields of a notice of the server. */
interface Notice {
  readonly severity?: string | undefined
  readonly message?: string | undefined
  readonly hint?: string | undefined
}

/** Runs work in one transaction and reports warnings of the server. */
async function withRole<T>(
  store: Store,
  role: string,
  onWarning: GrantReaderOptions['onWarning'],
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await store.pool.connect()
  const onNotice = ({ severity, message = '', hint = '' }: Notice) => {
    if (severity === 'WARNING') onWarning?.(message, hint)
  }
  client.on('notice', onNotice)
  let broken: Error | undefined
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    // A connection that cannot roll back is discarded with its transaction.
    await client.query('rollback').catch((cause: unknown) => {
      broken = cause as Error
    })
    throw broken ? error : await explained(client, role, error)
  } finally {
    client.off('notice', onNotice)
    client.release(broken)
  }
}

/** Error for an unknown role, with a list of roles, or for missing ownership; returns any other error unchanged. */
async function explained(client: pg.PoolClient, role: string, error: unknown): Promise<unknown> {
  if (!isPgError(error)) return error
  if (error.code === '42501' && error.message.endsWith('schema cbir'))
    return new LshError('database', 'must be owner of schema cbir', {
      hint: `Let role "${await ownerOf(client)}" run this, or a superuser.`,
      cause: error,
    })
  if (error.code !== '42704' || (await isRole(client, role))) return error
  const { rows } = await client.query<{ name: string }>(
    `select rolname as name from pg_catalog.pg_roles where rolname !~ '^pg_'`,
  )
  const known = suggestName(
    role,
    rows.map(({ name }) => name),
  )
  return new LshError('LSH01', `role "${role}" does not exist`, {
    hint: `${known} To create it: pg-lsh grant reader ${role} --create.`,
    cause: error,
  })
}

async function ownerOf(client: pg.PoolClient): Promise<string> {
  const { rows } = await client.query<{ owner: string }>(
    `select pg_catalog.pg_get_userbyid(nspowner)::text as owner from pg_catalog.pg_namespace where nspname = 'cbir'`,
  )
  return rows[0]?.owner ?? ''
}

async function isRole(client: pg.PoolClient, role: string): Promise<boolean> {
  const { rowCount } = await client.query('select from pg_catalog.pg_roles where rolname = $1', [
    role,
  ])
  return rowCount === 1 || role === 'public'
}

/** Warns if the role may change the objects of schema cbir, or may not connect to the database. */
async function warnOfRights(
  client: pg.PoolClient,
  role: string,
  onWarning: GrantReaderOptions['onWarning'],
): Promise<void> {
  if (role === 'public') return
  const { rows } = await client.query<{ writes: boolean; connects: boolean; database: string }>(
    `select pg_catalog.pg_has_role(rolname, owner.nspowner, 'member') as writes,
       pg_catalog.has_database_privilege(rolname, pg_catalog.current_database(), 'connect') as connects,
       pg_catalog.current_database() as database
     from pg_catalog.pg_roles, pg_catalog.pg_namespace as owner
     where rolname = $1 and owner.nspname = 'cbir'`,
    [role],
  )
  const { writes = false, connects = true, database = '' } = rows[0] ?? {}
  if (writes)
    onWarning?.(
      `role "${role}" owns schema cbir, is a member of its owner, or is a superuser, so it may change what it reads`,
      'Use a separate role for readers.',
    )
  if (!connects)
    onWarning?.(
      `role "${role}" may not connect to this database`,
      `Let its owner run "grant connect on database ${pg.escapeIdentifier(database)} to ${pg.escapeIdentifier(role)}".`,
    )
}

async function rightsOf(
  client: pg.PoolClient,
  role: string,
  others: readonly string[],
): Promise<Omit<ReaderRights, 'created'>> {
  const { rows } = await client.query<{ tables: number; spaces: string[]; indexes: string[] }>(
    `select
       (select count(*)::int from pg_catalog.pg_class
        where relnamespace = 'cbir'::regnamespace and relkind in ('r', 'p', 'v', 'm')) as tables,
       array(select name from cbir.space order by name) as spaces,
       array(
         select index.name from lsh.index join pg_catalog.pg_class on pg_class.oid = index.relation
         where relnamespace = 'space'::regnamespace order by index.name) as indexes`,
  )
  const { tables = 0, spaces = [], indexes = [] } = rows[0] ?? {}
  return {
    role,
    schemas: ['cbir', 'space'],
    tables,
    spaces,
    indexes: [...new Set([...indexes, ...others])],
  }
}
