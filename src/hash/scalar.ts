import { endToEnd } from '../core/vector.js'
import type { Cells } from './family.js'
import type { CodeDirections } from './code-directions.js'
import { multiply } from './multiply.js'

/**
 * Margin of a bit of kind scalar: the distance of the vector, along the axis, from the point where the bit changes;
 * negative if the bit is 0. `lsh_internal.level_margin`.
 *
 * @param product inner product with the weight of the bit
 * @param phase 1 / (2 |weight|²)
 * @param below places of the bit below the highest bit of its axis
 */
export function levelMargin(product: number, phase: number, below: number): number {
  const last = 2 ** below
  const place = product * phase
  const level = Math.max(-last, Math.min(last - 1, Math.floor(place)))
  const set = below === 0 ? level === 0 : (level & 1) === 1
  const edge = below === 0 ? 0 : Math.max(1 - last, Math.min(last - 1, Math.floor(place + 0.5)))
  const away = Math.abs(place - edge) * Math.sqrt(2 / phase)
  // On the edge, the bit is that of the level above.
  return set ? Math.max(away, 1e-30) : -away
}

/** Codes of kind scalar, each with the length for which `length² - 2 (<c, q> + Σ ±<w_i, q>)` estimates distances. */
export interface ScalarCodes {
  readonly codes: Uint8Array
  readonly norms: Float32Array
}

/**
 * Returns a function that encodes concatenated vectors, less the centres of their cells and with known lengths. A code
 * represents the vector `y = c + Σ ±w_i`, where c is the centre of its cell. Its length is `√(|y|² + |x - y|²)`, as if
 * y and x - y were orthogonal.
 */
export function scalarEncoder(
  { weight, phase, top }: CodeDirections,
  cells: Cells,
  dims: number,
): (rests: Float32Array, norms: Float32Array, buckets: Int32Array) => ScalarCodes {
  const bits = phase!.length
  const width = Math.ceil(bits / 8)
  const firsts = [...new Set(top)]
  const depths = firsts.map((first, axis) => (firsts[axis + 1] ?? bits) - first)
  const highest = endToEnd(firsts.map((bit) => weight.subarray(bit * dims, (bit + 1) * dims)))
  const halves = firsts.map((bit) => Math.sqrt(1 / (2 * phase![bit]!)))
  const beside = multiply(cells.weight, highest, dims)
  const squares = squaresOf(cells.weight, dims)
  return (rests, norms, buckets) => {
    const products = multiply(rests, highest, dims)
    const codes = new Uint8Array(norms.length * width)
    const lengths = new Float32Array(norms.length)
    for (let row = 0, at = 0; row < norms.length; row++) {
      const cell = buckets[row]!
      const centre = cell * firsts.length
      let [own, both, bit] = [0, 0, 8 * row * width]
      for (let axis = 0; axis < firsts.length; axis++, at++) {
        const depth = depths[axis]!
        const last = 2 ** (depth - 1)
        const place = products[at]! * phase![firsts[axis]!]! * last
        const level = Math.max(-last, Math.min(last - 1, Math.floor(place)))
        // In units of half the change of the highest bit.
        const value = (2 * level + 1) / last
        own += (value * halves[axis]!) ** 2
        both += value * (products[at]! - beside[centre + axis]!)
        for (let left = depth - 1; left >= 0; left--, bit++)
          if (((level + last) >> left) & 1) codes[bit >> 3]! |= 0x80 >> (bit & 7)
      }
      lengths[row] = Math.sqrt(Math.max(0, norms[row]! ** 2 + squares[cell]! - 2 * both + 2 * own))
    }
    return { codes, norms: lengths }
  }
}

/** Squared lengths of concatenated vectors. */
export function squaresOf(vectors: Float32Array, dims: number): Float64Array {
  const squares = new Float64Array(vectors.length / dims)
  for (let row = 0, at = 0; row < squares.length; row++)
    for (let d = 0; d < dims; d++, at++) squares[row]! += vectors[at]! ** 2
  return squares
}
