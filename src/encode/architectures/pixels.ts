import { layers } from '@tensorflow/tfjs-layers'
import type { Architecture } from './auto-encoder.js'

/** The pixels of the frame, unchanged: the baseline of all encoders. */
export const pixels: Architecture = {
  name: 'pixels',
  encoder: () => [layers.flatten({ name: 'features' })],
  decoder: ({ size, planes }) => [
    layers.reshape({ name: 'image', targetShape: [size, size, planes] }),
  ],
  fit: () => undefined,
}
