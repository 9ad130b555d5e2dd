import { LshError } from '../core/errors.js'
import type { CodeDirections } from './code-directions.js'
import { hashedNormals, hashedUniforms } from './random.js'

export interface KernelOptions {
  /** Dimension of the vectors. */
  dims: number
  /** Length of the codes. */
  bits: number
  /** Same seed, same directions. */
  seed: number
  /** gamma of the kernel `exp(-gamma |x - y|² / 2)`. */
  bandwidth: number
}

/**
 * Random features of Raginsky and Lazebnik (NIPS 2009): w ~ N(0, bandwidth I), b ~ U[-pi, pi], t ~ U[-1, 1]. Bit i does
 * not depend on the number of bits. The draws are those of `lsh_internal.kernel_directions`, except that sine and
 * cosine may differ in their last digit: weights agree to 1e-6 of their size, phases and thresholds exactly.
 */
export function drawKernel(
  options: KernelOptions,
): CodeDirections & { readonly phase: Float64Array } {
  const { dims, bits, seed, bandwidth } = options
  if (!(bandwidth > 0 && bandwidth < Infinity)) {
    throw new LshError('bad_usage', `a bandwidth must be a positive number, not ${bandwidth}`, {
      hint: 'Use the bandwidth that calibrate() returns.',
    })
  }
  const weight = new Float32Array(bits * dims)
  const scale = Math.sqrt(bandwidth)
  for (let bit = 0; bit < bits; bit++) {
    const normals = hashedNormals(seed, `weight:${bit}`, dims)
    for (let d = 0; d < dims; d++) weight[bit * dims + d] = scale * (normals[d] as number)
  }
  return {
    weight,
    phase: hashedUniforms(seed, 'phase', bits).map((value) => (2 * value - 1) * Math.PI),
    threshold: hashedUniforms(seed, 'threshold', bits).map((value) => 2 * value - 1),
  }
}

/** As `drawKernel`, with thresholds of 0. */
export function drawCosine(options: KernelOptions): CodeDirections {
  return { ...drawKernel(options), threshold: new Float64Array(options.bits) }
}
