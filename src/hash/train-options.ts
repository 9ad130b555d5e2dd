import type { CodeDirections } from './code-directions.js'
import type { FamilyKind } from './kinds.js'

/** Ways to train the kernel of a family. */
export type TrainMethod = 'schoenberg' | 'particles' | 'rank' | 'discriminants'

/** All methods. */
export const TRAIN_METHODS: readonly TrainMethod[] = [
  'schoenberg',
  'particles',
  'rank',
  'discriminants',
]

/** Kinds of families that have a kernel to train. */
export type TrainedKind = Extract<FamilyKind, 'kernel' | 'cosine'>

export interface TrainOptions {
  /** Length of the codes. */
  bits: number
  /** The same seed gives the same result. (Default: 1) */
  seed?: number
  /** `kernel` has random thresholds, `cosine` none. (Default: 'cosine') */
  kind?: TrainedKind
  /**
   * Class of each vector; vectors of one class are then neighbours. (Default: neighbours are the nearest by distance)
   */
  labels?: Int32Array
  /**
   * Owner of each vector, for example the patient of a slice; vectors of one owner are not compared with each other.
   * (Default: all are compared)
   */
  owners?: Int32Array
  /** Neighbours that codes must find. (Default: 10) */
  k?: number
  /** Receives the share of the work that is done, from 0 to 1. (Default: none) */
  onProgress?: (share: number) => void
  /** Stops the training between two steps. (Default: none) */
  signal?: AbortSignal
}

/** Result of a training. */
export interface TrainingFigures {
  readonly method: TrainMethod
  /** Steps of the gradient that were taken. */
  readonly steps: number
  /** Step whose directions were kept; 0 is the start. */
  readonly kept: number
  /** Number of held-out vectors, on which the figures below were measured. */
  readonly held_out: number
  /**
   * Before training: share of the k nearest by Hamming distance that are among the k nearest by distance, or of the
   * row's class.
   */
  readonly untrained: number
  /** The same share after training. */
  readonly trained: number
  /**
   * Quantiles of `|w|² / dims` over the directions at 0, 1/16 … 1: the learned measure, as bandwidths. Before training
   * all equal the calibrated bandwidth.
   */
  readonly bandwidths: readonly number[]
  /** Further figures of the method. */
  readonly details: Readonly<Record<string, number>>
}

/** Learned directions, in units of the vectors, with the figures of their training. */
export interface TrainedDirections {
  readonly kind: TrainedKind
  readonly code: CodeDirections
  /** gamma of the Gaussian kernel with the same curvature at 0: the mean of `|w|² / dims`. */
  readonly bandwidth: number
  readonly figures: TrainingFigures
}
