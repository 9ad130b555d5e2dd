import { sql } from 'kysely'
import { vectorDistance } from '../core/vector.js'
import { FIGURE_COLUMNS } from '../store/plans/plan-structures.js'
import type { Store } from '../store/connection/connect.js'
import { criteria, gap } from './plan-criteria.js'
import { drawnOrder } from './nearest-lists.js'
import type { NeighbourPlan } from './plan-distances.js'

/** DVH criteria of plans by plan id. */
export type CriteriaOf = ReadonlyMap<number, ReadonlyMap<string, number>>

/** Reads the DVH criteria of plans. */
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

/** The nearest plan of each query plan. */
export function nearestOf(
  found: ReadonlyMap<number, readonly NeighbourPlan[]>,
): ReadonlyMap<number, number> {
  return new Map(
    [...found].flatMap(([plan, [nearest]]) => (nearest ? [[plan, nearest.plan] as const] : [])),
  )
}

/** Other plans in a space of plans, nearest first; ties in a random order for a seed. */
export async function nearestPlans(
  store: Store,
  space: string,
  { plans, stored, seed }: { plans: readonly number[]; stored: readonly number[]; seed: number },
): Promise<Map<number, NeighbourPlan[]>> {
  const { rows } = await sql<{ plan_id: number; vector: Float32Array }>`
    select plan_item.plan_id, feature.embedding as vector
    from ${sql.id('space', space)} as feature
      join cbir.plan_item on plan_item.item_id = feature.item_id
    order by plan_item.plan_id`.execute(store.db)
  const vectors = new Map(rows.map((row) => [row.plan_id, row.vector]))
  const order = drawnOrder(seed)
  return new Map(
    plans.flatMap((plan) => {
      const own = vectors.get(plan)
      if (!own) return []
      const near = stored.flatMap((other) => {
        const vector = vectors.get(other)
        return vector ? [{ plan: other, distance: vectorDistance(own, vector) }] : []
      })
      near.sort((a, b) => a.distance - b.distance || order(a.plan) - order(b.plan))
      return [[plan, near] as const]
    }),
  )
}

/** Mean absolute difference of DVH criteria in Gy between query plans and the plans found for them. */
export function planGaps(found: ReadonlyMap<number, number>, criteria: CriteriaOf): Float64Array {
  return Float64Array.from(found, ([plan, other]) => gapOf(criteria, plan, other))
}

/** For each plan, the mean difference of a random choice and the smallest possible difference. */
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
