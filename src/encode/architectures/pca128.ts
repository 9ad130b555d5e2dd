import * as tf from '@tensorflow/tfjs-core'
import { layers } from '@tensorflow/tfjs-layers'
import type { Architecture } from './auto-encoder.js'
import { frameLength } from '../trained/frame-tensor.js'
import { principalComponents } from './principal-components.js'

const COMPONENTS = 128

/** The first 128 principal components of the pixels: the best linear encoder of 128 numbers. */
export const pca128: Architecture = {
  name: 'pca128',
  encoder: () => [
    layers.flatten({ name: 'pixels' }),
    layers.dense({ name: 'features', units: COMPONENTS, kernelInitializer: 'zeros' }),
  ],
  decoder: ({ size, planes }) => [
    layers.dense({ name: 'sum', units: frameLength({ size, planes }), kernelInitializer: 'zeros' }),
    layers.reshape({ name: 'image', targetShape: [size, size, planes] }),
  ],
  fit: ({ whole }, frames, frame) => {
    const dims = frameLength(frame)
    const { mean, directions } = principalComponents(frames, {
      dims,
      count: COMPONENTS,
      seed: frame.seed,
    })
    tf.tidy(() => {
      const down = tf.tensor2d(directions, [COMPONENTS, dims])
      const center = tf.tensor1d(mean)
      const shift = tf.neg(tf.reshape(tf.matMul(down, tf.expandDims(center, 1)), [COMPONENTS]))
      whole.setWeights([tf.transpose(down), shift, down, center])
    })
  },
}
