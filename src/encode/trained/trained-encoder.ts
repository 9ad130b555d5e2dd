import type { BackendName } from '../backend/backend.js'
import type { Preprocessing } from '../frames/frame.js'
import type { PicturePreprocessing } from '../frames/picture-frame.js'
import type { ReconstructionQuality } from './reconstruction-quality.js'

/** Result of one pass over the training frames. Losses are mean squared errors per pixel. */
export interface EpochRecord {
  /** Counted from 1. */
  readonly epoch: number
  readonly trainLoss: number
  readonly validationLoss: number
  /** Contrastive loss of the features on the validation frames; only for encoders that learn similarity. */
  readonly validationContrast?: number
  readonly seconds: number
}

/** Name and shape of one weight array, in the order of storage. */
export interface WeightSpec {
  readonly name: string
  readonly shape: readonly number[]
}

/** JSON as PostgreSQL stores it: a jsonb column does not preserve the order of keys. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** How slices, or images and neurons outside plans, become the input of an encoder. */
export type AnyPreprocessing = Preprocessing | PicturePreprocessing

/** Whether an encoder is for images or neurons outside plans. */
export function encodesPictures(
  trained: TrainedEncoder<AnyPreprocessing>,
): trained is TrainedEncoder<PicturePreprocessing> {
  return 'picture' in trained.preprocessing
}

/**
 * A trained auto-encoder as plain data: everything needed to encode in the same way elsewhere, and the history of its
 * training. `weights` is stored in a bytea column, the rest as JSON.
 */
export interface TrainedEncoder<P extends AnyPreprocessing = Preprocessing> {
  readonly architecture: string
  readonly preprocessing: P
  /** Dimension of a feature vector. */
  readonly dims: number
  /** Name of the layer whose output is the features. */
  readonly featureLayer: string
  /** The layers of the whole auto-encoder, in the format of Keras. */
  readonly topology: Json
  readonly weightSpecs: readonly WeightSpec[]
  /** All weights, concatenated as 32-bit floats, little-endian. */
  readonly weights: Uint8Array
  readonly history: readonly EpochRecord[]
  /** Validation error of the mean training image, which any encoder must beat. */
  readonly baselineLoss: number
  /** Validation error of this encoder on its frames, by which the best pass was chosen. */
  readonly loss: number
  /** Reconstruction quality on whole slices of held-out patients; empty until it is measured. */
  readonly quality: readonly ReconstructionQuality[]
  /**
   * The back end of the training; another one rounds differently and trains to other weights. `onnx` for imported
   * models.
   */
  readonly backend: BackendName | 'onnx'
  readonly seed: number
  /** sha256 in hex over architecture, preprocessing, layers and weights, without the history. */
  readonly checksum: string
}
