import type { BackendName } from '../backend/backend.js'
import type { Preprocessing } from '../frames/frame.js'
import type { PicturePreprocessing } from '../frames/picture-frame.js'
import type { ReconstructionQuality } from './reconstruction-quality.js'

/** What one pass over the training frames achieved. Losses are mean squared errors of a pixel. */
export interface EpochRecord {
  /** Counted from 1. */
  readonly epoch: number
  readonly trainLoss: number
  readonly validationLoss: number
  /** How badly the features tell which slices are alike; of encoders that learn it. */
  readonly validationContrast?: number
  readonly seconds: number
}

/** Name and shape of one array of weights, in the order in which they are stored. */
export interface WeightSpec {
  readonly name: string
  readonly shape: readonly number[]
}

/** JSON as PostgreSQL keeps it: a jsonb column gives it back in another order of keys. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** How slices, or images and neurons outside plans, become the input of an encoder. */
export type AnyPreprocessing = Preprocessing | PicturePreprocessing

/** Whether an encoder is of images or neurons outside plans. */
export function encodesPictures(
  trained: TrainedEncoder<AnyPreprocessing>,
): trained is TrainedEncoder<PicturePreprocessing> {
  return 'picture' in trained.preprocessing
}

/**
 * A trained auto-encoder as plain data: everything that one needs to encode in the same way
 * elsewhere, and how it came about. `weights` belongs in a bytea column, the rest is JSON.
 */
export interface TrainedEncoder<P extends AnyPreprocessing = Preprocessing> {
  readonly architecture: string
  readonly preprocessing: P
  /** Numbers of a feature vector. */
  readonly dims: number
  /** Name of the layer whose output is the features. */
  readonly featureLayer: string
  /** The layers of the whole auto-encoder, in the format of Keras. */
  readonly topology: Json
  readonly weightSpecs: readonly WeightSpec[]
  /** All weights one after the other, 32 bit floats, little endian. */
  readonly weights: Uint8Array
  readonly history: readonly EpochRecord[]
  /** Validation error of the mean training image, that any encoder must beat. */
  readonly baselineLoss: number
  /** Validation error of this encoder: of the frames that it sees, by which it was chosen. */
  readonly loss: number
  /** What comes back of whole slices of patients that had no part in the training; empty until it is measured. */
  readonly quality: readonly ReconstructionQuality[]
  /** Where it was trained; another back end rounds otherwise and trains to other weights. `onnx` came as it is. */
  readonly backend: BackendName | 'onnx'
  readonly seed: number
  /** sha256 in hex over architecture, preprocessing, layers and weights; not over the history. */
  readonly checksum: string
}
