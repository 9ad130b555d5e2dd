import { sql } from 'kysely'
import { vectorDistance } from '../core/vector.js'
import { FIGURE_COLUMNS } from '../store/plan-structures.js'
import type { Store } from '../store/connect.js'
import { VOTES } from './retrieval-quality.js'
import { criteria, gap } from './plan-criteria.js'
import type { Asked } from './slice-quality.js'

/** Dose criteria of plans by their ids. */
export type CriteriaOf = ReadonlyMap<number, ReadonlyMap<string, number>>

/** The dose criteria of plans. */
export async function readCriteria(store: Store, plans: readonly number[]): Promise<CriteriaOf> {
  const rows = await store.db
    .selectFrom('cbir.structure')
    .select(FIGURE_COLUMNS)
    .where('plan_id', 'in', [...plans])
    .execute()
  return new Map(
    plans.map((plan) => [plan, criteria(rows.filter(({ plan_id }) => plan_id === plan))]),
  )
}

/** The plan that most neighbours of a plan's slices are of; among equals the one that stands first in the lists. */
export function votedPlans(asked: Asked, voters: Int32Array): Map<number, number> {
  const { facts, queries } = asked
  const votes = new Map<number, Map<number, number>>()
  queries.forEach((query, i) => {
    const own = votes.get(facts.plans[query]!) ?? new Map<number, number>()
    votes.set(facts.plans[query]!, own)
    for (const voter of voters.subarray(i * VOTES, (i + 1) * VOTES)) {
      const plan = facts.plans[voter]!
      own.set(plan, (own.get(plan) ?? 0) + 1)
    }
  })
  return new Map(
    [...votes].map(([plan, own]) => {
      const [first] = [...own].sort(([, a], [, b]) => b - a)
      return [plan, first![0]]
    }),
  )
}

/** The nearest of other plans in a space of plans. */
export async function nearestPlans(
  store: Store,
  space: string,
  plans: readonly number[],
  stored: readonly number[],
): Promise<Map<number, number>> {
  const { rows } = await sql<{ plan_id: number; vector: Float32Array }>`
    select plan_item.plan_id, feature.embedding as vector
    from ${sql.id('space', space)} as feature
      join cbir.plan_item on plan_item.item_id = feature.item_id
    order by plan_item.plan_id`.execute(store.db)
  const vectors = new Map(rows.map((row) => [row.plan_id, row.vector]))
  const found = new Map<number, number>()
  for (const plan of plans) {
    const own = vectors.get(plan)
    if (!own) continue
    const [nearest] = stored
      .flatMap((other) => {
        const vector = vectors.get(other)
        return vector ? [{ other, distance: vectorDistance(own, vector) }] : []
      })
      .sort((a, b) => a.distance - b.distance || a.other - b.other)
    if (nearest) found.set(plan, nearest.other)
  }
  return found
}

/** Mean absolute difference of criteria in Gy between plans and those that were found for them. */
export function planGaps(found: ReadonlyMap<number, number>, criteria: CriteriaOf): Float64Array {
  return Float64Array.from(found, ([plan, other]) => gapOf(criteria, plan, other))
}

/** Of each plan: what a blind choice gets on average, and the best that there is. */
export function planBounds(
  plans: readonly number[],
  stored: readonly number[],
  criteria: CriteriaOf,
): { blind: Float64Array; best: Float64Array } {
  const all = plans.map((plan) =>
    stored.map((other) => gapOf(criteria, plan, other)).filter((value) => !Number.isNaN(value)),
  )
  return {
    blind: Float64Array.from(all, (gaps) => gaps.reduce((a, b) => a + b, 0) / gaps.length),
    best: Float64Array.from(all, (gaps) => (gaps.length > 0 ? Math.min(...gaps) : NaN)),
  }
}

function gapOf(criteria: CriteriaOf, plan: number, other: number): number {
  return gap(criteria.get(plan) ?? new Map(), criteria.get(other) ?? new Map())
}
