import { sql } from 'kysely'
import { assertOptions, assertText } from '../core/arguments.js'
import { LshError } from '../core/errors.js'
import type { Database, Queryable } from '../store/connection/database.js'
import { ourTables } from '../store/connection/handles.js'
import { assertRadius } from './asserted-radius.js'
import { assertCount } from './asserted-query.js'

export interface PairsOptions {
  /** Name of the hash index. */
  index: string
  /** Maximum Euclidean distance of a pair, at least 0. Either this or `k`. */
  radius?: number
  /** Nearest rows to find of each row, at least 1. Either this or `radius`. */
  k?: number
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
 * All pairs of rows at most `radius` apart, each once; or each row as `a` with its `k` nearest, with
 * about the recall of a search. In no order: `select * from lsh.pairs($1, $2, …) as pair`.
 *
 * ```ts
 * const copies = await pairs(db, { index: 'document', radius: 0.05 }).orderBy('distance').execute()
 * const nearest = await pairs(db, { index: 'document', k: 3 }).orderBy('a').orderBy('distance').execute()
 * ```
 *
 * @throws LshError `bad_usage` unless either a radius of at least 0 or a `k` of at least 1 is given. When executed, the
 *   query fails with SQLSTATE `LSH01` if there is no index, `LSH02` for tables of different dimension, `54000` for more
 *   pairs than `maxPairs`.
 */
export function pairs<DB extends Database>(db: Queryable<DB>, options: PairsOptions) {
  assertOptions(options, ['index', 'radius', 'k', 'other', 'maxPairs'])
  const { index, radius, k, other, maxPairs = 1_000_000 } = options
  const hint = 'Name it: "select name, relation from lsh.index" lists them.'
  assertText('the index', index, hint)
  if (k === undefined) assertRadius(radius)
  else assertCount('k', k)
  if (k !== undefined && radius !== undefined) {
    throw new LshError('bad_usage', 'pairs are found by a radius or by k, not by both', {
      hint: 'Filter the neighbours by their distance: .where("distance", "<=", radius).',
    })
  }
  if (other !== undefined) assertText('the other index', other, hint)
  assertCount('maxPairs', maxPairs)
  const found = sql<Pair>`lsh.pairs(${index}::text, ${radius ?? null}::float8,
    other => ${other ?? null}::text, max_pairs => ${maxPairs}::int, k => ${k ?? null}::int)`
  return ourTables(db).selectFrom(found.as('pair')).selectAll()
}
