import * as tf from '@tensorflow/tfjs-core'
import { initializers, layers } from '@tensorflow/tfjs-layers'
import type { Architecture, AutoEncoder, FrameSeed } from './auto-encoder.js'
import { frameLength } from '../trained/frame-tensor.js'
import { principalComponents } from './principal-components.js'

const FEATURES = 128
/** Channels of the encoder's convolutions, and of those that refine a picture at half and at a quarter of its size. */
const SEEN = 32
const FINE = 24
const COARSE = 48

/**
 * 128 features that are trained for reconstruction only. Encoder and decoder start as principal components, with
 * parallel convolutions whose last layers are zero, so that the training starts at the error of the best linear encoder
 * of 128 numbers. All weights are then trained, those of the linear layers slowly.
 */
export const refined: Architecture = {
  name: 'refined',
  slowLayers: ['linear', 'sum'],
  augmented: true,
  encoder: ({ seed }) => [
    {
      branches: [
        [
          layers.flatten({ name: 'pixels' }),
          layers.dense({ name: 'linear', units: FEATURES, kernelInitializer: 'zeros' }),
        ],
        [
          // The kernel is as large as the stride: each output sees a patch of its own.
          rectified({ name: 'patches', filters: SEEN, kernelSize: 4, strides: 4, seed }),
          rectified({ name: 'mix', filters: SEEN, strides: 1, seed: seed + 1 }),
          rectified({ name: 'down', filters: FINE, strides: 2, seed: seed + 2 }),
          layers.flatten({ name: 'seen' }),
          layers.dense({ name: 'curved', units: FEATURES, kernelInitializer: 'zeros' }),
        ],
      ],
      join: layers.add({ name: 'features' }),
    },
  ],
  decoder: ({ size, planes, seed }) => [
    {
      branches: [
        [
          layers.dense({
            name: 'sum',
            units: frameLength({ size, planes }),
            kernelInitializer: 'zeros',
          }),
          layers.reshape({ name: 'picture', targetShape: [size, size, planes] }),
          {
            branches: [[], refinement(planes, seed)],
            join: layers.add({ name: 'refined_picture' }),
          },
        ],
        [
          layers.dense({
            name: 'seed',
            units: (size / 8) ** 2 * FINE,
            activation: 'relu',
            kernelInitializer: he(seed + 10),
          }),
          layers.reshape({ name: 'small', targetShape: [size / 8, size / 8, FINE] }),
          enlarged({ name: 'up1', filters: FINE, seed: seed + 11 }),
          enlarged({ name: 'up2', filters: 16, seed: seed + 12 }),
          correction('detail', planes),
        ],
      ],
      join: layers.add({ name: 'image' }),
    },
  ],
  start: beginWithComponents,
}

/** Correction of the linear reconstruction by convolutions at half and at a quarter of its size; initially zero. */
function refinement(planes: number, seed: number) {
  return [
    rectified({ name: 'halved', filters: FINE, kernelSize: 4, strides: 2, seed: seed + 1 }),
    {
      branches: [
        [],
        [
          rectified({ name: 'quartered', filters: COARSE, strides: 2, seed: seed + 2 }),
          rectified({ name: 'thought', filters: COARSE, strides: 1, seed: seed + 3 }),
          enlarged({ name: 'doubled', filters: FINE, seed: seed + 4 }),
        ],
      ],
      join: layers.add({ name: 'both_sizes' }),
    },
    correction('correction', planes),
  ]
}

const he = (seed: number) => initializers.heNormal({ seed })

interface LayerShape {
  name: string
  filters: number
  seed: number
}

function rectified({
  name,
  filters,
  strides,
  kernelSize = 3,
  seed,
}: LayerShape & { strides: number; kernelSize?: number }) {
  return layers.conv2d({
    name,
    filters,
    strides,
    kernelSize,
    padding: 'same',
    activation: 'relu',
    kernelInitializer: he(seed),
  })
}

/** Doubles the size of the image. */
function enlarged({ name, filters, seed }: LayerShape) {
  return layers.conv2dTranspose({
    name,
    filters,
    kernelSize: 3,
    strides: 2,
    padding: 'same',
    activation: 'relu',
    kernelInitializer: he(seed),
  })
}

/** Doubles the image to the size of the frame; initially zero. */
function correction(name: string, planes: number) {
  return layers.conv2dTranspose({
    name,
    filters: planes,
    kernelSize: 3,
    strides: 2,
    padding: 'same',
    kernelInitializer: 'zeros',
  })
}

function beginWithComponents({ whole }: AutoEncoder, frames: Float32Array, frame: FrameSeed): void {
  const dims = frameLength(frame)
  const { mean, directions } = principalComponents(frames, {
    dims,
    count: FEATURES,
    seed: frame.seed,
  })
  tf.tidy(() => {
    const rows = tf.tensor2d(directions, [FEATURES, dims])
    const center = tf.tensor1d(mean)
    const along = tf.reshape(tf.matMul(rows, tf.expandDims(center, 1)), [FEATURES])
    whole.getLayer('linear').setWeights([tf.transpose(rows), tf.neg(along)])
    whole.getLayer('sum').setWeights([rows, center])
  })
}
