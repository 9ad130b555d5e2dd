import { fours, openSimd, reserve } from './simd.js'

/**
 * Makes what measures vectors, all of equal length, against each other: the squared distances of one of them to all,
 * itself included, summed in 4-byte floats as pgvector does; good until the next call.
 */
export function distancesAmong(vectors: readonly Float32Array[]): (of: number) => Float32Array {
  const size = fours(vectors[0]?.length ?? 0)
  const count = fours(vectors.length)
  const out = count * size
  const simd = openSimd()
  // A new memory is zero, as is what fills vectors up.
  const numbers = reserve(simd, out + count)
  vectors.forEach((vector, i) => numbers.set(vector, i * size))
  return (of) => {
    simd.distances(4 * of * size, 0, 4 * count, 4 * size, 4 * out)
    return numbers.subarray(out, out + vectors.length)
  }
}
