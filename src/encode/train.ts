import { performance } from 'node:perf_hooks'
import { architectureOf, buildAutoEncoder, disposeAutoEncoder } from './architecture.js'
import type { AutoEncoder } from './architecture.js'
import { startBackend } from './backend.js'
import { encoderChecksum } from './checksum.js'
import { descend } from './descend.js'
import { frameShape } from './frame-tensor.js'
import { assertLearned, assertTrainable, meanImageLoss, reconstructionLoss } from './loss.js'
import { saveModel } from './model-data.js'
import type { SliceLevels } from './slice-levels.js'
import type { PictureGroups } from './picture-likeness.js'
import type { AnyPreprocessing, EpochRecord, TrainedEncoder } from './trained-encoder.js'

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

const defaults = {
  architecture: 'shallow',
  seed: 1,
  epochs: DEFAULT_EPOCHS,
  patience: 5,
  minutes: Infinity,
  batchSize: 16,
  learningRate: 0.003,
  weightDecay: 0.03,
}

export type TrainSettings = TrainOptions & typeof defaults

/**
 * Trains an auto-encoder and keeps the weights of its best pass. The same frames, options and back
 * end give the same weights, bit for bit.
 */
export async function trainEncoder<P extends AnyPreprocessing>(
  frames: TrainingFrames,
  options: TrainOptions<P>,
): Promise<TrainedEncoder<P>> {
  const settings: TrainSettings = { ...defaults, ...options }
  const { preprocessing } = options
  const { architecture, seed } = settings
  const shape = frameShape(preprocessing)
  assertTrainable(frames, shape)
  const { name: backend } = await startBackend()
  const model = buildAutoEncoder(architecture, { ...shape, seed })
  try {
    const baselineLoss = meanImageLoss(frames, shape)
    const { fit, start } = architectureOf(architecture)
    start?.(model, frames.train, { ...shape, seed })
    const { history, loss } = fit
      ? fitted(model, frames, settings, () =>
          fit(model, frames.train, { ...shape, seed }, frames.groups?.train),
        )
      : await descend(model, frames, settings, baselineLoss)
    assertLearned(loss, baselineLoss)
    const { dims, featureLayer } = model
    const identity = { architecture, preprocessing, dims, featureLayer, ...saveModel(model.whole) }
    const checksum = encoderChecksum(identity)
    return { ...identity, history, baselineLoss, loss, quality: [], backend, seed, checksum }
  } finally {
    disposeAutoEncoder(model)
  }
}

/** Weights that are computed at once, which counts as one pass. */
function fitted(
  model: AutoEncoder,
  frames: TrainingFrames,
  { preprocessing, onEpoch }: TrainSettings,
  fit: () => void,
) {
  const start = performance.now()
  fit()
  const shape = frameShape(preprocessing)
  const trainLoss = reconstructionLoss(model.whole, frames.train, shape)
  const loss = reconstructionLoss(model.whole, frames.validation, shape)
  const seconds = (performance.now() - start) / 1000
  const record = { epoch: 1, trainLoss, validationLoss: loss, seconds }
  onEpoch?.(record)
  return { history: [record], loss }
}
