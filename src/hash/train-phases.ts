import type { CodeDirections } from './code-directions.js'
import { rotationRows } from './directions.js'
import { multiply } from './multiply.js'
import { hashedUniforms } from './random.js'
import { transposed } from './train-axes.js'

export interface PhasedOptions {
  /** Length of the codes. */
  bits: number
  /** Phases of a direction, evenly spread over half a turn: so many bits that each direction gets. */
  phases: number
  /** Length of a direction is `reach` times the root of the axes: the square of `reach` is its bandwidth within them. */
  reach: number
  seed: number
}

/** Axes that so many bits are spent on: more of them than directions would be left half seen. */
export function axesFor(bits: number, phases: number, dims: number): number {
  return Math.min(dims, Math.ceil(bits / phases))
}

/**
 * Directions of a cosine code that share their errors: the rows of random rotations of the first principal axes, each
 * with phases that are evenly spread. Bits of one direction then count its quantised differences, half a turn in
 * `phases` steps, where random phases would count them with the noise of a draw; and what the leading axes do not
 * hold is left out.
 *
 * @param axes orthonormal, end to end, those of most variance first; no more are used than `axesFor` says
 */
export function phasedDirections(
  axes: Float32Array,
  dims: number,
  { bits, phases, reach, seed }: PhasedOptions,
): CodeDirections {
  const used = Math.min(axesFor(bits, phases, dims), axes.length / dims)
  const count = Math.ceil(bits / phases)
  // Rotating the whole of a space needs no axes of it.
  const whole = axesFor(bits, phases, dims) > used
  const turned = whole
    ? rotationRows(dims, count, seed)
    : multiply(
        rotationRows(used, count, seed),
        transposed(axes.subarray(0, used * dims), dims),
        used,
      )
  const length = reach * Math.sqrt(whole ? dims : used)
  const starts = hashedUniforms(seed, 'phase', count)
  const weight = new Float32Array(bits * dims)
  const phase = new Float64Array(bits)
  for (let bit = 0; bit < bits; bit++) {
    const direction = Math.floor(bit / phases)
    for (let d = 0; d < dims; d++) weight[bit * dims + d] = length * turned[direction * dims + d]!
    phase[bit] = (2 * starts[direction]! - 1 + (bit % phases) / phases) * Math.PI
  }
  return { weight, phase, threshold: new Float64Array(bits) }
}
