import type { Store } from '../../store/connection/connect.js'
import { featuresOf, visitFeatures, type FeatureBlock } from '../../store/encode/feature-blocks.js'
import { readSpace } from '../../store/spaces/read-space.js'
import { seesOnlyDose } from '../../store/spaces/spaces.js'
import { drawnOrder } from '../nearest-lists.js'
import { planDistanceMeter, type NeighbourPlan } from '../plan-distances.js'
import { nearestPlans } from '../plan-quality.js'

/** Query plans, searched plans, and the order of ties. */
export interface NearPlansOptions {
  plans: readonly number[]
  stored: readonly number[]
  seed: number
}

/**
 * The nearest plans in a space of slices or plans, in the order of `cbir.similar_plans`, without an index. A plan
 * without features in the space is in no list and gets no list.
 */
export async function nearPlans(
  store: Store,
  space: string,
  options: NearPlansOptions,
): Promise<Map<number, NeighbourPlan[]>> {
  const { plans, stored, seed } = options
  const { dims, pooling } = await readSpace(store, space)
  if (pooling) return nearestPlans(store, space, options)
  const rows = await store.db
    .selectFrom('cbir.slice')
    .innerJoin('cbir.plan', 'cbir.plan.id', 'cbir.slice.plan_id')
    .select(['item_id', 'plan_id', 'patient_id', 'dose_mean_gy'])
    .where('plan_id', 'in', [...plans, ...stored])
    .orderBy('item_id')
    .execute()
  const irradiated = await seesOnlyDose(store, space)
  const compared = rows.filter(({ dose_mean_gy }) => !irradiated || (dose_mean_gy ?? 0) > 0)
  const planOf = new Map(compared.map(({ item_id, plan_id }) => [item_id, plan_id]))
  const [asking, searched] = [new Set(plans), new Set(stored)]
  const patients = [...new Set(rows.map(({ patient_id }) => patient_id))]
  const encoded = new Set<number>()
  await visitFeatures(store, space, { dims, patients }, ({ items }) =>
    items.forEach((item) => encoded.add(item)),
  )
  const items = compared
    .filter(({ item_id, plan_id }) => asking.has(plan_id) && encoded.has(item_id))
    .map(({ item_id }) => item_id)
  if (items.length === 0) return new Map()
  const withPlans = (block: FeatureBlock) => ({
    ...block,
    plans: block.items.map((item) => planOf.get(item) ?? -1),
  })
  const features = await featuresOf(store, space, { dims, items })
  const meter = planDistanceMeter(withPlans(features), drawnOrder(seed))
  await visitFeatures(store, space, { dims, patients }, (block) => {
    const kept = Array.from(block.items.keys()).filter((row) =>
      searched.has(planOf.get(block.items[row]!) ?? -1),
    )
    const vectors = new Float32Array(kept.length * dims)
    kept.forEach((row, i) =>
      vectors.set(block.vectors.subarray(row * dims, (row + 1) * dims), i * dims),
    )
    const of = (list: Int32Array) => Int32Array.from(kept, (row) => list[row]!)
    meter.visit(withPlans({ items: of(block.items), patients: of(block.patients), vectors }))
  })
  return meter.nearest()
}
