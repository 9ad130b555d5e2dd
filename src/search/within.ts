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
  /** Euclidean distance up to which rows are found, at least 0; 0 finds rows that equal the vector. */
  radius: number
  /** Rows to return at most, the nearest. (Default: all) */
  maxRows?: number
  /** Keys that are never returned. (Default: none) */
  exclude?: readonly (string | number)[]
}

/**
 * All rows of a hashed table at most `radius` away, the nearest first: `select * from lsh.within($1, $2, …) as found`.
 * None is missed, so conditions may come afterwards: join the table, and filter what was found.
 *
 * ```ts
 * const copies = await within(db, vector, { index: 'document', radius: 0.05 }).execute()
 * ```
 *
 * @throws LshError `bad_usage` for a radius that is negative or no number, `bad_input` when the vector holds NaN or an
 *   infinite value. Executed, it fails with SQLSTATE `LSH01` where there is no index.
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
