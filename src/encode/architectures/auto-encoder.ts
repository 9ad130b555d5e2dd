import type { PictureGroups } from '../frames/picture-groups.js'
import { model } from '@tensorflow/tfjs-layers'
import type { LayersModel, layers, SymbolicTensor } from '@tensorflow/tfjs-layers'
import type { FrameShape } from '../trained/frame-tensor.js'

type Layer = layers.Layer

/** A layer, or branches of layers that run in parallel on one tensor and are joined by a layer. */
export type Step = Layer | Fork

export interface Fork {
  /** An empty branch passes its input through. */
  readonly branches: readonly (readonly Step[])[]
  readonly join: Layer
}

/** A declaration of an auto-encoder: the layers from frame to features, and from features to frame. */
export interface Architecture {
  readonly name: string
  /** Layers from the frame to the features. Each has a unique name; the initialisers use the seed. */
  readonly encoder: (frame: FrameSeed) => Step[]
  readonly decoder: (frame: FrameSeed) => Step[]
  /** Computes all weights in closed form from training frames and their groups. (Default: gradient descent) */
  readonly fit?: (
    model: AutoEncoder,
    frames: Float32Array,
    frame: FrameSeed,
    groups?: PictureGroups,
  ) => void
  /** Whether to fit again to all frames after the loss was measured, for data with few sources. (Default: false) */
  readonly fitsAll?: boolean
  /** Initialises weights from training frames before the descent. (Default: they stay random) */
  readonly start?: (model: AutoEncoder, frames: Float32Array, frame: FrameSeed) => void
  /**
   * Layer whose output is trained so that similar slices are close to each other. (Default: none, only the
   * reconstruction is trained)
   */
  readonly similarityLayer?: string
  /** Layers that start near their optimum and learn at a twentieth of the rate. (Default: none) */
  readonly slowLayers?: readonly string[]
  /** Whether frames to be reconstructed are augmented. (Default: false) */
  readonly augmented?: boolean
}

/** Shape of a frame, and the seed of random numbers. */
export interface FrameSeed extends FrameShape {
  readonly seed: number
}

/** A whole auto-encoder and its first half, which computes the features; they share their weights. */
export interface AutoEncoder {
  /** From frames [n, size, size, planes] to frames of the same shape. */
  readonly whole: LayersModel
  /** From frames to features of any shape. */
  readonly encoder: LayersModel
  /** Dimension of a feature vector. */
  readonly dims: number
  /** Name of the layer whose output is the features. */
  readonly featureLayer: string
}

/** Splits the encoder off a whole auto-encoder: all layers up to the named one. */
export function splitAutoEncoder(whole: LayersModel, featureLayer: string): AutoEncoder {
  const features = whole.getLayer(featureLayer).output as SymbolicTensor
  const encoder = model({ inputs: whole.inputs, outputs: features, name: `${whole.name}-encoder` })
  const dims = features.shape
    .slice(1)
    .reduce<number>((product, length) => product * (length ?? 1), 1)
  return { whole, encoder, dims, featureLayer }
}

/** Frees the weights of both models; the whole one contains all layers of the encoder. */
export function disposeAutoEncoder({ whole }: AutoEncoder): void {
  whole.dispose()
}
