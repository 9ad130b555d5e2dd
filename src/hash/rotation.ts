import { hashedUniforms } from './random.js'

/** Rounds of a rotation, the same number as in `simd.wat` and `lsh_internal.rotation`. */
export const ROUNDS = 4

/**
 * A random rotation of vectors: `lsh_internal.rotation`. Each of four rounds applies random signs, then a Hadamard
 * transform (Ailon and Chazelle, STOC 2006) to a window whose length is the largest power of two that fits. The window
 * alternates between the first and the last elements; if it does not cover the whole vector, the halves of the vector
 * are then rotated against each other by 45°. All steps are orthogonal. They take about `4 dims log2(dims)` additions,
 * a matrix `dims²` products.
 */
export interface Rotation {
  readonly dims: number
  /** Number of elements that are transformed at once. */
  readonly window: number
  /** For each round, a factor per element: the random sign divided by the growth of a transform. */
  readonly signs: readonly Float64Array[]
}

/** The same seed and number give the same rotation. */
export function drawRotation(dims: number, seed: number, number: number): Rotation {
  let window = 1
  while (2 * window <= dims) window *= 2
  const signs = Array.from({ length: ROUNDS }, (_, round) => {
    const first = firstOf(round, dims, window)
    return hashedUniforms(seed, `sign:${number}:${round}`, dims).map((uniform, d) => {
      const size = d >= first && d < first + window ? 1 / Math.sqrt(window) : 1
      return uniform < 0.5 ? -size : size
    })
  })
  return { dims, window, signs }
}

/** Rotates a vector in place. */
export function rotate({ dims, window, signs }: Rotation, x: Float64Array): void {
  signs.forEach((factors, round) => {
    for (let d = 0; d < dims; d++) x[d]! *= factors[d]!
    const first = firstOf(round, dims, window)
    transform(x.subarray(first, first + window))
    if (window < dims) turn(x, dims >> 1)
  })
}

function firstOf(round: number, dims: number, window: number): number {
  return round % 2 === 0 ? 0 : dims - window
}

/** Hadamard transform, which multiplies the length of a vector by the square root of its dimension. */
function transform(x: Float64Array): void {
  for (let half = 1; half < x.length; half *= 2) {
    for (let block = 0; block < x.length; block += 2 * half) {
      for (let i = block; i < block + half; i++) {
        const [a, b] = [x[i]!, x[i + half]!]
        x[i] = a + b
        x[i + half] = a - b
      }
    }
  }
}

function turn(x: Float64Array, half: number): void {
  for (let i = 0; i < half; i++) {
    const [a, b] = [x[i]! * Math.SQRT1_2, x[i + half]! * Math.SQRT1_2]
    x[i] = a + b
    x[i + half] = a - b
  }
}
