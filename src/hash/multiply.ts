import { fours, openSimd, putVectors, reserve, type Simd } from './simd.js'

/** Stored directions, for products with one vector after the other. */
export interface KeptDirections {
  /**
   * Inner products of a vector with the directions from `first` to before `end` (default: all); valid until the next
   * call.
   */
  multiply(x: Float32Array, first?: number, end?: number): Float32Array
}

/** Used by `multiply`; its memory stays as large as the largest call needed. */
let shared: Simd | undefined

/** Numbers of directions and vectors that are processed at once, so that they stay in the processor's cache. */
const PART = 2 ** 17

/**
 * Inner products of concatenated vectors with concatenated directions: those of the first vector with all directions,
 * then those of the second, … Summed in 4-byte floats.
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

/** Copies directions into a memory of their own, which is freed with the result. */
export function keepDirections(directions: Float32Array, dims: number): KeptDirections {
  const count = directions.length / dims
  const part = load(openSimd(), directions, dims, 1)
  return {
    multiply: (x, first = 0, end = count) => part(x, first, end - first).subarray(0, end - first),
  }
}

/**
 * Copies directions into a memory with room for `rows` vectors. Returns a function that multiplies vectors by `count`
 * of them; the width of its result is `count` rounded up to a multiple of four, and the excess products are undefined.
 */
function load(simd: Simd, directions: Float32Array, dims: number, rows: number) {
  const size = fours(dims)
  // A read that starts within a group of four directions ends up to three behind the last.
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
