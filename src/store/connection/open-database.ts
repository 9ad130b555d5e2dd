import type { Kysely, PostgresPoolClient } from 'kysely'
import { createHash } from 'node:crypto'
import type pg from 'pg'
import { assertFlag, assertOptions, assertRecord } from '../../core/arguments.js'
import { LshError } from '../../core/errors.js'
import { findVectorTypes, kyselyOn, openStore } from './connect.js'
import type { Database } from './database.js'
import { isPgError, reasonOf } from './errors.js'
import { assertDatabase, assertPool } from './handles.js'
import { hearLostConnections } from './lost-connections.js'
import { parsePlace } from './place.js'
import { BIT_OID, parseBits, parseVector } from './types.js'
import { vectorParameters } from './vector-parameters.js'

/** Location of a database: a URL, a directory of the embedded engine, or an open pool. */
export type DatabasePlace = { url: string } | { dataDir: string } | { pool: pg.Pool }

export interface OpenDatabaseOptions {
  /**
   * Sends searches as named prepared statements, so that the server plans each text once per connection. This saves
   * about a millisecond on each further search. Do not use it behind a pooler that sends each statement to another
   * session. After you add or change columns of a searched table, open the database again. (Default: false)
   */
  prepare?: boolean
}

/**
 * Opens a database for typed queries, with vectors read and written as `Float32Array` and codes as `BitCode`.
 *
 * ```ts
 * const db = await openDatabase<{ 'space.ct_shallow': Features<256> }>({ url })
 * …
 * await db.destroy()
 * ```
 *
 * `Tables` are your own tables; those of pg-lsh are added. `destroy` closes what this function opened; a given pool
 * stays open.
 *
 * @throws LshError `database` if it cannot be reached or the directory holds none, `locked` if the directory is in use.
 */
export async function openDatabase<Tables = unknown>(
  place: DatabasePlace,
  options: OpenDatabaseOptions = {},
): Promise<Kysely<Database & Tables>> {
  assertOptions(options, ['prepare'])
  assertFlag('prepare', options.prepare)
  const { pool, close } = await openPool(place)
  const connect = options.prepare
    ? async () => preparing(await pool.connect())
    : () => pool.connect()
  try {
    await readVectorTypes(pool)
    const db = kyselyOn<Tables>({ connect, end: close, options: pool.options })
    // Kysely only closes a pool that it has used: without this, "destroy" would leave an unused pool open.
    await db.connection().execute(() => Promise.resolve())
    return db
  } catch (error) {
    await close()
    throw error
  }
}

const WHERE = 'Give one of { url }, { dataDir } and { pool }.'

async function openPool(
  place: DatabasePlace,
): Promise<{ pool: pg.Pool; close: () => Promise<void> }> {
  assertRecord('the place of the database', place, WHERE)
  const named = Object.keys(place)
  if (named.length !== 1 || !['url', 'dataDir', 'pool'].includes(named[0] as string))
    throw new LshError('bad_usage', 'the location of the database is ambiguous', { hint: WHERE })
  if ('pool' in place) {
    assertPool(place.pool)
    // Kysely would close the caller's pool.
    return { pool: place.pool, close: () => Promise.resolve() }
  }
  const [text, kind] =
    'url' in place ? [place.url, 'server' as const] : [place.dataDir, 'directory' as const]
  if (parsePlace(text).kind !== kind)
    throw new LshError('bad_usage', MISTAKEN[kind], {
      hint: 'Write { url } for postgres://…, and { dataDir } for a directory.',
    })
  return openStore(text, { create: false })
}

/** Messages for a text of the other kind than the expected one. */
const MISTAKEN = {
  server: '{ url } names a directory',
  directory: '{ dataDir } is a URL',
} as const

/** Pattern of the statements that are searches. */
const SEARCH = /\blsh\.nearest\(/

/** A connection that sends searches as named prepared statements. */
function preparing(client: pg.PoolClient): PostgresPoolClient {
  const query = (text: unknown, values?: unknown[]) =>
    typeof text === 'string' && SEARCH.test(text)
      ? client.query({ name: statementName(text), text, values: values ?? [] })
      : client.query(text as string, values)
  return {
    query: query as unknown as PostgresPoolClient['query'],
    release: (destroy?: boolean) => client.release(destroy),
  }
}

/** A name for a prepared statement that depends only on its text. */
export function statementName(text: string): string {
  return `lsh_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`
}

/**
 * Adds the types of pgvector and the tables of pg-lsh to an existing Kysely and its pool.
 *
 * ```ts
 * const pool = new pg.Pool({ connectionString: url })
 * const db = await withLsh(new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }), pool)
 * ```
 *
 * @throws LshError `database` if pgvector is not installed.
 */
export async function withLsh<Tables>(
  db: Kysely<Tables>,
  pool: pg.Pool,
): Promise<Kysely<Database & Tables>> {
  assertDatabase(db)
  assertPool(pool)
  await readVectorTypes(pool)
  return db.withPlugin(vectorParameters) as unknown as Kysely<Database & Tables>
}

const poolsWithVectors = new WeakSet<pg.Pool>()

/** Registers parsers for the types of pgvector and for `bit` on the connections of a pool. */
async function readVectorTypes(pool: pg.Pool): Promise<void> {
  if (poolsWithVectors.has(pool)) return
  hearLostConnections(pool)
  const vectorOids = await findVectorTypes(pool).catch((cause: unknown) => {
    if (isPgError(cause)) throw cause
    throw new LshError('database', `no connection to the database: ${reasonOf(cause)}`, {
      hint: 'Check that the server runs, and to which host and port the pool connects.',
      cause,
    })
  })
  if (vectorOids.length === 0) {
    throw new LshError('database', 'the database has no type "vector"', {
      hint: 'Run "pg-lsh migrate" on it first.',
    })
  }
  poolsWithVectors.add(pool)
  // For each connection and not for the process, because the oids of the types differ between databases.
  pool.on('acquire', (client) => {
    const types: TypeRegistry = client
    for (const oid of vectorOids) types.setTypeParser(oid, parseVector)
    types.setTypeParser(BIT_OID, parseBits)
  })
}

interface TypeRegistry {
  setTypeParser(oid: number, parse: (text: string) => unknown): void
}
