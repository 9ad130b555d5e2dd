import type pg from 'pg'
import type { BenchEngine } from '../../../src/cli/bench-engine.js'
import type { Store } from '../../../src/store/connection/connect.js'
import type { Rows } from '../datasets/dataset.js'

/** The table that one method has for itself, and the connection that all its statements go through. */
export interface Subject {
  readonly engine: BenchEngine
  readonly store: Store
  readonly client: pg.PoolClient
  readonly schema: string
  /** Without schema, fit to name other things after. */
  readonly name: string
  /** With schema: `bench.glove_hnsw_64 (id int primary key, v vector(100), part int)`. */
  readonly table: string
  /** Of the column `v`. */
  readonly type: 'vector' | 'halfvec'
  readonly rows: number
  readonly dims: number
}

/** A row that was found. */
export interface Found {
  readonly id: number | string
}

/** One way to run a query by a statement, a point of the curve. */
export interface Statement {
  /** As it stands in the report: `ef_search=40`. */
  readonly name: string
  /** Said to the session before a block of queries; not part of the latency. */
  readonly session: readonly string[]
  /** Prepared once; returns a column `id`, nearest first. */
  readonly text: string
  /** Parameters for a query vector, which comes in the text form of pgvector too. */
  readonly values: (text: string, vector: Float32Array) => readonly unknown[]
}

/** One way to run a query by what composes and sends a statement of its own. */
export interface Call {
  readonly name: string
  readonly ask: (vector: Float32Array) => Promise<readonly Found[]>
}

export type Setting = Statement | Call

/** Rows to take in. */
export interface NewRows {
  readonly base: Rows
  /** The number of the first one, which is its key. */
  readonly first: number
  readonly count: number
}

/** One way to take in many rows, on a copy of the table that has the index. */
export interface BulkWay {
  readonly name: string
  readonly build: (subject: Subject) => Promise<void>
  /** Rows that come, fewer where it takes long. (Default: 100,000) */
  readonly rows?: number
  /** (Default: COPY of rows that are encoded before the clock runs) */
  readonly load?: (subject: Subject, rows: NewRows) => Promise<void>
  /** Removes what does not go with the table. */
  readonly drop?: (subject: Subject) => Promise<void>
}

/**
 * A method of search. Each has its own copy of the table, so that no other index is at hand to the
 * planner, except one that adds nothing to it.
 */
export interface Method {
  readonly name: string
  /** The method whose table and index this one asks in another way. (Default: its own) */
  readonly of?: Method
  /** Whether the method adds something to the table; otherwise it is run on the plain one. */
  readonly indexed: boolean
  /** Adds all that the method needs; timed. */
  readonly build: (subject: Subject) => Promise<void>
  /** Bytes of all it has added beside the table and its primary key. */
  readonly bytes: (subject: Subject) => Promise<number>
  /** From cheap to dear. */
  readonly settings: (subject: Subject) => readonly Setting[] | Promise<readonly Setting[]>
  /** Asks with nothing set. (Default: there is no such thing) */
  readonly untouched?: (subject: Subject) => Setting | Promise<Setting>
  /** Queries are cut to so many where one takes long. (Default: all) */
  readonly queries?: number
  /** Removes what does not go with the table. */
  readonly drop?: (subject: Subject) => Promise<void>
  /** Tables that change with the rows of the table, to be vacuumed after that. (Default: the table alone) */
  readonly written?: (subject: Subject) => readonly string[]
  /** (Default: COPY into a table with what `build` adds) */
  readonly bulk?: readonly BulkWay[]
}

/** Rows that come in bulk to what takes them one by one. */
export const FEW = 20_000

/** Neighbours that every method is asked for. */
export const K = 10

/** Bytes of all indexes of a table but its primary key. */
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
