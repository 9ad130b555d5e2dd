import type { BucketDirections } from './family.js'
import { quantile } from './median.js'
import { hashedUniforms } from './random.js'

/** Pairs that are tried for a bit before it is left constant, as rows may repeat. */
const ATTEMPTS = 16

/**
 * Orthonormal directions through pairs of sample rows, each with the offsets whose levels hold equal
 * parts of the sample.
 * The draws of `lsh_internal.bucket_directions`, which adds in 4-byte floats in an order of its own: what a
 * direction keeps after it was made orthogonal agrees to about 1e-6 of what it was before.
 */
export function drawBuckets(
  sample: readonly Float32Array[],
  center: Float32Array,
  count: number,
  seed: number,
  levels = 2,
): BucketDirections {
  const dims = center.length
  const pick = hashedUniforms(seed, 'bucket', 2 * ATTEMPTS * count)
  const row = (i: number) => sample[Math.floor((pick[i] as number) * sample.length)] as Float32Array
  const slices = levels - 1
  const weight = new Float32Array(count * slices * dims)
  const threshold = new Float64Array(count * slices)
  const directions: Float32Array[] = []
  for (let bit = 0; bit < count; bit++) {
    let direction: Float32Array = new Float32Array(dims)
    for (let attempt = bit * ATTEMPTS; attempt < (bit + 1) * ATTEMPTS; attempt++) {
      // A Float32Array rounds what it is given: the arithmetic of pgvector's elements.
      const other = row(2 * attempt + 1)
      const difference = row(2 * attempt).map((value, d) => value - (other[d] as number))
      const rest = directions.reduce(without, difference)
      if (length(rest) > 1e-3 * length(difference)) {
        direction = normalized(rest)
        break
      }
    }
    directions.push(direction)
    const products = Float64Array.from(sample, (vector) =>
      centeredProduct(direction, vector, center),
    )
    for (let slice = 0; slice < slices; slice++) {
      weight.set(direction, (bit * slices + slice) * dims)
      threshold[bit * slices + slice] = -quantile(products, (slice + 1) / levels)
    }
  }
  return { kind: levels === 2 ? 'bits' : 'qary', weight, threshold }
}

/** What is left of a vector when its part along a unit vector is taken away. */
function without(vector: Float32Array, unit: Float32Array): Float32Array {
  const share = Math.fround(innerProduct(vector, unit))
  return vector.map((value, d) => value - Math.fround((unit[d] as number) * share))
}

/** A vector of length 1; one without length stays as it is, as in pgvector's `l2_normalize`. */
function normalized(vector: Float32Array): Float32Array {
  const norm = length(vector)
  return norm > 0 ? vector.map((value) => value / norm) : vector
}

function length(vector: Float32Array): number {
  return Math.sqrt(innerProduct(vector, vector))
}

function innerProduct(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let d = 0; d < a.length; d++) sum += (a[d] as number) * (b[d] as number)
  return sum
}

function centeredProduct(unit: Float32Array, vector: Float32Array, center: Float32Array): number {
  let sum = 0
  for (let d = 0; d < unit.length; d++) {
    sum += (unit[d] as number) * Math.fround((vector[d] as number) - (center[d] as number))
  }
  return sum
}
