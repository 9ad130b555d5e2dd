import type { HashFamily } from './family.js'
import { hashedNormals } from './random.js'
import { drawRotation, ROUNDS } from './rotation.js'
import { multiply } from './multiply.js'
import { fours, openSimd, putVectors, reserve } from './simd.js'

/** Hashes by rotations instead of direction by direction. */
export interface FastSigns {
  /** Inner products of a centered vector with all code directions; valid until the next call. */
  multiply(x: Float32Array): Float32Array
  /** Codes of concatenated vectors, and for each vector the sum of the absolute values of its products. */
  encode(vectors: Float32Array): { readonly codes: Uint8Array; readonly sizes: Float32Array }
}

/** Numbers (not vectors) that are encoded at once. */
const PART = 2 ** 16

/**
 * Returns fast hashing for a family of kind sign or residual whose directions are the rows of rotations, which holds
 * unless they were made elsewhere. Null for any other family.
 */
export function fastSigns(family: HashFamily): FastSigns | null {
  const { kind, dims, bits, seed, code } = family
  if ((kind !== 'sign' && kind !== 'residual') || dims < 4) return null
  const blocks = Math.ceil(bits / dims)
  const rotations = Array.from({ length: blocks }, (_, block) => drawRotation(dims, seed, block))
  const window = rotations[0]!.window
  const size = fours(dims)
  const [width, rows] = [Math.ceil(bits / 8), Math.max(1, Math.floor(PART / size))]

  // Offsets in numbers: signs of the rounds, vectors, the products of one vector, codes.
  const vectors = blocks * ROUNDS * size
  const products = vectors + rows * size
  const codes = products + blocks * dims + 8
  const simd = openSimd()
  const numbers = reserve(simd, codes + rows * Math.ceil(width / 4))
  const bytes = new Uint8Array(numbers.buffer)
  rotations.flatMap(({ signs }) => signs).forEach((signs, i) => numbers.set(signs, i * size))

  function rotate(row: number): void {
    for (let block = 0; block < blocks; block++) {
      const [x, out] = [vectors + row * size, products + block * dims]
      simd.rotate(4 * x, 4 * out, 4 * dims, 4 * window, 4 * block * ROUNDS * size)
    }
  }

  const fast: FastSigns = {
    multiply(x) {
      putVectors(numbers, vectors, x, dims)
      rotate(0)
      return numbers.subarray(products, products + bits)
    },
    encode(all) {
      const total = all.length / dims
      const found = { codes: new Uint8Array(total * width), sizes: new Float32Array(total) }
      for (let top = 0; top < total; top += rows) {
        const bottom = Math.min(total, top + rows)
        putVectors(numbers, vectors, all.subarray(top * dims, bottom * dims), dims)
        for (let row = top; row < bottom; row++) {
          rotate(row - top)
          // Clears the unused bits of the last byte.
          numbers.fill(0, products + bits, products + 8 * width)
          found.sizes[row] = simd.pack(4 * products, width, 4 * codes + (row - top) * width)
        }
        const first = 4 * codes
        found.codes.set(bytes.subarray(first, first + (bottom - top) * width), top * width)
      }
      return found
    },
  }
  return agrees(fast, code.weight, dims) ? fast : null
}

/** Whether rotations give the same products as the directions of a family, tested on one random vector. */
function agrees(fast: FastSigns, weight: Float32Array, dims: number): boolean {
  const x = Float32Array.from(hashedNormals(0, 'probe', dims))
  const products = fast.multiply(x)
  return multiply(x, weight, dims).every((product, i) => Math.abs(product - products[i]!) < 1e-3)
}
