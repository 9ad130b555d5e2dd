import { sql } from 'kysely'
import { assertOptions, assertText } from '../core/arguments.js'
import type { Database, Queryable } from '../store/connection/database.js'
import { ourTables } from '../store/connection/handles.js'
import { assertRadius } from './asserted-radius.js'
import { assertCount } from './asserted-query.js'

export interface PairsOptions {
  /** Name of the hash index. */
  index: string
  /** Maximum Euclidean distance of a pair, at least 0. */
  radius: number
  /** Name of the index of another table, whose rows are `b`. (Default: pairs within the table) */
  other?: string
  /** The statement fails if there are more pairs. (Default: 1,000,000) */
  maxPairs?: number
}

/** Two rows near each other, by their keys as text. */
export interface Pair {
  a: string
  b: string
  distance: number
}

/**
 * All pairs of rows at most `radius` apart, each once, in no order: `select * from lsh.pairs($1, $2, …) as pair`.
 *
 * ```ts
 * const copies = await pairs(db, { index: 'document', radius: 0.05 }).orderBy('distance').execute()
 * ```
 *
 * @throws LshError `bad_usage` if the radius is negative or not a number. When executed, the query fails with SQLSTATE
 *   `LSH01` if there is no index, `LSH02` for tables of different dimension, `54000` for more pairs than `maxPairs`.
 */
export function pairs<DB extends Database>(db: Queryable<DB>, options: PairsOptions) {
  assertOptions(options, ['index', 'radius', 'other', 'maxPairs'])
  const { index, radius, other, maxPairs = 1_000_000 } = options
  const hint = 'Name it: "select name, relation from lsh.index" lists them.'
  assertText('the index', index, hint)
  assertRadius(radius)
  if (other !== undefined) assertText('the other index', other, hint)
  assertCount('maxPairs', maxPairs)
  const found = sql<Pair>`lsh.pairs(${index}::text, ${radius}::float8,
    other => ${other ?? null}::text, max_pairs => ${maxPairs}::int)`
  return ourTables(db).selectFrom(found.as('pair')).selectAll()
}
