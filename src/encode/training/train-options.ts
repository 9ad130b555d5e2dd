import type { SliceLevels } from './slice-levels.js'
import type { PictureGroups } from '../frames/picture-groups.js'
import type { AnyPreprocessing, EpochRecord } from '../trained/trained-encoder.js'

/** Frames one after the other, `n * size * size * planes` numbers each; no patient should be in both. */
export interface TrainingFrames {
  readonly train: Float32Array
  readonly validation: Float32Array
  /** Where the frames lie; needed by architectures that learn which slices are alike. */
  readonly levels?: { readonly train: SliceLevels; readonly validation: SliceLevels }
  /** What the frames show, where they are of images or neurons outside plans. */
  readonly groups?: { readonly train: PictureGroups; readonly validation: PictureGroups }
}

export interface TrainOptions<P extends AnyPreprocessing = AnyPreprocessing> {
  /** How the frames were made; kept with the encoder. */
  preprocessing: P
  /** A name of `architectureNames`. (Default: 'shallow') */
  architecture?: string
  /** Decides the first weights and the order of the frames. (Default: 1) */
  seed?: number
  /** Passes over the training frames at most. (Default: 15) */
  epochs?: number
  /** Minutes after which the last pass ends at the latest. It decides nothing else: what was trained is the same on a slow machine. (Default: no limit) */
  minutes?: number
  /** Passes without a better validation error after which it stops. (Default: 5) */
  patience?: number
  /** Frames of a step, where each is looked at alone. (Default: 16) */
  batchSize?: number
  /** Of Adam at its highest; rises in a tenth of the training, then falls to nearly 0 along a half cosine. (Default: 0.003) */
  learningRate?: number
  /** By what kernels shrink, times the learning rate. (Default: 0.03) */
  weightDecay?: number
  /** Folder where the progress is kept after each pass, until the training ends; one that was killed goes on. (Default: none) */
  checkpoint?: string
  /** Called after each pass. (Default: nobody is told) */
  onEpoch?: (record: EpochRecord) => void
  /** Stops the training between two steps; the promise rejects with its reason. (Default: none) */
  signal?: AbortSignal
}

/** Passes over the training frames when nothing else is asked for. */
export const DEFAULT_EPOCHS = 15

export const TRAIN_DEFAULTS = {
  architecture: 'shallow',
  seed: 1,
  epochs: DEFAULT_EPOCHS,
  patience: 5,
  minutes: Infinity,
  batchSize: 16,
  learningRate: 0.003,
  weightDecay: 0.03,
}

export type TrainSettings = TrainOptions & typeof TRAIN_DEFAULTS
