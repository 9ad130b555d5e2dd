import type { PGlite } from '@electric-sql/pglite'
import { Kysely, PostgresDialect, type PostgresPool } from 'kysely'
import pg from 'pg'
import { assertOptions } from '../../core/arguments.js'
import { LshError } from '../../core/errors.js'
import { copyFile, copyRows, readFile } from './copy.js'
import type { CopyRow, CopyTarget } from './copy-format.js'
import type { Database } from './database.js'
import { openEmbedded } from './embedded.js'
import { hearLostConnections, LastingCursor } from './lost-connections.js'
import { isPgError, reasonOf } from './errors.js'
import { pgHint } from './pg-hints.js'
import { parsePlace } from './place.js'
import { typeParsers, type TypeParsers } from './types.js'
import { vectorParameters } from './vector-parameters.js'

/** The handle for the work of one transaction. */
export interface Transaction {
  readonly db: Kysely<Database>
  /** Streams rows into a table by binary COPY; returns their number. */
  readonly copy: (target: CopyTarget, rows: Iterable<CopyRow>) => Promise<number>
  /** The same for rows that are already in the binary COPY format. */
  readonly copyFile: (
    target: CopyTarget,
    rows: Iterable<Buffer> | AsyncIterable<Buffer>,
  ) => Promise<void>
  /** The rows of a query in the binary COPY format, in chunks of any length. */
  readonly readFile: (query: string) => AsyncIterable<Buffer>
}

/** An open database, of either engine. */
export interface Store {
  readonly engine: 'embedded' | 'server'
  /** Directory, or URL without password. */
  readonly location: string
  readonly pool: pg.Pool
  readonly db: Kysely<Database>
  /**
   * Commits when `work` resolves, rolls back when it throws. On the embedded engine, use only the handle inside `work`.
   */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>
  /**
   * Looks up the types of pgvector, so that vectors are read as numbers. Call it again after the extension was created.
   */
  learnTypes(): Promise<void>
  /** May be called again. */
  close(): Promise<void>
}

export interface OpenStoreOptions {
  /** Creates an embedded database if the directory holds none. (Default: true) */
  create?: boolean
}

/**
 * Opens the database that a URL (`postgres://…`) or a directory names.
 *
 * @throws LshError `database` if it cannot be reached, `locked` if the directory is in use, `bad_usage` for anything
 *   else, such as the URL of another database, a file, or a directory with other content.
 */
export async function openStore(place: string, options: OpenStoreOptions = {}): Promise<Store> {
  assertOptions(options, ['create'])
  const types = typeParsers()
  const parsed = parsePlace(place)
  const store =
    parsed.kind === 'server'
      ? await openServer(parsed.url, types)
      : await openDirectory(parsed.directory, types, options.create ?? true)
  try {
    await store.learnTypes()
  } catch (error) {
    await store.close()
    throw error
  }
  return store
}

async function learnTypes(pool: pg.Pool, types: TypeParsers): Promise<void> {
  types.setVectors(await findVectorTypes(pool))
}

/**
 * Oids of pgvector's types `vector` and `halfvec`. They differ between databases, and do not exist before the extension
 * is created.
 */
export async function findVectorTypes(pool: pg.Pool): Promise<readonly number[]> {
  const { rows } = await pool.query<{ oid: number }>(
    `select pg_type.oid::int
     from pg_catalog.pg_type
       join pg_catalog.pg_depend on pg_depend.objid = pg_type.oid and pg_depend.deptype = 'e'
       join pg_catalog.pg_extension on pg_extension.oid = pg_depend.refobjid
     where pg_extension.extname = 'vector' and pg_type.typname in ('vector', 'halfvec')`,
  )
  return rows.map(({ oid }) => oid)
}

async function openDirectory(
  directory: string,
  types: TypeParsers,
  create: boolean,
): Promise<Store> {
  const embedded = await openEmbedded(directory, types, create)
  return assemble('embedded', directory, types, embedded.pool, embedded.close, embedded.engine)
}

async function openServer(url: string, types: TypeParsers): Promise<Store> {
  const location = withoutPassword(url)
  const pool = new pg.Pool({
    connectionString: url,
    types,
    application_name: 'pg-lsh',
    // Detects a server that disappeared while a result is pending.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  })
  hearLostConnections(pool)
  try {
    await pool.query('select 1')
  } catch (cause) {
    await pool.end()
    throw new LshError('database', `no connection to ${location}: ${reasonOf(cause)}`, {
      hint: isPgError(cause)
        ? pgHint(cause)
        : 'Check the URL and that the server runs; without --db and DATABASE_URL an embedded database is used.',
      cause,
    })
  }
  return assemble('server', location, types, pool, () => pool.end())
}

function assemble(
  engine: Store['engine'],
  location: string,
  types: TypeParsers,
  pool: pg.Pool,
  close: () => Promise<void>,
  pglite?: PGlite,
): Store {
  let closed: Promise<void> | undefined
  return {
    engine,
    location,
    pool,
    db: kyselyOn(pool),
    learnTypes: () => learnTypes(pool, types),
    transaction: (work) => runTransaction(pool, pglite, work),
    close: () => (closed ??= close()),
  }
}

async function runTransaction<T>(
  pool: pg.Pool,
  pglite: PGlite | undefined,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query('begin')
    const connection = pglite ?? client
    const result = await work({
      db: boundTo(client),
      copy: (target, rows) => copyRows(connection, target, rows),
      copyFile: (target, rows) => copyFile(connection, target, rows),
      readFile: (query) => readFile(connection, query),
    })
    await client.query('commit')
    return result
  } catch (error) {
    // A connection that cannot roll back is discarded with its transaction.
    await client.query('rollback').catch((cause: unknown) => {
      broken = cause as Error
    })
    throw error
  } finally {
    client.release(broken)
  }
}

/** Kysely on the connection that holds the transaction; Kysely must not release it. */
function boundTo(client: pg.PoolClient): Kysely<Database> {
  const connection = { query: client.query.bind(client), release: () => undefined }
  const connect = () => Promise.resolve(connection)
  return kyselyOn({ connect, end: () => Promise.resolve(), options: {} })
}

/** Kysely on a pool, or on an object like one. Since 0.29 it reads the pool's options to cancel a query. */
export function kyselyOn<Tables>(
  pool: PostgresPool & { options: object },
): Kysely<Database & Tables> {
  return new Kysely({
    dialect: new PostgresDialect({ pool, cursor: LastingCursor }),
    plugins: [vectorParameters],
  })
}

/** @throws LshError `bad_usage`, without a cause, which would show the URL with its password */
function withoutPassword(url: string): string {
  if (!URL.canParse(url)) {
    throw new LshError('bad_usage', 'the URL of the database cannot be read', {
      hint: 'Write it as postgres://user:password@host:5432/database, with special characters percent-encoded.',
    })
  }
  const parsed = new URL(url)
  parsed.password = ''
  parsed.searchParams.delete('password')
  return parsed.toString()
}
