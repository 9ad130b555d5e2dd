import * as tf from '@tensorflow/tfjs-core'
import { layers } from '@tensorflow/tfjs-layers'
import type { Architecture } from './auto-encoder.js'
import { frameLength } from '../trained/frame-tensor.js'

/** Least standard deviation to divide by, so that nearly constant numbers are not amplified. */
const LEAST_SPREAD = 1e-3

/**
 * The numbers of the frame, each standardised to mean 0 and variance 1 over the training frames; for descriptions whose
 * numbers have different units.
 */
export const standard: Architecture = {
  name: 'standard',
  encoder: (frame) => [
    layers.flatten({ name: 'numbers' }),
    layers.dense({ name: 'features', units: frameLength(frame), kernelInitializer: 'zeros' }),
  ],
  decoder: (frame) => [
    layers.dense({ name: 'back', units: frameLength(frame), kernelInitializer: 'zeros' }),
    layers.reshape({ name: 'image', targetShape: [frame.size, frame.size, frame.planes] }),
  ],
  fit: ({ whole }, frames, frame) => {
    const dims = frameLength(frame)
    const { mean, spread } = momentsOf(frames, dims)
    const diagonal = (of: (d: number) => number) => {
      const kernel = new Float32Array(dims * dims)
      for (let d = 0; d < dims; d++) kernel[d * dims + d] = of(d)
      return tf.tensor2d(kernel, [dims, dims])
    }
    tf.tidy(() => {
      whole.setWeights([
        diagonal((d) => 1 / spread[d]!),
        tf.tensor1d(mean.map((value, d) => -value / spread[d]!)),
        diagonal((d) => spread[d]!),
        tf.tensor1d(mean),
      ])
    })
  },
}

function momentsOf(
  frames: Float32Array,
  dims: number,
): { mean: Float32Array; spread: Float32Array } {
  const count = frames.length / dims
  const mean = new Float64Array(dims)
  const square = new Float64Array(dims)
  frames.forEach((value, i) => (mean[i % dims]! += value / count))
  frames.forEach((value, i) => (square[i % dims]! += (value - mean[i % dims]!) ** 2 / count))
  return {
    mean: Float32Array.from(mean),
    spread: Float32Array.from(square, (value) => Math.max(LEAST_SPREAD, Math.sqrt(value))),
  }
}
