import { endToEnd } from '../core/vector.js'
import type { CodeDirections } from './code-directions.js'
import { multiply } from './multiply.js'
import { principalAxes } from './train-axes.js'

/** Most rows that levels are fitted to; more change them little. */
const ROWS = 3000
/** Most bits per axis: products of 4-byte numbers must still separate its levels. */
export const MOST_BITS = 16
/** Fractions of the longest projection to try as the end of the levels. */
const ENDS = Array.from({ length: 20 }, (_, i) => 1.02 * 0.85 ** i)

/**
 * Directions of kind scalar: the principal axes of a sample, each divided into equal levels whose number is a power of
 * two. Each bit goes to the axis whose error it reduces most, the water-filling of a Gaussian source (Cover and Thomas,
 * Elements of Information Theory, 10.3.3) on the sample's own errors. The levels of an axis end where the squared error
 * of the sample is least. The bits of an axis are adjacent, the highest first.
 *
 * The weight of a bit is its axis times half of the change that the bit makes, so that a vector is about `Σ ±w_i`, and
 * its inner product with y about `Σ ±<w_i, y>`.
 *
 * @param sample vectors less the center of the family
 * @param bits at most 16 per dimension
 */
export function learnScalar(
  sample: readonly Float32Array[],
  bits: number,
  seed: number,
): CodeDirections {
  const rows = sample.slice(0, ROWS)
  const dims = rows[0]!.length
  const values = endToEnd(rows)
  const learned = Int32Array.from(rows.keys())
  const axes = principalAxes({ dims, values, learned, seed })
  const fits = allocate(multiply(values, axes, dims), axes.length / dims, bits)
  const weight = new Float32Array(bits * dims)
  const phase = new Float64Array(bits)
  const top = new Int32Array(bits)
  let bit = 0
  fits.forEach(({ bits: depth, end }, axis) => {
    const first = bit
    const highest = axes.subarray(axis * dims, (axis + 1) * dims).map((value) => (value * end) / 2)
    let squares = 0
    for (const value of highest) squares += value * value
    for (let below = 0; below < depth; below++, bit++) {
      // Halving is exact, so that the products of all bits of an axis are rounded alike.
      for (let d = 0; d < dims; d++) weight[bit * dims + d] = highest[d]! * 0.5 ** below
      phase[bit] = 4 ** below / (2 * squares)
      top[bit] = first
    }
  })
  return { weight, phase, threshold: new Float64Array(bits), top }
}

interface AxisFit {
  readonly bits: number
  /** Levels reach from `-end` to `end`. */
  readonly end: number
  readonly error: number
}

/** Bits and levels of each axis, from the products of all rows with all axes. */
function allocate(products: Float32Array, axes: number, bits: number): AxisFit[] {
  const columns = Array.from({ length: axes }, (_, axis) =>
    Float64Array.from({ length: products.length / axes }, (_, row) => products[row * axes + axis]!),
  )
  const fits: AxisFit[] = columns.map((column) => ({ bits: 0, end: 0, error: squaresOf(column) }))
  const next = columns.map((column) => fitLevels(column, 1))
  for (let bit = 0; bit < bits; bit++) {
    let best = -1
    let most = -Infinity
    fits.forEach((fit, axis) => {
      const gain = fit.error - next[axis]!.error
      if (fit.bits < MOST_BITS && gain > most) [best, most] = [axis, gain]
    })
    fits[best] = next[best]!
    next[best] = fitLevels(columns[best]!, fits[best]!.bits + 1)
  }
  return fits
}

/** The end of the levels with the smallest squared error. */
function fitLevels(column: Float64Array, bits: number): AxisFit {
  const longest = column.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  let best: AxisFit = { bits, end: longest || 1, error: Infinity }
  for (const part of ENDS) {
    const end = part * longest || 1
    const step = (2 * end) / 2 ** bits
    let error = 0
    for (const value of column) {
      const level = Math.floor(value / step)
      const last = 2 ** (bits - 1)
      const rest = value - step * (Math.max(-last, Math.min(last - 1, level)) + 0.5)
      error += rest * rest
    }
    if (error < best.error) best = { bits, end, error }
  }
  return best
}

function squaresOf(column: Float64Array): number {
  return column.reduce((sum, value) => sum + value * value, 0)
}
