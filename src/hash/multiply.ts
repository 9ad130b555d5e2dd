import { fours, openSimd, putVectors, reserve, type Simd } from './simd.js'

/** Directions that are kept, to multiply one vector after the other by some of them. */
export interface KeptDirections {
  /** Inner products of a vector with the directions from `first` on (default: with all); good until the next call. */
  multiply(x: Float32Array, first?: number, end?: number): Float32Array
}

/** Of `multiply`; its memory stays as large as the largest part needed it. */
let shared: Simd | undefined

/** Numbers of directions, and of vectors, that are worked on at once: they stay in the processor's cache. */
const PART = 2 ** 17

/**
 * Inner products of vectors with directions, both end to end: with all directions for the first vector,
 * then for the second, … Summed in 4-byte floats.
 */
export function multiply(
  vectors: Float32Array,
  directions: Float32Array,
  dims: number,
): Float32Array {
  const [rows, count] = [vectors.length / dims, directions.length / dims]
  const products = new Float32Array(rows * count)
  shared ??= openSimd()
  const width = Math.max(4, Math.floor(PART / dims))
  for (let left = 0; left < count; left += width) {
    const right = Math.min(count, left + width)
    const height = Math.max(1, Math.floor(PART / Math.max(dims, right - left)))
    const part = load(shared, directions.subarray(left * dims, right * dims), dims, height)
    for (let top = 0; top < rows; top += height) {
      const bottom = Math.min(rows, top + height)
      const some = part(vectors.subarray(top * dims, bottom * dims), 0, right - left)
      const stride = fours(right - left)
      if (stride === count) products.set(some, top * count)
      else {
        for (let row = top, at = 0; row < bottom; row++, at += stride)
          products.set(some.subarray(at, at + right - left), row * count + left)
      }
    }
  }
  return products
}

/** Directions in a memory of their own, which goes with them. */
export function keepDirections(directions: Float32Array, dims: number): KeptDirections {
  const count = directions.length / dims
  const part = load(openSimd(), directions, dims, 1)
  return {
    multiply: (x, first = 0, end = count) => part(x, first, end - first).subarray(0, end - first),
  }
}

/**
 * Puts directions into a memory, with room for so many vectors. Returns what multiplies vectors by `count` of them:
 * the next multiple of four products a vector, of which the last may mean nothing.
 */
function load(simd: Simd, directions: Float32Array, dims: number, rows: number) {
  const size = fours(dims)
  // Whoever begins within a four of directions ends up to three behind the last.
  const most = fours(directions.length / dims) + 4
  const [x, out] = [most * size, (most + rows) * size]
  const numbers = reserve(simd, out + rows * most)
  putVectors(numbers, 0, directions, dims)
  return (vectors: Float32Array, first: number, count: number): Float32Array => {
    const [height, width] = [vectors.length / dims, fours(count)]
    putVectors(numbers, x, vectors, dims)
    if (count > 0) simd.multiply(4 * x, height, 4 * first * size, width, 4 * size, 4 * out)
    return numbers.subarray(out, out + height * width)
  }
}
