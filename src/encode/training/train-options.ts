import type { SliceLevels } from './slice-levels.js'
import type { PictureGroups } from '../frames/picture-groups.js'
import type { AnyPreprocessing, EpochRecord } from '../trained/trained-encoder.js'

/** Concatenated frames, `size * size * planes` numbers each; no patient may be in both sets. */
export interface TrainingFrames {
  readonly train: Float32Array
  readonly validation: Float32Array
  /** Positions of the slices; needed by architectures that learn similarity. */
  readonly levels?: { readonly train: SliceLevels; readonly validation: SliceLevels }
  /** Source and class of the frames, for images or neurons outside plans. */
  readonly groups?: { readonly train: PictureGroups; readonly validation: PictureGroups }
}

export interface TrainOptions<P extends AnyPreprocessing = AnyPreprocessing> {
  /** How the frames were made; stored with the encoder. */
  preprocessing: P
  /** One of `architectureNames`. (Default: 'shallow') */
  architecture?: string
  /** Decides the initial weights and the order of the frames. (Default: 1) */
  seed?: number
  /** Most passes over the training frames. (Default: 15) */
  epochs?: number
  /**
   * Limit in minutes: a pass only starts if it is expected to end in time. It affects nothing else, so that a slow
   * machine trains the same weights in fewer passes. (Default: no limit)
   */
  minutes?: number
  /**
   * Passes without a lower validation error after which training stops. Errors fall most at the end of the schedule, when
   * the learning rate is low, so that a small number stops too early. (Default: 10)
   */
  patience?: number
  /** Frames per step, for objectives that use each frame on its own. (Default: 16) */
  batchSize?: number
  /**
   * Highest learning rate of Adam; it rises in the first tenth of the training, then falls to nearly 0 along half a
   * cosine. (Default: 0.003)
   */
  learningRate?: number
  /** Weight decay of kernels, times the learning rate. (Default: 0.03) */
  weightDecay?: number
  /**
   * Folder for a checkpoint after each pass, from which a killed training resumes; removed at the end. (Default: none)
   */
  checkpoint?: string
  /** Called after each pass. (Default: none) */
  onEpoch?: (record: EpochRecord) => void
  /** Stops the training between two steps; the promise rejects with its reason. (Default: none) */
  signal?: AbortSignal
}

/** Default number of passes over the training frames. */
export const DEFAULT_EPOCHS = 15

export const TRAIN_DEFAULTS = {
  architecture: 'shallow',
  seed: 1,
  epochs: DEFAULT_EPOCHS,
  patience: 10,
  minutes: Infinity,
  batchSize: 16,
  learningRate: 0.003,
  weightDecay: 0.03,
}

export type TrainSettings = TrainOptions & typeof TRAIN_DEFAULTS
