import { fours, openSimd, reserve } from './simd.js'

/**
 * Returns a function that computes the squared distances of one of these vectors to all of them, itself included,
 * summed in 4-byte floats as pgvector does. The result is valid until the next call. All vectors have equal length.
 */
export function distancesAmong(vectors: readonly Float32Array[]): (of: number) => Float32Array {
  const size = fours(vectors[0]?.length ?? 0)
  const count = fours(vectors.length)
  const out = count * size
  const simd = openSimd()
  // New memory is zero, so the padding of the vectors is zero too.
  const numbers = reserve(simd, out + count)
  vectors.forEach((vector, i) => numbers.set(vector, i * size))
  return (of) => {
    simd.distances(4 * of * size, 0, 4 * count, 4 * size, 4 * out)
    return numbers.subarray(out, out + vectors.length)
  }
}
