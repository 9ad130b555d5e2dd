import { createQueryId, sql, type Expression } from 'kysely'
import { assertOptions, refuseArgument } from '../core/arguments.js'
import { LshError } from '../core/errors.js'
import { nearestArguments } from '../search/nearest-arguments.js'
import { movedConditions, originOf } from '../search/push-conditions.js'
import type { Queryable } from '../store/connection/database.js'
import { assertDatabase } from '../store/connection/handles.js'

export interface SampleRecallOptions {
  /** Share of the calls that measure recall, 0 to 1. (Default: 0) */
  share?: number
}

/**
 * Repeats a share of the searches of an application exactly, and stores their recall for the view
 * `lsh.sampled_recall`. Returns the recall, or null if this call was not sampled or no rows can be found.
 *
 * ```ts
 * const query = nearest(db, 'space.ct_shallow', { to: { item: 400 } })
 * const rows = await query.selectAll().execute()
 * await sampleRecall(db, query, { share: 0.001 })
 * ```
 *
 * Joins and conditions restrict the searched rows. Both searches run as the role of the connection, and only the
 * recall is stored. A call that is not sampled sends nothing to the database.
 *
 * ```sql
 * select "near"."recall" as "recall" from (
 *   select lsh.sample_recall(null::"space"."ct_shallow", item => $1::text, k => $2::int, …) as recall
 * ) as "near"
 * ```
 *
 * @throws LshError `bad_usage` for a query that `nearest` did not make, or one with conditions on the distance
 */
export async function sampleRecall<DB>(
  db: Queryable<DB>,
  query: Expression<unknown>,
  options: SampleRecallOptions = {},
): Promise<number | null> {
  assertDatabase(db)
  assertOptions(options, ['share'])
  const { share = 0 } = options
  if (typeof share !== 'number' || !(share >= 0 && share <= 1))
    refuseArgument('share', share, 'a number from 0 to 1', 'One search of a thousand: 0.001.')
  const origin = originOf(query)
  if (!origin) {
    throw new LshError('bad_usage', 'only a query that nearest made can be sampled', {
      hint: 'Pass the query that nearest(…) returned, with its joins and conditions.',
    })
  }
  if (Math.random() >= share) return null
  const { query: asked, asked: to } = origin.search
  const node = movedConditions(
    {
      rows: (among) =>
        sql`(select lsh.sample_recall(${nearestArguments(asked, to, among)}) as recall)`,
      adds: ['distance', 'hamming'],
    },
    origin,
    [sql.ref('near.recall').as('recall')],
  )
  const compiled = db.getExecutor().compileQuery(node, createQueryId())
  const { rows } = await db.executeQuery<{ recall: number | null }>(compiled)
  return rows[0]?.recall ?? null
}
