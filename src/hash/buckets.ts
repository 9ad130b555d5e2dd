import type { BucketDirections } from './family.js'
import { quantile } from './median.js'
import { hashedUniforms } from './random.js'

/** Pairs of rows to try for one bit before the bit stays constant; rows may repeat. */
const ATTEMPTS = 16

/**
 * Orthonormal directions through pairs of sample rows, each with offsets that divide the sample into levels of equal
 * size. The draws are those of `lsh_internal.bucket_directions`, which sums 4-byte floats in a different order: the
 * components of a direction agree to about 1e-6 of their size before it was made orthogonal to the others.
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
      // A Float32Array rounds its values, as pgvector does.
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

/** The component of a vector that is orthogonal to a unit vector. */
function without(vector: Float32Array, unit: Float32Array): Float32Array {
  const share = Math.fround(innerProduct(vector, unit))
  return vector.map((value, d) => value - Math.fround((unit[d] as number) * share))
}

/** The vector scaled to length 1; a zero vector stays as it is, as in pgvector's `l2_normalize`. */
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
