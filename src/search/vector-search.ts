import { sql } from 'kysely'
import { assertNumbers, assertOptions, assertText } from '../core/arguments.js'
import type { Database, Queryable } from '../store/connection/database.js'
import { ourTables } from '../store/connection/handles.js'
import { assertCounts, assertKeys } from './asserted-query.js'
import { vectorParameter } from './nearest-arguments.js'
import type { Neighbour } from './neighbour.js'

export interface VectorSearchOptions {
  /** Name of the hash index. */
  index: string
  /** Neighbours to return. (Default: 10) */
  k?: number
  /** Codes re-ranked by exact distance; 0 to read no vectors, and return the distances that codes estimate. (Default: the index's) */
  candidates?: number
  /** Buckets visited at first. (Default: the index's) */
  probes?: number
  /** Keys that are never returned. (Default: none) */
  exclude?: readonly (string | number)[]
}

/** A row that was found, by its key as text; `estimated` as with `candidates: 0`. */
export type SearchRow = Omit<Neighbour<string>, 'estimated'> & { estimated: boolean }

const ASKED = ['index', 'k', 'exclude'] as const

/** @throws LshError `bad_usage` for arguments of other types, from callers without types */
function assertIndexSearch(
  vector: unknown,
  options: VectorSearchOptions,
  names: readonly string[],
): void {
  assertNumbers('the vector', vector)
  assertOptions(options, names)
  const { index, k, candidates, probes, exclude } = options
  assertText('the index', index, 'Name it: "select name, relation from lsh.index" lists them.')
  assertCounts({ k, candidates, probes })
  if (exclude !== undefined) assertKeys('exclude', exclude)
}

/**
 * Finds the nearest rows of any hashed table: `select * from lsh.search($1, $2, …) as found`.
 *
 * @throws LshError `bad_input` when the vector holds NaN or an infinite value.
 */
export function search<DB extends Database>(
  db: Queryable<DB>,
  vector: ArrayLike<number>,
  options: VectorSearchOptions,
) {
  assertIndexSearch(vector, options, [...ASKED, 'candidates', 'probes'])
  const { index, k = 10, candidates = null, probes = null, exclude = [] } = options
  const found = sql<SearchRow>`lsh.search(${index}::text, ${vectorParameter(Float32Array.from(vector))}, k => ${k}::int,
    candidates => ${candidates}::int, probes => ${probes}::int, exclude => ${exclude.map(String)}::text[])`
  return ourTables(db).selectFrom(found.as('found')).selectAll()
}

/**
 * Finds the truly nearest rows: `select * from lsh.search_exact($1, $2, …) as found`.
 *
 * @throws LshError `bad_input` when the vector holds NaN or an infinite value.
 */
export function searchExact<DB extends Database>(
  db: Queryable<DB>,
  vector: ArrayLike<number>,
  options: Pick<VectorSearchOptions, 'index' | 'k' | 'exclude'>,
) {
  assertIndexSearch(vector, options, ASKED)
  const { index, k = 10, exclude = [] } = options
  const found = sql<
    Omit<Neighbour<string>, 'hamming' | 'estimated'>
  >`lsh.search_exact(${index}::text, ${vectorParameter(Float32Array.from(vector))},
    k => ${k}::int, exclude => ${exclude.map(String)}::text[])`
  return ourTables(db).selectFrom(found.as('found')).selectAll()
}
