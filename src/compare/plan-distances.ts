import { multiply } from '../hash/multiply.js'
import type { KeyedRows } from './block-distances.js'
import type { TieOrder } from './nearest-lists.js'

/** A plan with its modified Hausdorff distance to another one, as in `cbir.similar_plans`. */
export interface NeighbourPlan {
  readonly plan: number
  readonly distance: number
}

/** Slices of plans, with the plan of each. */
export interface PlanRows extends KeyedRows {
  readonly plans: Int32Array
}

/** Rows of a block that are compared at once; with more, the products of thousands of queries would fill the memory. */
const ROWS = 1024

/**
 * Measures distances between plans whose slices are read block by block; a plan may span several blocks. The distance
 * is the modified Hausdorff distance (Dubuisson and Jain, ICPR 1994): the larger of the two mean distances of slices to
 * the nearest slice of the other plan, each slice with the same weight. Call `visit` for each block, then `nearest`,
 * which returns sorted lists.
 */
export function planDistanceMeter(queries: PlanRows, order: TieOrder) {
  const dims = queries.vectors.length / queries.items.length
  const count = queries.items.length
  const own = [...new Set(queries.plans)]
  const ownPlace = Int32Array.from(queries.plans, (plan) => own.indexOf(plan))
  const sizes = squares(queries.vectors, dims)
  /**
   * For each stored plan: the least squared distance of each query slice, and sums over its own slices for each query
   * plan.
   */
  const met = new Map<number, { least: Float32Array; sums: Float64Array; slices: number }>()

  const visit = (block: PlanRows): void => {
    for (let from = 0; from < block.items.length; from += ROWS) {
      const to = Math.min(block.items.length, from + ROWS)
      const vectors = block.vectors.subarray(from * dims, to * dims)
      const products = multiply(queries.vectors, vectors, dims)
      const others = squares(vectors, dims)
      const width = to - from
      const nearest = new Float64Array(own.length)
      for (let row = 0; row < width; row++) {
        const plan = block.plans[from + row]!
        let profile = met.get(plan)
        if (!profile) {
          profile = {
            least: new Float32Array(count).fill(Infinity),
            sums: new Float64Array(own.length),
            slices: 0,
          }
          met.set(plan, profile)
        }
        nearest.fill(Infinity)
        const { least, sums } = profile
        for (let query = 0; query < count; query++) {
          const squared = Math.max(
            0,
            sizes[query]! + others[row]! - 2 * products[query * width + row]!,
          )
          if (squared < least[query]!) least[query] = squared
          const place = ownPlace[query]!
          if (squared < nearest[place]!) nearest[place] = squared
        }
        for (let place = 0; place < own.length; place++) sums[place]! += Math.sqrt(nearest[place]!)
        profile.slices++
      }
    }
  }

  const nearest = (): Map<number, NeighbourPlan[]> => {
    const found = new Map<number, NeighbourPlan[]>(own.map((plan) => [plan, []]))
    const slices = own.map((plan) => queries.plans.filter((one) => one === plan).length)
    for (const [plan, { least, sums, slices: stored }] of met) {
      const forward = new Float64Array(own.length)
      for (let query = 0; query < count; query++)
        forward[ownPlace[query]!]! += Math.sqrt(least[query]!)
      own.forEach((asked, place) => {
        const distance = Math.max(forward[place]! / slices[place]!, sums[place]! / stored)
        found.get(asked)!.push({ plan, distance })
      })
    }
    for (const list of found.values())
      list.sort((a, b) => a.distance - b.distance || order(a.plan) - order(b.plan))
    return found
  }
  return { visit, nearest }
}

function squares(vectors: Float32Array, dims: number): Float64Array {
  const lengths = new Float64Array(vectors.length / dims)
  for (let row = 0, at = 0; row < lengths.length; row++) {
    let sum = 0
    for (const end = at + dims; at < end; at++) sum += vectors[at]! ** 2
    lengths[row] = sum
  }
  return lengths
}
