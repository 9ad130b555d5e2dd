import * as tf from '@tensorflow/tfjs-core'
import { initializers, layers } from '@tensorflow/tfjs-layers'
import type { Architecture, AutoEncoder, FrameSeed } from './auto-encoder.js'
import { frameLength } from '../trained/frame-tensor.js'
import { principalComponents } from './principal-components.js'

/** Features that are trained for similarity. */
const SIMILARITY = 32
/** Features that preserve the appearance of the slice. */
const APPEARANCE = 96
/**
 * Mean square length of the appearance features; that of the similarity features, each of variance 1, is their number.
 * A larger value makes neighbours worse: the mean distance in level to the nearest neighbour is 4.8 mm with 0, 4.9 mm
 * with 0.5, 5.2 mm with 1 and 2 (OpenKBP, on the patients used for early stopping).
 */
const APPEARANCE_SQUARE = 0.5

/**
 * 128 features of two kinds. Seven convolutions compute similarity features, trained so that slices of the same place
 * in the body are close to each other. Appearance features are the first principal components of the pixels, the best
 * linear code of a picture; they have a small weight and do not change. The decoder adds the output of transposed
 * convolutions over all features to the linear reconstruction, so that it starts as good as principal components.
 */
export const deep: Architecture = {
  name: 'deep',
  similarityLayer: 'meaning',
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
          layers.dense({ name: 'thought', units: SIMILARITY, kernelInitializer: glorot(seed + 6) }),
          // Variance 1, with a fixed scale, so that no direction collapses and the appearance
          // features have a defined weight relative to these.
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

/** Doubles the size of the image. */
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

/** Sets the principal components of the appearance features, and the linear reconstruction from them. */
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
    const unseen = tf.zeros([SIMILARITY, dims])
    whole.getLayer('linear').setWeights([tf.concat([unseen, tf.div(rows, scale)]), center])
  })
}
