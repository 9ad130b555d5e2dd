import { createQueryId, sql, type Expression } from 'kysely'
import { LshError } from '../core/errors.js'
import { foundBy, nearestArguments, type AnyQuery } from '../search/nearest-arguments.js'
import type { Neighbour } from '../search/neighbour.js'
import { movedConditions, originOf, type Source } from '../search/push-conditions.js'
import type { Queryable } from '../store/connection/database.js'
import { assertDatabase } from '../store/connection/handles.js'

/** Agreement of a search with the exact one, in the terms of `lsh.compare`: for one query, or as means over queries. */
export interface ComparisonFigures {
  /** Dice score of the true neighbours and the k nearest by Hamming distance alone, 0 to 1. */
  dice: number
  /** Jaccard score of the same two sets, 0 to 1. */
  jaccard: number
  /** Share of the true neighbours that the search returned, after buckets and exact re-ranking. */
  recall: number
  /** Recall lost because true neighbours are not among the candidates, even if all codes are read. */
  code_loss: number
  /** Recall lost in addition because buckets were not visited; negative if those held false candidates. */
  bucket_loss: number
  /** Share of all codes that lie in the visited buckets; 0 if the search reads the vectors. */
  visited_share: number
}

/** Agreement of the search of one query with the exact one: a row of `lsh.compare_nearest`. */
export interface Comparison extends ComparisonFigures {
  k: number
  /** True neighbours among the k nearest of all codes by Hamming distance alone. */
  overlap: number
}

/** Results of a search and of the exact search. */
export interface ComparedWithExact extends Comparison {
  /** Results of the search, nearest first. */
  found: Neighbour[]
  /** The true neighbours, nearest first. */
  exact: Neighbour[]
}

/**
 * Runs a query of `nearest` and the exact search, and compares their results; null if no rows can be found.
 *
 * ```ts
 * const compared = await compareWithExact(
 *   db,
 *   nearest(db, 'space.ct_shallow', { to: { item: 400 }, k: 20 })
 *     .innerJoin('cbir.slices as slice', 'slice.item_id', 'near.item_id')
 *     .where('slice.prescription_gy', '>', 60),
 * )
 * ```
 *
 * Joins and conditions restrict the searched rows; the selected columns do not matter. If the table is written
 * concurrently, call it inside a transaction of isolation level repeatable read, so that both searches see one snapshot.
 *
 * ```sql
 * select "near"."k" as "k", … from (
 *   select * from lsh.compare_nearest(null::"space"."ct_shallow", item => $1::text, ks => array[$2::int], …)
 * ) as "near"
 * ```
 *
 * @throws LshError `bad_usage` for a query that `nearest` did not make, or one with conditions on the distance
 */
export async function compareWithExact<DB>(
  db: Queryable<DB>,
  query: Expression<unknown>,
): Promise<ComparedWithExact | null> {
  assertDatabase(db)
  const origin = originOf(query)
  if (!origin) {
    throw new LshError(
      'bad_usage',
      'only a query that nearest made can be compared with the exact one',
      {
        hint: 'Pass the query that nearest(…) returned, with its joins and conditions.',
      },
    )
  }
  const { query: asked, asked: to } = origin.search
  const run = async <Row>(rows: Source['rows'], columns: Record<string, string>) => {
    const chosen = Object.entries(columns).map(([name, column]) =>
      sql.ref(`near.${column}`).as(name),
    )
    const source = { rows, adds: ['distance', 'hamming'] }
    const node = movedConditions(source, origin, chosen)
    const compiled = db.getExecutor().compileQuery(node, createQueryId())
    return (await db.executeQuery<Row>(compiled)).rows
  }
  const [comparison] = await run<Comparison>(
    (among) =>
      sql`(select * from lsh.compare_nearest(${nearestArguments(asked, to, among, 'ks')}))`,
    COMPARED,
  )
  if (!comparison) return null
  const found = (search: AnyQuery) =>
    run<Neighbour>(
      (among) => sql`(${foundBy(search, to, among)} order by distance, ${sql.id(asked.key)})`,
      {
        key: asked.key,
        distance: 'distance',
        hamming: 'hamming',
      },
    )
  return {
    ...comparison,
    found: await found(asked),
    exact: await found({ ...asked, stage: 'exact' }),
  }
}

/** Columns of `lsh.compare_nearest`. */
const COMPARED: Record<keyof Comparison, string> = {
  k: 'k',
  overlap: 'overlap',
  dice: 'dice',
  jaccard: 'jaccard',
  recall: 'recall',
  code_loss: 'code_loss',
  bucket_loss: 'bucket_loss',
  visited_share: 'visited_share',
}
