import { LshError } from '../core/errors.js'
import { listed, type NearestLists } from './nearest-lists.js'

/** How well the k nearest by codes agree with the true ones, query by query. */
export interface QueryAgreement {
  /** Of the k nearest by codes those that are as near as the k-th true neighbour: among ties it does not matter which. */
  readonly overlap: Int32Array
  /** True neighbours: k, or fewer where there are no more. */
  readonly size: Int32Array
  readonly dice: Float64Array
  readonly jaccard: Float64Array
}

/** How the rule for ties is told to a reader. */
export const TIE_RULE =
  'A hit is not farther than the k-th true neighbour; equal distances are ordered by key'

/**
 * Compares the first k of two lists for each query.
 *
 * @throws LshError `database` where Dice and Jaccard contradict each other, which they cannot.
 */
export function agreementAt(exact: NearestLists, coded: NearestLists, k: number): QueryAgreement {
  const overlap = new Int32Array(exact.queries)
  const size = new Int32Array(exact.queries)
  for (let query = 0; query < exact.queries; query++) {
    const count = Math.min(k, listed(exact, query))
    size[query] = count
    if (count === 0) continue
    const edge = exact.distances[query * exact.k + count - 1]!
    for (let place = 0; place < count; place++) {
      if (coded.distances[query * coded.k + place]! <= edge) overlap[query]!++
    }
  }
  const share = (of: (hits: number, size: number) => number) =>
    Float64Array.from(overlap, (hits, query) => (size[query] ? of(hits, size[query]) : NaN))
  const dice = share((hits, own) => (2 * hits) / (own + own))
  const jaccard = share((hits, own) => hits / (own + own - hits))
  assertConsistent(dice, jaccard)
  return { overlap, size, dice, jaccard }
}

/** For sets of equal size J = D / (2 − D); each is counted by its own definition, so a slip in one would show. */
export function assertConsistent(dice: Float64Array, jaccard: Float64Array): void {
  const place = dice.findIndex((d, i) => Math.abs(jaccard[i]! - d / (2 - d)) > 1e-12)
  if (place === -1) return
  throw new LshError(
    'database',
    `query ${place} has Dice ${dice[place]}, Jaccard ${jaccard[place]}`,
    {
      hint: 'This is a bug in pg-lsh: report it with the versions that "pg-lsh doctor" prints.',
    },
  )
}
