import * as tf from '@tensorflow/tfjs-core'
import { initializers, layers } from '@tensorflow/tfjs-layers'
import type { Architecture, AutoEncoder, FrameSeed } from './auto-encoder.js'
import { frameLength } from '../trained/frame-tensor.js'
import { principalComponents } from './principal-components.js'

/** Features that learn which slices are alike. */
const MEANING = 32
/** Features that keep what the slice looks like. */
const APPEARANCE = 96
/**
 * Mean square length of the appearance; that of the meaning, each number of variance 1, is its number of features. More
 * makes neighbours worse: the levels of the nearest are off by 4.8 mm with 0, 4.9 mm with 0.5, 5.2 mm with 1 and 2
 * (OpenKBP, the patients that decide when the training stops).
 */
const APPEARANCE_SQUARE = 0.5

/**
 * 128 features of two kinds. Seven convolutions make the meaning, which is trained so that slices of the same place lie
 * close together. Beside them stand the first principal components of the pixels, the best that a linear encoder can
 * keep of a picture, at little weight; they do not change. The decoder adds what transposed convolutions make
 * of all features to the linear picture, so that it starts as good as principal components.
 */
export const deep: Architecture = {
  name: 'deep',
  meaningLayer: 'meaning',
  encoder: ({ seed }) => [
    {
      branches: [
        [
          ...down({ name: 'down1', filters: 16, strides: 2, seed }),
          ...down({ name: 'down2', filters: 32, strides: 2, seed: seed + 1 }),
          ...down({ name: 'mix2', filters: 32, strides: 1, seed: seed + 2 }),
          ...down({ name: 'down3', filters: 48, strides: 2, seed: seed + 3 }),
          ...down({ name: 'mix3', filters: 48, strides: 1, seed: seed + 4 }),
          ...down({ name: 'down4', filters: 64, strides: 2, seed: seed + 5 }),
          layers.flatten({ name: 'body' }),
          layers.dense({ name: 'thought', units: MEANING, kernelInitializer: glorot(seed + 6) }),
          // Numbers of variance 1 (its scale stays at that), so that no direction is forgotten and the appearance
          // can be weighed against them.
          layers.batchNormalization({ name: 'meaning', momentum, trainable: false }),
        ],
        [
          layers.flatten({ name: 'pixels' }),
          layers.dense({
            name: 'appearance',
            units: APPEARANCE,
            kernelInitializer: 'zeros',
            trainable: false,
          }),
        ],
      ],
      join: layers.concatenate({ name: 'features' }),
    },
  ],
  decoder: ({ size, planes, seed }) => [
    {
      branches: [
        [
          layers.dense({
            name: 'linear',
            units: frameLength({ size, planes }),
            kernelInitializer: 'zeros',
            trainable: false,
          }),
          layers.reshape({ name: 'picture', targetShape: [size, size, planes] }),
        ],
        [
          layers.dense({
            name: 'seed',
            units: (size / 8) ** 2 * 24,
            activation: 'relu',
            kernelInitializer: he(seed),
          }),
          layers.reshape({ name: 'small', targetShape: [size / 8, size / 8, 24] }),
          up({ name: 'up1', filters: 24, seed: seed + 1 }),
          up({ name: 'up2', filters: 16, seed: seed + 2 }),
          layers.conv2dTranspose({
            name: 'detail',
            filters: planes,
            kernelSize: 3,
            strides: 2,
            padding: 'same',
            kernelInitializer: 'zeros',
          }),
        ],
      ],
      join: layers.add({ name: 'image' }),
    },
  ],
  start: setLinearPart,
}

const momentum = 0.95
const glorot = (seed: number) => initializers.glorotUniform({ seed })
const he = (seed: number) => initializers.heNormal({ seed })

interface LayerShape {
  name: string
  filters: number
  seed: number
}

function down({ name, filters, strides, seed }: LayerShape & { strides: number }) {
  return [
    layers.conv2d({
      name,
      filters,
      strides,
      kernelSize: 3,
      padding: 'same',
      useBias: false,
      kernelInitializer: he(seed),
    }),
    layers.batchNormalization({ name: `${name}_norm`, momentum }),
    layers.reLU({ name: `${name}_relu` }),
  ]
}

/** Doubles the image. */
function up({ name, filters, seed }: LayerShape) {
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

/** Principal components for the appearance, and their sum for the linear picture. */
function setLinearPart({ whole }: AutoEncoder, frames: Float32Array, frame: FrameSeed): void {
  const dims = frameLength(frame)
  const { mean, directions, variances } = principalComponents(frames, {
    dims,
    count: APPEARANCE,
    seed: frame.seed,
  })
  const scale = Math.sqrt(APPEARANCE_SQUARE / variances.reduce((a, b) => a + b, 0))
  tf.tidy(() => {
    const rows = tf.tensor2d(directions, [APPEARANCE, dims])
    const center = tf.tensor1d(mean)
    const along = tf.reshape(tf.matMul(rows, tf.expandDims(center, 1)), [APPEARANCE])
    whole
      .getLayer('appearance')
      .setWeights([tf.mul(tf.transpose(rows), scale), tf.mul(along, -scale)])
    const unseen = tf.zeros([MEANING, dims])
    whole.getLayer('linear').setWeights([tf.concat([unseen, tf.div(rows, scale)]), center])
  })
}
