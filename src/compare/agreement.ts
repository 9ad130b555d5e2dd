import { LshError } from '../core/errors.js'
import { listed, type NearestLists } from './nearest-lists.js'

/** Agreement of the k nearest by codes with the true neighbours, per query. */
export interface QueryAgreement {
  /**
   * Number of the k nearest by codes that are at most as far as the k-th true neighbour, so that ties do not matter.
   */
  readonly overlap: Int32Array
  /** Number of true neighbours: k, or fewer if there are fewer. */
  readonly size: Int32Array
  readonly dice: Float64Array
  readonly jaccard: Float64Array
}

/** Explanation of the rule for ties. */
export const TIE_RULE =
  'A hit is not farther than the k-th true neighbour; equal distances are ordered by key'

/**
 * Compares the first k of two lists for each query.
 *
 * @throws LshError `database` if Dice and Jaccard contradict each other, which would be a bug.
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

/** For sets of equal size, J = D / (2 − D). Each is computed from its own definition, so that an error in one shows. */
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
