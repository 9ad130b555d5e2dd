import { LshError } from '../core/errors.js'
import { featuresOf, visitFeatures, type FeatureBlock } from '../store/encode/feature-blocks.js'
import type { Store } from '../store/connection/connect.js'
import { readSpace } from '../store/spaces/read-space.js'
import { drawnOrder } from './nearest-lists.js'
import { neighbourFinder } from './neighbours.js'
import { planDistanceMeter, type NeighbourPlan } from './plan-distances.js'
import type { Asked } from './slice-quality.js'

/** Retrieval results of a space for all queries. */
export interface FoundSlices {
  /** For each query, the index in the facts of the nearest slice of another patient. */
  readonly nearest: Int32Array
  /** For each query plan, the searched plans, nearest first by the distance of `cbir.similar_plans`. */
  readonly plans: ReadonlyMap<number, readonly NeighbourPlan[]>
  /** Share of queries whose nearest slice belongs to their own patient, if its slices are searched too. */
  readonly samePatientShare: number
  /** Share of queries with at least two equally near slices, between which the seed chose. */
  readonly tiedShare: number
  /** Number of slices that cannot be found because they have no features in the space. */
  readonly missing: number
}

/**
 * Finds the exact neighbours of queries in a space; ties in a random order for a seed.
 *
 * @throws LshError `LSH03` if query slices have no features.
 */
export async function findSlices(
  store: Store,
  space: string,
  { facts, queries, stored }: Asked,
  seed: number,
): Promise<FoundSlices> {
  const { dims } = await readSpace(store, space)
  const items = Array.from(queries, (place) => facts.items[place]!)
  const features = await featuresOf(store, space, { dims, items })
  const placeOf = new Map(Array.from(facts.items, (item, place) => [item, place]))
  const planOf = (key: number) => facts.plans[placeOf.get(key)!]!
  const withPlans = (block: FeatureBlock) => ({ ...block, plans: block.items.map(planOf) })
  const searched = new Set(Array.from(stored, (place) => facts.items[place]!))
  const asking = new Set(items)
  const order = drawnOrder(seed)
  const other = neighbourFinder(features, { k: 2, families: [], order })
  const own = neighbourFinder(features, { k: 1, families: [], order })
  const plans = planDistanceMeter(withPlans(features), order)
  let found = 0
  const patients = [...new Set(facts.patients)]
  await visitFeatures(store, space, { dims, patients }, (block) => {
    const others = chosen(block, dims, (item) => searched.has(item))
    found += others.items.length
    other.visit(others)
    plans.visit(withPlans(others))
    own.visit(chosen(block, dims, (item) => asking.has(item)))
  })
  if (found === 0) throw notFilled(space, stored.length)
  const place = (key: number) => placeOf.get(key)!
  const { keys, distances } = other.found.exact.others
  const sibling = own.found.exact.all
  const same = queries.filter(
    (query, i) =>
      sibling.distances[i]! < distances[2 * i]! &&
      facts.patients[place(sibling.keys[i]!)] === facts.patients[query],
  )
  const tied = queries.filter((_, i) => distances[2 * i] === distances[2 * i + 1])
  return {
    nearest: Int32Array.from(queries, (_, i) => place(keys[2 * i]!)),
    plans: plans.nearest(),
    samePatientShare: same.length / queries.length,
    tiedShare: tied.length / queries.length,
    missing: stored.length - found,
  }
}

function notFilled(space: string, slices: number): LshError {
  return new LshError('LSH03', `${slices} slices have no features in "${space}"`, {
    hint: `Encode them: "pg-lsh encode --space ${space}".`,
  })
}

function chosen(
  block: FeatureBlock,
  dims: number,
  wanted: (item: number) => boolean,
): FeatureBlock {
  const rows = Array.from(block.items.keys()).filter((row) => wanted(block.items[row]!))
  const vectors = new Float32Array(rows.length * dims)
  rows.forEach((row, i) =>
    vectors.set(block.vectors.subarray(row * dims, (row + 1) * dims), i * dims),
  )
  return {
    items: Int32Array.from(rows, (row) => block.items[row]!),
    patients: Int32Array.from(rows, (row) => block.patients[row]!),
    vectors,
  }
}
