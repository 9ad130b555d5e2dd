import { sql } from 'kysely'
import type { Database, Queryable } from '../store/database.js'
import { vectorParameter } from './nearest-arguments.js'

export interface VectorSearchOptions {
  /** Name of the hash index. */
  index: string
  /** Neighbours to return. (Default: 10) */
  k?: number
  /** Codes re-ranked by exact distance. (Default: the index's) */
  candidates?: number
  /** Buckets visited at first. (Default: the index's) */
  probes?: number
  /** Keys that are never returned. (Default: none) */
  exclude?: readonly (string | number)[]
}

/** A row of a hashed table, by its key as text. */
export interface Neighbour {
  key: string
  distance: number
  /** Positions in which the codes differ; null for a row without a code. */
  hamming: number | null
}

/**
 * The nearest rows of any hashed table: `select * from lsh.search($1, $2, …) as found`.
 *
 * @throws LshError `bad_input` when the vector holds NaN or an infinite value.
 */
export function search(
  db: Queryable<Database>,
  vector: ArrayLike<number>,
  options: VectorSearchOptions,
) {
  const { index, k = 10, candidates = null, probes = null, exclude = [] } = options
  const found = sql<Neighbour>`lsh.search(${index}::text, ${vectorParameter(Float32Array.from(vector))}, k => ${k}::int,
    candidates => ${candidates}::int, probes => ${probes}::int, exclude => ${exclude.map(String)}::text[])`
  return db.selectFrom(found.as('found')).selectAll()
}

/**
 * The truly nearest rows: `select * from lsh.search_exact($1, $2, …) as found`.
 *
 * @throws LshError `bad_input` when the vector holds NaN or an infinite value.
 */
export function searchExact(
  db: Queryable<Database>,
  vector: ArrayLike<number>,
  options: Pick<VectorSearchOptions, 'index' | 'k' | 'exclude'>,
) {
  const { index, k = 10, exclude = [] } = options
  const found = sql<
    Omit<Neighbour, 'hamming'>
  >`lsh.search_exact(${index}::text, ${vectorParameter(Float32Array.from(vector))},
    k => ${k}::int, exclude => ${exclude.map(String)}::text[])`
  return db.selectFrom(found.as('found')).selectAll()
}
