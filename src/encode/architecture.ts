import { input, model } from '@tensorflow/tfjs-layers'
import type { LayersModel, layers, SymbolicTensor } from '@tensorflow/tfjs-layers'
import { LshError } from '../core/errors.js'
import { deep } from './deep.js'
import { fisher } from './fisher.js'
import type { FrameShape } from './frame-tensor.js'
import { pca128 } from './pca128.js'
import type { PictureGroups } from './picture-likeness.js'
import { pixels } from './pixels.js'
import { shallow } from './shallow.js'
import { standard } from './standard.js'

type Layer = layers.Layer

/** A layer, or branches of layers that run side by side from one tensor and are joined by a layer. */
export type Step = Layer | Fork

export interface Fork {
  /** An empty branch passes its input on. */
  readonly branches: readonly (readonly Step[])[]
  readonly join: Layer
}

/** A declared auto-encoder: the layers from frame to features, and from features to frame. */
export interface Architecture {
  readonly name: string
  /** Layers that lead to the features. Each has a name of its own; the initialisers use the seed. */
  readonly encoder: (frame: FrameSeed) => Step[]
  readonly decoder: (frame: FrameSeed) => Step[]
  /** Computes all weights from training frames, and what they show; without it they are found by descent. */
  readonly fit?: (
    model: AutoEncoder,
    frames: Float32Array,
    frame: FrameSeed,
    groups?: PictureGroups,
  ) => void
  /** Sets weights from training frames before the descent. (Default: they stay random) */
  readonly start?: (model: AutoEncoder, frames: Float32Array, frame: FrameSeed) => void
  /** Layer whose output learns which slices are alike. (Default: none, only the frame is to be given back) */
  readonly meaningLayer?: string
}

/** What a frame is like, and what decides random numbers. */
export interface FrameSeed extends FrameShape {
  readonly seed: number
}

/** A new architecture is one file beside `shallow.ts` and one entry here. */
const known: readonly Architecture[] = [shallow, deep, pixels, pca128, standard, fisher]

/** Names that `trainEncoder` takes for an architecture. */
export const architectureNames: readonly string[] = known.map((architecture) => architecture.name)

/** A whole auto-encoder and the half of it that makes the features; they share their weights. */
export interface AutoEncoder {
  /** Frames [n, size, size, planes] to frames. */
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
export function buildAutoEncoder(name: string, { size, planes, seed }: FrameSeed): AutoEncoder {
  const architecture = architectureOf(name)
  const frame = input({ shape: [size, size, planes], name: 'frame' })
  // Far apart, so that encoder and decoder never draw the same numbers.
  const features = chain(frame, architecture.encoder({ size, planes, seed: seed * 1000 }))
  const image = chain(features, architecture.decoder({ size, planes, seed: seed * 1000 + 500 }))
  if (image.shape.slice(1).join() !== [size, size, planes].join()) {
    throw new LshError('bad_usage', `"${name}" does not reconstruct a frame of ${size} x ${size}`, {
      hint: 'Use a size that is a multiple of 8, such as 64.',
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

function chain(start: SymbolicTensor, steps: readonly Step[]): SymbolicTensor {
  return steps.reduce(
    (tensor, step) =>
      ('branches' in step
        ? step.join.apply(step.branches.map((branch) => chain(tensor, branch)))
        : step.apply(tensor)) as SymbolicTensor,
    start,
  )
}
