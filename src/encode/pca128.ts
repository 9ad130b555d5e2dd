import * as tf from '@tensorflow/tfjs-core'
import { layers } from '@tensorflow/tfjs-layers'
import type { Architecture } from './architecture.js'
import { principalComponents } from './principal-components.js'

const COMPONENTS = 128

/** The first 128 principal components of the pixels: the best that a linear encoder of so many numbers can do. */
export const pca128: Architecture = {
  name: 'pca128',
  encoder: () => [
    layers.flatten({ name: 'pixels' }),
    layers.dense({ name: 'features', units: COMPONENTS, kernelInitializer: 'zeros' }),
  ],
  decoder: ({ size }) => [
    layers.dense({ name: 'sum', units: size ** 2, kernelInitializer: 'zeros' }),
    layers.reshape({ name: 'image', targetShape: [size, size, 1] }),
  ],
  fit: ({ whole }, frames, { size, seed }) => {
    const { mean, directions } = principalComponents(frames, {
      dims: size ** 2,
      count: COMPONENTS,
      seed,
    })
    tf.tidy(() => {
      const down = tf.tensor2d(directions, [COMPONENTS, size ** 2])
      const center = tf.tensor1d(mean)
      const shift = tf.neg(tf.reshape(tf.matMul(down, tf.expandDims(center, 1)), [COMPONENTS]))
      whole.setWeights([tf.transpose(down), shift, down, center])
    })
  },
}
