import { sql } from 'kysely'
import { poolSlices, type Pooling } from '../../core/pool-slices.js'
import { vectorDistance } from '../../core/vector.js'
import type { Store } from '../connection/connect.js'
import type { Difference } from './plan-differences.js'
import type { PreparedPlan } from '../plans/prepared-plan.js'

/** Largest distance between a stored and a recomputed vector that rounding explains, as a share of the length. */
const TOLERANCE = 1e-3

/** Compares a stored vector with the recomputed one. */
export function vectorDifferences(
  part: string,
  { computed, stored }: { computed: Float32Array; stored: Float32Array },
): Difference[] {
  if (computed.length !== stored.length)
    return [{ part, problem: `has ${stored.length} dimensions instead of ${computed.length}` }]
  const distance = vectorDistance(computed, stored)
  const length = vectorDistance(stored, new Float32Array(stored.length))
  if (distance <= TOLERANCE * (length + 1e-3)) return []
  const problem = `differs by a distance of ${distance.toPrecision(3)} at a length of ${length.toPrecision(3)}`
  return [{ part, problem }]
}

/** Reads the vector of a whole plan; undefined if the space has none of that plan. */
export async function storedPlanVector(store: Store, space: string, plan: number) {
  const { rows } = await sql<{ item_id: number; embedding: Float32Array }>`
    select item_id, embedding
    from cbir.plan_item
      join ${sql.id('space', space)} as feature using (item_id)
    where plan_id = ${plan}`.execute(store.db)
  return rows[0]
}

/**
 * Recomputes the vector of a whole plan from the recomputed vectors of its slices, which `ofSlices` holds by space.
 * Undefined if those of a pooled space are missing.
 */
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
