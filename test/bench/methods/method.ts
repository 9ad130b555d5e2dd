import type pg from 'pg'
import type { BenchEngine } from '../../../src/cli/bench-engine.js'
import type { Store } from '../../../src/store/connection/connect.js'
import type { Rows } from '../datasets/dataset.js'

/** The table of a method, and the connection for its statements. */
export interface Subject {
  readonly engine: BenchEngine
  readonly store: Store
  readonly client: pg.PoolClient
  readonly schema: string
  /** Name of the table without its schema, from which other names are derived. */
  readonly name: string
  /** With schema: `bench.glove_hnsw_64 (id int primary key, v vector(100), part int)`. */
  readonly table: string
  /** Type of the column `v`. */
  readonly type: 'vector' | 'halfvec'
  readonly rows: number
  readonly dims: number
}

/** A row that was found. */
export interface Found {
  readonly id: number | string
}

/** A setting, a point of the curve, whose queries run as one prepared statement. */
export interface Statement {
  /** Name in the report, such as `ef_search=40`. */
  readonly name: string
  /** Statements that set up the session before a block of queries; not part of the latency. */
  readonly session: readonly string[]
  /** Prepared once; returns a column `id`, nearest first. */
  readonly text: string
  /** Parameters for a query vector, which is also given in the text form of pgvector. */
  readonly values: (text: string, vector: Float32Array) => readonly unknown[]
}

/** A setting whose queries run through a function that builds and sends its own statement. */
export interface Call {
  readonly name: string
  readonly ask: (vector: Float32Array) => Promise<readonly Found[]>
}

export type Setting = Statement | Call

/** Rows to insert. */
export interface NewRows {
  readonly base: Rows
  /** Number of the first row, which is its key. */
  readonly first: number
  readonly count: number
}

/** A way to insert many rows into a copy of the table that has the index. */
export interface BulkWay {
  readonly name: string
  readonly build: (subject: Subject) => Promise<void>
  /** Number of rows, lower for slow ways. (Default: 100,000) */
  readonly rows?: number
  /** (Default: COPY of rows that are encoded before the clock runs) */
  readonly load?: (subject: Subject, rows: NewRows) => Promise<void>
  /** Removes objects that are not dropped with the table. */
  readonly drop?: (subject: Subject) => Promise<void>
}

/**
 * A method of search. Each has its own copy of the table, so that the planner cannot use another index,
 * unless it needs no index at all.
 */
export interface Method {
  readonly name: string
  /** The method whose table and index this one searches in a different way. (Default: its own) */
  readonly of?: Method
  /** Whether the method adds an index; otherwise it uses the plain table. */
  readonly indexed: boolean
  /** Builds the index; the time is measured. */
  readonly build: (subject: Subject) => Promise<void>
  /** Bytes that the method adds to the table and its primary key. */
  readonly bytes: (subject: Subject) => Promise<number>
  /** Settings from cheap to expensive. */
  readonly settings: (subject: Subject) => readonly Setting[] | Promise<readonly Setting[]>
  /** The setting that leaves all options at their defaults. (Default: none) */
  readonly untouched?: (subject: Subject) => Setting | Promise<Setting>
  /** Limit of the number of queries, for slow methods. (Default: all) */
  readonly queries?: number
  /** Removes objects that are not dropped with the table. */
  readonly drop?: (subject: Subject) => Promise<void>
  /** Tables to vacuum after writes to the table. (Default: only the table) */
  readonly written?: (subject: Subject) => readonly string[]
  /** (Default: COPY into a table on which `build` has run) */
  readonly bulk?: readonly BulkWay[]
}

/** Rows for bulk inserts into indexes that process them one by one. */
export const FEW = 20_000

/** Neighbours that every search returns. */
export const K = 10

/** Bytes of all indexes of a table except its primary key. */
export async function indexBytes({ client, table }: Subject): Promise<number> {
  const { rows } = await client.query<{ bytes: number }>(
    `select coalesce(sum(pg_total_relation_size(indexrelid)), 0)::float8 as bytes
     from pg_index
     where indrelid = $1::regclass and not indisprimary`,
    [table],
  )
  return rows[0]?.bytes ?? 0
}

/** The query that pgvector's own indexes answer. */
export function nearestQuery({ table }: Subject): Pick<Statement, 'text' | 'values'> {
  return {
    text: `select id from ${table} order by v <-> $1 limit ${K}`,
    values: (text) => [text],
  }
}
