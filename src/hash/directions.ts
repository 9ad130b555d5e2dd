import type { CodeDirections, FamilyKind } from './family.js'
import { drawKernel } from './kernel.js'
import { hashedNormals, hashedUniforms } from './random.js'

export interface DirectionOptions {
  kind: Exclude<FamilyKind, 'itq'>
  dims: number
  /** Length of the codes. */
  bits: number
  /** Same seed, same directions. */
  seed: number
  /** gamma; not used for sign and residual. */
  bandwidth: number
  /** q of a quantiser. */
  levels: number
}

/** The directions of a family of a kind that needs no learning: `lsh._code_directions`. */
export function drawDirections(options: DirectionOptions): CodeDirections {
  switch (options.kind) {
    case 'kernel':
      return drawKernel(options)
    case 'cosine':
      return { ...drawKernel(options), threshold: new Float64Array(options.bits) }
    case 'sign':
    case 'residual':
      return drawSign(options)
    case 'qary':
      return drawQary(options)
  }
}

/**
 * Random hyperplanes (Charikar, STOC 2002) through the center, orthonormal in blocks of as many as there
 * are dimensions: `lsh._sign_directions`, which rounds to 4 bytes after every step as this does, but adds
 * in another order.
 */
function drawSign({ dims, bits, seed }: DirectionOptions): CodeDirections {
  const weight = new Float32Array(bits * dims)
  for (let bit = 0; bit < bits; bit++) {
    const direction = Float32Array.from(hashedNormals(seed, `sign:${bit}`, dims))
    // Twice is enough (Giraud and others, 2005): the second pass takes away what the first left by rounding.
    for (let pass = 0; pass < 2; pass++) {
      for (let before = bit - (bit % dims); before < bit; before++) {
        removePart(direction, weight.subarray(before * dims, (before + 1) * dims))
      }
    }
    const length = Math.sqrt(direction.reduce((sum, value) => sum + value * value, 0))
    weight.set(
      direction.map((value) => value / length),
      bit * dims,
    )
  }
  return { weight, phase: null, threshold: new Float64Array(bits) }
}

function removePart(vector: Float32Array, unit: Float32Array): void {
  let product = 0
  for (let d = 0; d < unit.length; d++) product += vector[d]! * unit[d]!
  const share = Math.fround(product)
  for (let d = 0; d < unit.length; d++) vector[d]! -= Math.fround(unit[d]! * share)
}

/**
 * p-stable quantiser (Datar et al., SoCG 2004) of q levels, `h = floor(<w, x> + b + q/2)` cut off to
 * 0 … q-1, w ~ N(0, bandwidth I), b ~ U[-½, ½], bit-sliced: q-1 bits a direction, of which h are set.
 * `lsh._qary_directions`.
 */
function drawQary({ dims, bits, seed, bandwidth, levels }: DirectionOptions): CodeDirections {
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
