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

/** Where a database is: a URL, a directory of the embedded engine, or a pool that is open already. */
export type DatabasePlace = { url: string } | { dataDir: string } | { pool: pg.Pool }

export interface OpenDatabaseOptions {
  /**
   * Has the server plan each text of a search once a connection, by a named statement: a millisecond less for each
   * further search. Not behind a pooler that gives each statement another session, and not while columns of the table
   * that is searched are added or changed: open the database anew after that. (Default: false)
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
 * `Tables` are yours, beside those of pg-lsh. `destroy` closes what was opened here: a pool that was given stays open.
 *
 * @throws LshError `database` when it cannot be reached or a directory holds none, `locked` when a directory is in use.
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
    await teach(pool)
    const db = kyselyOn<Tables>({ connect, end: close, options: pool.options })
    // Kysely closes only what it has used: without this, "destroy" leaves a pool open that was asked nothing.
    await db.connection().execute(() => Promise.resolve())
    return db
  } catch (error) {
    await close()
    throw error
  }
}

const WHERE = 'Say one of { url }, { dataDir } and { pool }.'

async function openPool(
  place: DatabasePlace,
): Promise<{ pool: pg.Pool; close: () => Promise<void> }> {
  assertRecord('the place of the database', place, WHERE)
  const named = Object.keys(place)
  if (named.length !== 1 || !['url', 'dataDir', 'pool'].includes(named[0] as string))
    throw new LshError('bad_usage', 'the location of the database is ambiguous', { hint: WHERE })
  if ('pool' in place) {
    assertPool(place.pool)
    // Kysely would end a pool that is not its own.
    return { pool: place.pool, close: () => Promise.resolve() }
  }
  const [text, kind] =
    'url' in place ? [place.url, 'server' as const] : [place.dataDir, 'directory' as const]
  if (parsePlace(text).kind !== kind)
    throw new LshError('bad_usage', `a ${kind} is not opened by ${WRITTEN[kind]}`, {
      hint: 'Write { url } for postgres://…, and { dataDir } for a directory.',
    })
  return openStore(text, { create: false })
}

const WRITTEN = { server: 'a directory', directory: 'a URL' } as const

/** What of all statements is a search. */
const SEARCH = /\blsh\.nearest\(/

/** A connection that names the statements of searches. */
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

/** A name that a text has everywhere. */
export function statementName(text: string): string {
  return `lsh_${createHash('sha256').update(text).digest('hex').slice(0, 24)}`
}

/**
 * Teaches a Kysely of your own, and the pool that it uses, the types of pgvector and the tables of pg-lsh.
 *
 * ```ts
 * const pool = new pg.Pool({ connectionString: url })
 * const db = await withLsh(new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }), pool)
 * ```
 *
 * @throws LshError `database` where pgvector is not installed yet.
 */
export async function withLsh<Tables>(
  db: Kysely<Tables>,
  pool: pg.Pool,
): Promise<Kysely<Database & Tables>> {
  assertDatabase(db)
  assertPool(pool)
  await teach(pool)
  return db.withPlugin(vectorParameters) as unknown as Kysely<Database & Tables>
}

const taught = new WeakSet<pg.Pool>()

/** Has the connections of a pool read the types of pgvector. */
async function teach(pool: pg.Pool): Promise<void> {
  if (taught.has(pool)) return
  hearLostConnections(pool)
  const vectorOids = await findVectorTypes(pool).catch((cause: unknown) => {
    if (isPgError(cause)) throw cause
    throw new LshError('database', `no connection to the database: ${reasonOf(cause)}`, {
      hint: 'Check that the server runs, and where the pool connects to.',
      cause,
    })
  })
  if (vectorOids.length === 0) {
    throw new LshError('database', 'the database has no type "vector"', {
      hint: 'Run "pg-lsh migrate" on it first.',
    })
  }
  taught.add(pool)
  // Of each connection and not of the process: the type has another oid in each database.
  pool.on('acquire', (client) => {
    const types: TypeRegistry = client
    for (const oid of vectorOids) types.setTypeParser(oid, parseVector)
    types.setTypeParser(BIT_OID, parseBits)
  })
}

interface TypeRegistry {
  setTypeParser(oid: number, parse: (text: string) => unknown): void
}
