import { sql } from 'kysely'
import { poolSlices, type Pooling } from '../../core/pool-slices.js'
import { vectorDistance } from '../../core/vector.js'
import type { Store } from '../connection/connect.js'
import type { Difference } from './plan-differences.js'
import type { PreparedPlan } from '../plans/prepared-plan.js'

/** Distance of a feature to the one computed again, as a share of its length, that rounding explains. */
const FEATURE_TOLERANCE = 1e-3

/** What is wrong with a stored vector, by the one that was computed again. */
export function vectorDifferences(
  part: string,
  { computed, stored }: { computed: Float32Array; stored: Float32Array },
): Difference[] {
  if (computed.length !== stored.length)
    return [{ part, problem: `${stored.length} numbers instead of ${computed.length}` }]
  const distance = vectorDistance(computed, stored)
  const length = vectorDistance(stored, new Float32Array(stored.length))
  if (distance <= FEATURE_TOLERANCE * (length + 1e-3)) return []
  const problem = `distance ${distance.toPrecision(3)}, length ${length.toPrecision(3)}`
  return [{ part, problem }]
}

/** The vector of a whole plan as it is stored; undefined where a space need not hold it. */
export async function storedPlanVector(store: Store, space: string, plan: number) {
  const { rows } = await sql<{ item_id: number; embedding: Float32Array }>`
    select item_id, embedding
    from cbir.plan_item
      join ${sql.id('space', space)} as feature using (item_id)
    where plan_id = ${plan}`.execute(store.db)
  return rows[0]
}

/** The vector of a whole plan, by those that were computed again of its slices in each space; undefined where a part cannot be. */
export function pooledAgain(
  pooling: Pooling,
  plan: PreparedPlan,
  ofSlices: ReadonlyMap<string, readonly Float32Array[]>,
): Float32Array | undefined {
  const [features, levels] = [ofSlices.get(pooling.features), ofSlices.get(pooling.levels)]
  if (!features || !levels) return undefined
  const slices = plan.slices.map(({ positionMm }, i) => ({
    positionMm,
    features: features[i] as Float32Array,
    levels: levels[i] as Float32Array,
  }))
  return poolSlices(slices, pooling)
}
