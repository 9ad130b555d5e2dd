import type { Store } from '../store/connect.js'
import { featuresOf, visitFeatures, type FeatureBlock } from '../store/feature-blocks.js'
import { readSpace } from '../store/spaces.js'
import type { Asked } from './slice-quality.js'
import { neighbourFinder } from './neighbours.js'

/** What is found in a space for each query, as places in the facts of the slices. */
export interface FoundSlices {
  /** The nearest of another patient. */
  readonly nearest: Int32Array
  /** Of each query the `VOTES` nearest of other patients, one after the other. */
  readonly voters: Int32Array
  /** Share of queries whose nearest slice, their own patient's allowed, is of their own patient. */
  readonly samePatientShare: number
}

/** Neighbours of a slice that have a vote, when plans are found by the votes of their slices. */
export const VOTES = 10

/**
 * Finds the exact neighbours of queries in a space.
 *
 * @throws LshError `LSH03` where slices have no features.
 */
export async function findSlices(
  store: Store,
  space: string,
  asked: Asked & { dataset: string },
): Promise<FoundSlices> {
  const { facts, queries, stored, dataset } = asked
  const { dims } = await readSpace(store, space)
  const items = Array.from(queries, (place) => facts.items[place]!)
  const features = await featuresOf(store, space, { dataset, dims, items })
  const placeOf = new Map(Array.from(facts.items, (item, place) => [item, place]))
  const searched = new Set(Array.from(stored, (place) => facts.items[place]!))
  const asking = new Set(items)
  const other = neighbourFinder(features, { k: VOTES, families: [] })
  const own = neighbourFinder(features, { k: 1, families: [] })
  await visitFeatures(store, space, { dataset, dims }, (block) => {
    other.visit(chosen(block, dims, (item) => searched.has(item)))
    own.visit(chosen(block, dims, (item) => asking.has(item)))
  })
  const place = (key: number) => placeOf.get(key)!
  const voters = Int32Array.from(other.found.exact.others.keys, place)
  const sibling = own.found.exact.all
  const same = queries.filter(
    (query, i) =>
      sibling.distances[i]! < other.found.exact.others.distances[i * VOTES]! &&
      facts.patients[place(sibling.keys[i]!)] === facts.patients[query],
  )
  return {
    nearest: voters.filter((_, i) => i % VOTES === 0),
    voters,
    samePatientShare: same.length / queries.length,
  }
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
