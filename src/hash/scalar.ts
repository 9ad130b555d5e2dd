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
  const halves = Float64Array.from(firsts, (bit) => Math.sqrt(1 / (2 * phase![bit]!)))
  // Levels above the middle, and the number of levels in a unit of the product.
  const lasts = Float64Array.from(depths, (depth) => 2 ** (depth - 1))
  const densities = Float64Array.from(firsts, (bit, axis) => phase![bit]! * lasts[axis]!)
  const beside = multiply(cells.weight, highest, dims)
  const squares = squaresOf(cells.weight, dims)
  return (rests, norms, buckets) => {
    const products = multiply(rests, highest, dims)
    const codes = new Uint8Array(norms.length * width)
    const lengths = new Float32Array(norms.length)
    for (let row = 0, at = 0; row < norms.length; row++) {
      const cell = buckets[row]!
      const centre = cell * firsts.length
      let [own, both] = [0, 0]
      // Bits that do not fill a byte yet, and their number.
      let [rest, pending, byte] = [0, 0, row * width]
      for (let axis = 0; axis < firsts.length; axis++, at++) {
        const last = lasts[axis]!
        const place = products[at]! * densities[axis]!
        const level = Math.max(-last, Math.min(last - 1, Math.floor(place)))
        // In units of half the change of the highest bit.
        const value = (2 * level + 1) / last
        own += (value * halves[axis]!) ** 2
        both += value * (products[at]! - beside[centre + axis]!)
        rest = (rest << depths[axis]!) | (level + last)
        for (pending += depths[axis]!; pending >= 8; rest &= (1 << pending) - 1)
          codes[byte++] = rest >> (pending -= 8)
      }
      if (pending > 0) codes[byte] = rest << (8 - pending)
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
