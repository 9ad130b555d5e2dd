import { input, model } from '@tensorflow/tfjs-layers'
import type { LayersModel, layers, SymbolicTensor } from '@tensorflow/tfjs-layers'
import { LshError } from '../core/errors.js'
import { pca128 } from './pca128.js'
import { pixels } from './pixels.js'
import { shallow } from './shallow.js'

type Layer = layers.Layer

/** A declared auto-encoder: the layers from frame to features, and from features to frame. */
export interface Architecture {
  readonly name: string
  /** Layers that lead to the features. Each has a name of its own; the initialisers use the seed. */
  readonly encoder: (frame: FrameSeed) => Layer[]
  readonly decoder: (frame: FrameSeed) => Layer[]
  /** Computes the weights from training frames; without it they are found by descent. */
  readonly fit?: (model: AutoEncoder, frames: Float32Array, frame: FrameSeed) => void
}

/** Rows and columns of a frame, and what decides random numbers. */
export interface FrameSeed {
  readonly size: number
  readonly seed: number
}

/** A new architecture is one file beside `shallow.ts` and one entry here. */
const known: readonly Architecture[] = [shallow, pixels, pca128]

/** Names that `trainEncoder` takes for an architecture. */
export const architectureNames: readonly string[] = known.map((architecture) => architecture.name)

/** A whole auto-encoder and the half of it that makes the features; they share their weights. */
export interface AutoEncoder {
  /** Frames [n, size, size, 1] to frames. */
  readonly whole: LayersModel
  /** Frames to features of any shape. */
  readonly encoder: LayersModel
  /** Numbers of a feature vector. */
  readonly dims: number
  /** Name of the layer that gives them. */
  readonly featureLayer: string
}

/** @throws LshError `bad_usage` for a name that no architecture has. */
export function architectureOf(name: string): Architecture {
  const architecture = known.find((candidate) => candidate.name === name)
  if (architecture) return architecture
  throw new LshError('bad_usage', `there is no architecture "${name}"`, {
    hint: `Choose one of: ${architectureNames.join(', ')}.`,
  })
}

/** Builds an auto-encoder with fresh weights that depend on the seed only. */
export function buildAutoEncoder(name: string, { size, seed }: FrameSeed): AutoEncoder {
  const architecture = architectureOf(name)
  const frame = input({ shape: [size, size, 1], name: 'frame' })
  // Far apart, so that encoder and decoder never draw the same numbers.
  const features = chain(frame, architecture.encoder({ size, seed: seed * 1000 }))
  const image = chain(features, architecture.decoder({ size, seed: seed * 1000 + 500 }))
  if (image.shape.slice(1).join() !== [size, size, 1].join()) {
    throw new LshError('bad_usage', `"${name}" does not give back a frame of ${size} x ${size}`, {
      hint: 'Take a size that is a multiple of 8, such as 64.',
    })
  }
  return splitAutoEncoder(model({ inputs: frame, outputs: image, name }), features.sourceLayer.name)
}

/** Finds the encoder in a whole auto-encoder: all layers up to the named one. */
export function splitAutoEncoder(whole: LayersModel, featureLayer: string): AutoEncoder {
  const features = whole.getLayer(featureLayer).output as SymbolicTensor
  const encoder = model({ inputs: whole.inputs, outputs: features, name: `${whole.name}-encoder` })
  const dims = features.shape
    .slice(1)
    .reduce<number>((product, length) => product * (length ?? 1), 1)
  return { whole, encoder, dims, featureLayer }
}

/** Frees the weights. The whole holds every layer of the encoder too, so it does so for both. */
export function disposeAutoEncoder({ whole }: AutoEncoder): void {
  whole.dispose()
}

function chain(start: SymbolicTensor, steps: Layer[]): SymbolicTensor {
  return steps.reduce((tensor, layer) => layer.apply(tensor) as SymbolicTensor, start)
}
