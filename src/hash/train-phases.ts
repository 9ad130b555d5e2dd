import type { CodeDirections } from './code-directions.js'
import { rotationRows } from './directions.js'
import { multiply } from './multiply.js'
import { hashedUniforms } from './random.js'
import { transposed } from './train-axes.js'

export interface PhasedOptions {
  /** Length of the codes. */
  bits: number
  /** Phases, and therefore bits, per direction, evenly spread over half a turn. */
  phases: number
  /**
   * The length of a direction is `reach` times the square root of the number of axes; the bandwidth within the axes is
   * `reach²`.
   */
  reach: number
  seed: number
}

/** Number of axes for so many bits: at most one per direction, because more would not be covered. */
export function axesFor(bits: number, phases: number, dims: number): number {
  return Math.min(dims, Math.ceil(bits / phases))
}

/**
 * Directions of a cosine code with stratified phases: rows of random rotations of the leading principal axes, each with
 * evenly spread phases. The bits of one direction then count quantised differences, in steps of half a turn over
 * `phases`; random phases would add the noise of their draw. Components outside the leading axes are ignored.
 *
 * @param axes orthonormal, concatenated, largest variance first; only the first `axesFor` are used
 */
export function phasedDirections(
  axes: Float32Array,
  dims: number,
  { bits, phases, reach, seed }: PhasedOptions,
): CodeDirections {
  const used = Math.min(axesFor(bits, phases, dims), axes.length / dims)
  const count = Math.ceil(bits / phases)
  // Rotating the whole space needs no axes.
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
