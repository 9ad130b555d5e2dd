import { initializers, layers } from '@tensorflow/tfjs-layers'
import type { Architecture } from './auto-encoder.js'

/** Channels of the features: strides 2, 2, 2 turn a frame of 64 x 64 into 8 x 8 x 4 = 256 numbers. */
const featureChannels = 4

/**
 * Three strided convolutions and three transposed ones. Strides are used instead of pooling and upsampling, whose
 * gradients are wrong in some back ends. The output is linear, because a sigmoid with the mean squared error got stuck
 * at a constant image.
 */
export const shallow: Architecture = {
  name: 'shallow',
  encoder: ({ seed }) => [
    down({ name: 'down1', filters: 16, kernelSize: 3, seed }),
    down({ name: 'down2', filters: 24, kernelSize: 3, seed: seed + 1 }),
    down({ name: 'features', filters: featureChannels, kernelSize: 3, seed: seed + 2 }),
  ],
  decoder: ({ planes, seed }) => [
    up({ name: 'up1', filters: 24, kernelSize: 3, seed }),
    up({ name: 'up2', filters: 16, kernelSize: 3, seed: seed + 1 }),
    layers.conv2dTranspose({
      name: 'image',
      filters: planes,
      kernelSize: 3,
      strides: 2,
      padding: 'same',
      activation: 'linear',
      kernelInitializer: initializers.glorotUniform({ seed: seed + 2 }),
    }),
  ],
}

interface LayerShape {
  name: string
  filters: number
  kernelSize: number
  seed: number
}

/** Halves the size of the image. */
function down({ seed, ...shape }: LayerShape) {
  return layers.conv2d({ ...shape, ...common(seed) })
}

/** Doubles the size of the image. */
function up({ seed, ...shape }: LayerShape) {
  return layers.conv2dTranspose({ ...shape, ...common(seed) })
}

function common(seed: number) {
  return {
    strides: 2,
    padding: 'same',
    activation: 'relu',
    kernelInitializer: initializers.heNormal({ seed }),
  } as const
}
