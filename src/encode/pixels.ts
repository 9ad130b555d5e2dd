import { layers } from '@tensorflow/tfjs-layers'
import type { Architecture } from './architecture.js'

/** The pixels of the frame as they are: what any encoder has to beat. */
export const pixels: Architecture = {
  name: 'pixels',
  encoder: () => [layers.flatten({ name: 'features' })],
  decoder: ({ size }) => [layers.reshape({ name: 'image', targetShape: [size, size, 1] })],
  fit: () => undefined,
}
