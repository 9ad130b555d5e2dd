import { LshError } from '../core/errors.js'
import { cellAssigner } from './assign-cells.js'
import { centered } from './centered.js'
import { estimatesDistances, type BucketDirections, type HashFamily } from './family.js'
import { multiply } from './multiply.js'

/** What a code table holds of many vectors. */
export interface HashedRows {
  readonly buckets: Int32Array
  /** `ceil(bits / 8)` bytes a vector, the first bit the highest. */
  readonly codes: Uint8Array
  /** Lengths of the vectors once the center of the family is subtracted; only of kinds that estimate distances. */
  readonly norms: Float32Array | null
  /** With which the inner product with y is about `scale * Σ ±<w_i, y>` (Gao and Long, SIGMOD 2024); likewise. */
  readonly scales: Float32Array | null
}

export type BulkEncoder = (vectors: Float32Array) => HashedRows

/** Vectors that are projected at once: their products stay in the processor's cache. */
const BLOCK = 1024

/**
 * Makes what hashes vectors that stand end to end. This and PostgreSQL add in 4-byte floats:
 * a bit within 1e-5 of its threshold may differ from what `lsh.encode` gives; within more where
 * √bandwidth |x - center| exceeds 100, far beyond any calibrated bandwidth.
 */
export function bulkEncoder(family: HashFamily): BulkEncoder {
  const { name, kind, dims, bits, bucket } = family
  const estimates = estimatesDistances(kind)
  const width = Math.ceil(bits / 8)
  const bucketsOf =
    bucket.kind === 'voronoi' ? cellAssigner(bucket, dims) : numberer(bucket, dims, family.levels)

  return (vectors) => {
    const rows = vectors.length / dims
    if (!Number.isInteger(rows)) {
      throw new LshError(
        'LSH02',
        `${vectors.length} numbers are no whole number of vectors of ${dims} dimensions`,
        { hint: `Family "${name}" has ${dims} dimensions; put whole vectors end to end.` },
      )
    }
    const { values, norms } = centered(family, vectors)
    const buckets = bucketsOf(values)
    if (family.kind === 'residual') leaveCentres(values, norms, bucket.weight, buckets)
    const codes = new Uint8Array(rows * width)
    const scales = new Float32Array(estimates ? rows : 0)
    for (let from = 0; from < rows; from += BLOCK) {
      const to = Math.min(rows, from + BLOCK)
      const products = multiply(values.subarray(from * dims, to * dims), family.code.weight, dims)
      setBits(codes.subarray(from * width), products, family)
      if (estimates) setScales(scales.subarray(from, to), products, family, norms.subarray(from))
    }
    return {
      buckets,
      codes,
      norms: estimates ? norms : null,
      scales: estimates ? scales : null,
    }
  }
}

/** Makes of vectors and their norms what is left once the centres of their cells are subtracted. */
function leaveCentres(
  vectors: Float32Array,
  norms: Float32Array,
  centres: Float32Array,
  cells: Int32Array,
): void {
  const dims = vectors.length / cells.length
  for (let row = 0, at = 0; row < cells.length; row++) {
    let squares = 0
    for (let d = 0, from = cells[row]! * dims; d < dims; d++, at++) {
      const value = Math.fround(vectors[at]! - centres[from + d]!)
      vectors[at] = value
      squares += value * value
    }
    norms[row] = Math.sqrt(squares)
  }
}

/**
 * A bit is 1 where `cos(<w, x> + b) + t > 0`: where the angle is less than `acos(-t)` from a full turn. What is
 * left over is negative then, and its sign is the bit: half of all bits are set at random, so that a branch for
 * each would be guessed wrong every other time and take as long as all else.
 */
function setBits(codes: Uint8Array, products: Float32Array, { bits, code }: HashFamily): void {
  const { phase, threshold } = code
  const width = Math.ceil(bits / 8)
  const turns = phase && Float64Array.from(phase, (angle) => angle / (2 * Math.PI))
  const reach = phase && Float64Array.from(threshold, (t) => Math.acos(-t) / (2 * Math.PI))
  const rest = new Float32Array(8 * width)
  const signs = new Uint32Array(rest.buffer)
  for (let row = 0, at = 0; at < products.length; row++) {
    if (turns && reach) {
      for (let bit = 0; bit < bits; bit++, at++) {
        const turn = products[at]! / (2 * Math.PI) + turns[bit]!
        rest[bit] = Math.abs(turn - Math.floor(turn + 0.5)) - reach[bit]!
      }
    } else {
      // Not the negative of the sum, which is -0 where the sum is 0.
      for (let bit = 0; bit < bits; bit++, at++) rest[bit] = 0 - (products[at]! + threshold[bit]!)
    }
    for (let byte = 0, bit = 0, to = row * width; byte < width; byte++) {
      let value = 0
      for (const end = bit + 8; bit < end; bit++) value = (value << 1) | (signs[bit]! >>> 31)
      codes[to + byte] = value
    }
  }
}

function setScales(
  scales: Float32Array,
  products: Float32Array,
  { kind, bits }: HashFamily,
  norms: Float32Array,
): void {
  for (let row = 0, at = 0; row < scales.length; row++) {
    let [sizes, squares] = [0, 0]
    for (const end = at + bits; at < end; at++) {
      const product = products[at]!
      sizes += Math.abs(product)
      squares += product * product
    }
    scales[row] = sizes === 0 ? 0 : (kind === 'itq' ? squares : norms[row]! ** 2) / sizes
  }
}

/** Buckets by the levels of directions. */
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
