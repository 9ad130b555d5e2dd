import { sql } from 'kysely'
import { poolSlices, type Pooling } from '../core/pool-slices.js'
import { vectorDistance } from '../core/vector.js'
import type { Store } from './connect.js'
import type { Difference } from './plan-differences.js'
import type { PreparedPlan } from './prepared-plan.js'

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

/** What is wrong with the vector of a whole plan, by those that were computed again of its slices in each space. */
export async function pooledDifferences(
  store: Store,
  { name, pooling }: { name: string; pooling: Pooling },
  { id, plan }: { id: number; plan: PreparedPlan },
  ofSlices: ReadonlyMap<string, readonly Float32Array[]>,
): Promise<Difference[]> {
  const { rows } = await sql<{ embedding: Float32Array }>`
    select embedding
    from cbir.plan_item
      join ${sql.id('space', name)} as feature using (item_id)
    where plan_id = ${id}`.execute(store.db)
  const [features, levels] = [ofSlices.get(pooling.features), ofSlices.get(pooling.levels)]
  const stored = rows[0]?.embedding
  if (!stored || !features || !levels) return []
  const slices = plan.slices.map(({ positionMm }, i) => ({
    positionMm,
    features: features[i] as Float32Array,
    levels: levels[i] as Float32Array,
  }))
  return vectorDifferences(`vector in ${name}`, { computed: poolSlices(slices, pooling), stored })
}
