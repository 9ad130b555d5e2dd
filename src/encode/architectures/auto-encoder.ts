import type { PictureGroups } from '../frames/picture-groups.js'
import { model } from '@tensorflow/tfjs-layers'
import type { LayersModel, layers, SymbolicTensor } from '@tensorflow/tfjs-layers'
import type { FrameShape } from '../trained/frame-tensor.js'

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
  /** Whether it is fitted again to all frames once its loss is known: few sources, of which each counts. (Default: false) */
  readonly fitsAll?: boolean
  /** Sets weights from training frames before the descent. (Default: they stay random) */
  readonly start?: (model: AutoEncoder, frames: Float32Array, frame: FrameSeed) => void
  /** Layer whose output learns which slices are alike. (Default: none, only the frame is to be given back) */
  readonly meaningLayer?: string
  /** Layers that start near their best and learn at a twentieth of the rate. (Default: none) */
  readonly slowLayers?: readonly string[]
  /** Whether frames that are to be given back are moved by chance. (Default: false) */
  readonly augmented?: boolean
}

/** What a frame is like, and what decides random numbers. */
export interface FrameSeed extends FrameShape {
  readonly seed: number
}

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
