import type { CodeDirections } from './code-directions.js'
import type { FamilyKind } from './kinds.js'

/** Ways to train the kernel of a family. */
export type TrainMethod = 'schoenberg' | 'particles' | 'rank' | 'discriminants'

/** All of them. */
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
  /** Class of each vector, for whom near means of one class. (Default: near are the nearest by distance) */
  labels?: Int32Array
  /** Owner of each vector, as the patient of a slice; vectors of one owner are not compared. (Default: all are) */
  owners?: Int32Array
  /** Neighbours that codes are to find. (Default: 10) */
  k?: number
  /** Told how much is done, the whole being 1. (Default: nobody is told) */
  onProgress?: (share: number) => void
  /** Stops between two steps. (Default: none) */
  signal?: AbortSignal
}

/** What a training came to. */
export interface TrainingFigures {
  readonly method: TrainMethod
  /** Steps of the gradient that were taken. */
  readonly steps: number
  /** The step that was kept; 0 is the start. */
  readonly kept: number
  /** Vectors held out, with which the figures below were measured. */
  readonly held_out: number
  /** Share of their k nearest, or of rows of their class, among the k nearest by Hamming distance: of the family as it is drawn. */
  readonly untrained: number
  /** The same after training. */
  readonly trained: number
  /**
   * Quantiles of `|w|² / dims` over the directions at 0, 1/16 … 1: the measure that was learned, as bandwidths.
   * All were the bandwidth of the calibration before.
   */
  readonly bandwidths: readonly number[]
  /** What a method tells beyond that. */
  readonly details: Readonly<Record<string, number>>
}

/** Directions that were learned, in units of the vectors, and how well. */
export interface TrainedDirections {
  readonly kind: TrainedKind
  readonly code: CodeDirections
  /** gamma of the Gaussian kernel that falls off as fast near 0: the mean of `|w|² / dims`. */
  readonly bandwidth: number
  readonly figures: TrainingFigures
}
