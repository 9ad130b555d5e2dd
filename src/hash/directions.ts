import type { CodeDirections } from './code-directions.js'
import { hashedNormals, hashedUniforms } from './random.js'
import { drawRotation, rotate } from './rotation.js'

/** Parameters of the directions of a kind that needs no learning: `lsh_internal.code_directions`. */
export interface DirectionOptions {
  dims: number
  /** Length of the codes. */
  bits: number
  /** Same seed, same directions. */
  seed: number
  /** gamma; sign and residual do not use it. */
  bandwidth: number
  /** q of a quantiser. */
  levels: number
}

/** Random hyperplanes (Charikar, STOC 2002) through the center: the rows of random rotations. `lsh_internal.sign_directions`. */
export function drawSign({ dims, bits, seed }: DirectionOptions): CodeDirections {
  return { weight: rotationRows(dims, bits, seed), phase: null, threshold: new Float64Array(bits) }
}

/** Unit vectors; each `dims` consecutive ones are the rows of one random rotation. */
export function rotationRows(dims: number, count: number, seed: number): Float32Array {
  const weight = new Float32Array(count * dims)
  for (let first = 0; first < count; first += dims) {
    const rotation = drawRotation(dims, seed, first / dims)
    const rows = Math.min(dims, count - first)
    for (let d = 0; d < dims; d++) {
      // Column by column: the image of a unit vector.
      const x = new Float64Array(dims)
      x[d] = 1
      rotate(rotation, x)
      for (let row = 0; row < rows; row++) weight[(first + row) * dims + d] = x[row]!
    }
  }
  return weight
}

/**
 * p-stable quantiser (Datar et al., SoCG 2004) with q levels: `h = floor(<w, x> + b + q/2)`, clamped to 0 … q-1, w ~
 * N(0, bandwidth I), b ~ U[-½, ½]. Bit-sliced: each direction has q-1 bits, of which h are set.
 * `lsh_internal.qary_directions`.
 */
export function drawQary({
  dims,
  bits,
  seed,
  bandwidth,
  levels,
}: DirectionOptions): CodeDirections {
  const slices = levels - 1
  const offset = hashedUniforms(seed, 'offset', Math.ceil(bits / slices))
  const weight = new Float32Array(bits * dims)
  const threshold = new Float64Array(bits)
  for (let bit = 0; bit < bits; bit++) {
    const direction = Math.floor(bit / slices)
    if (bit % slices === 0) {
      const normals = hashedNormals(seed, `qary:${direction}`, dims)
      for (let d = 0; d < dims; d++) weight[bit * dims + d] = Math.sqrt(bandwidth) * normals[d]!
    } else {
      weight.copyWithin(bit * dims, (bit - 1) * dims, bit * dims)
    }
    threshold[bit] = offset[direction]! - 0.5 + levels / 2 - (1 + (bit % slices))
  }
  return { weight, phase: null, threshold }
}
