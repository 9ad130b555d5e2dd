import { LshError } from '../core/errors.js'
import { cellAssigner } from './assign-cells.js'
import { centered } from './centered.js'
import { codeEncoder } from './bulk-codes.js'
import { type BucketDirections, type HashFamily } from './family.js'
import { leaveCentres } from './leave-centres.js'
import { multiply } from './multiply.js'
import { KINDS } from './kinds.js'

/** What a code table stores for many vectors. */
export interface HashedRows {
  readonly buckets: Int32Array
  /** `ceil(bits / 8)` bytes a vector, the first bit the highest. */
  readonly codes: Uint8Array
  /**
   * Length of each vector less the center or the centre of its cell; see `scalarEncoder` for kind scalar. Null for
   * kinds that do not estimate distances.
   */
  readonly norms: Float32Array | null
  /**
   * The scale with which the inner product with y is about `scale * Σ ±<w_i, y>` (Gao and Long, SIGMOD 2024). Null for
   * kinds that do not estimate distances.
   */
  readonly scales: Float32Array | null
}

export type BulkEncoder = (vectors: Float32Array) => HashedRows

/**
 * Returns a function that hashes concatenated vectors. It and PostgreSQL sum 4-byte floats in different orders: a bit
 * within 1e-5 of its threshold may differ from that of `lsh.encode`. The tolerance is larger if √bandwidth |x - center|
 * exceeds 100, far beyond any calibrated bandwidth.
 *
 * The function throws LshError `LSH02` if its input is not a whole number of vectors.
 */
export function bulkEncoder(family: HashFamily): BulkEncoder {
  const { name, dims, bucket } = family
  const codesOf = codeEncoder(family)
  const bucketsOf =
    bucket.kind === 'voronoi' ? cellAssigner(bucket, dims) : numberer(bucket, dims, family.levels)

  return (vectors) => {
    if (!Number.isInteger(vectors.length / dims)) {
      throw new LshError(
        'LSH02',
        `${vectors.length} numbers are not a whole number of vectors of ${dims} dimensions`,
        { hint: `Family "${name}" has ${dims} dimensions; put whole vectors end to end.` },
      )
    }
    const { values, norms } = centered(family, vectors)
    const buckets = bucketsOf(values)
    const lengths = KINDS[family.kind].withinCells
      ? leaveCentres(values, bucket.weight, buckets)
      : norms
    return { buckets, ...codesOf(values, lengths, buckets) }
  }
}

/** Returns a function that numbers buckets by the levels of directions. */
function numberer(
  { weight, threshold }: BucketDirections,
  dims: number,
  levels: number,
): (centered: Float32Array) => Int32Array {
  const places = Int32Array.from(
    threshold.keys(),
    (slice) => levels ** Math.floor(slice / (levels - 1)),
  )
  return (vectors) => {
    const products = multiply(vectors, weight, dims)
    const numbers = new Int32Array(vectors.length / dims)
    for (let row = 0, at = 0; row < numbers.length; row++) {
      let number = 0
      for (let slice = 0; slice < places.length; slice++, at++)
        if (products[at]! + threshold[slice]! > 0) number += places[slice]!
      numbers[row] = number
    }
    return numbers
  }
}
