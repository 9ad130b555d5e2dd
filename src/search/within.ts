import { sql } from 'kysely'
import { assertNumbers, assertOptions, assertText } from '../core/arguments.js'
import type { Database, Queryable } from '../store/connection/database.js'
import { ourTables } from '../store/connection/handles.js'
import { assertCount, assertKeys } from './asserted-query.js'
import { assertRadius } from './asserted-radius.js'
import { vectorParameter } from './nearest-arguments.js'
import type { Neighbour } from './neighbour.js'

export interface WithinOptions {
  /** Name of the hash index. */
  index: string
  /** Maximum Euclidean distance of a row, at least 0; 0 finds rows that equal the vector. */
  radius: number
  /** Maximum number of rows, the nearest. (Default: all) */
  maxRows?: number
  /** Keys that are never returned. (Default: none) */
  exclude?: readonly (string | number)[]
}

/**
 * Finds all rows of a hashed table at most `radius` away, the nearest first: `select * from lsh.within($1, $2, …) as
 * found`. It misses none, so you can join the table and filter the rows afterwards.
 *
 * ```ts
 * const copies = await within(db, vector, { index: 'document', radius: 0.05 }).execute()
 * ```
 *
 * @throws LshError `bad_usage` if the radius is negative or not a number, `bad_input` when the vector holds NaN or an
 *   infinite value. When executed, the query fails with SQLSTATE `LSH01` if there is no index.
 */
export function within<DB extends Database>(
  db: Queryable<DB>,
  vector: ArrayLike<number>,
  options: WithinOptions,
) {
  assertNumbers('the vector', vector)
  assertOptions(options, ['index', 'radius', 'maxRows', 'exclude'])
  const { index, radius, maxRows = null, exclude = [] } = options
  assertText('the index', index, 'Name it: "select name, relation from lsh.index" lists them.')
  assertRadius(radius)
  if (maxRows !== null) assertCount('maxRows', maxRows)
  assertKeys('exclude', exclude)
  const found = sql<
    Omit<Neighbour<string>, 'hamming'>
  >`lsh.within(${index}::text, ${vectorParameter(Float32Array.from(vector))}, ${radius}::float8,
    max_rows => ${maxRows}::int, exclude => ${exclude.map(String)}::text[])`
  return ourTables(db).selectFrom(found.as('found')).selectAll()
}
