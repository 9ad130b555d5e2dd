import { performance } from 'node:perf_hooks'
import { architectureOf, buildAutoEncoder } from '../architectures/architecture.js'
import { disposeAutoEncoder } from '../architectures/auto-encoder.js'
import type { Architecture, AutoEncoder } from '../architectures/auto-encoder.js'
import { startBackend } from '../backend/backend.js'
import { encoderChecksum } from '../trained/checksum.js'
import { descend } from './descend.js'
import { frameShape } from '../trained/frame-tensor.js'
import { assertLearned, assertTrainable, meanImageLoss, reconstructionLoss } from './loss.js'
import { saveModel } from '../architectures/model-data.js'
import { TRAIN_DEFAULTS } from './train-options.js'
import type { TrainingFrames, TrainOptions, TrainSettings } from './train-options.js'
import type { AnyPreprocessing, TrainedEncoder } from '../trained/trained-encoder.js'

/**
 * Trains an auto-encoder and keeps the weights of its best pass. The same frames, options and back end give the same
 * weights, bit for bit.
 *
 * @throws LshError `training` if the frames are unsuitable or the encoder did not learn
 */
export async function trainEncoder<P extends AnyPreprocessing>(
  frames: TrainingFrames,
  options: TrainOptions<P>,
): Promise<TrainedEncoder<P>> {
  const settings: TrainSettings = { ...TRAIN_DEFAULTS, ...options }
  const { preprocessing } = options
  const { architecture, seed } = settings
  const shape = frameShape(preprocessing)
  assertTrainable(frames, shape)
  const { name: backend } = await startBackend()
  const model = buildAutoEncoder(architecture, { ...shape, seed })
  try {
    const baselineLoss = meanImageLoss(frames, shape)
    const { fit, fitsAll = false, start } = architectureOf(architecture)
    start?.(model, frames.train, { ...shape, seed })
    const { history, loss } = fit
      ? fitted(model, frames, settings, fit)
      : await descend(model, frames, settings, baselineLoss)
    assertLearned(loss, baselineLoss)
    if (fit && fitsAll) {
      const { train, groups } = allFrames(frames)
      fit(model, train, { ...shape, seed }, groups?.train)
    }
    const { dims, featureLayer } = model
    const identity = { architecture, preprocessing, dims, featureLayer, ...saveModel(model.whole) }
    const checksum = encoderChecksum(identity)
    return { ...identity, history, baselineLoss, loss, quality: [], backend, seed, checksum }
  } finally {
    disposeAutoEncoder(model)
  }
}

/** Computes weights in closed form, which counts as one pass. */
function fitted(
  model: AutoEncoder,
  frames: TrainingFrames,
  { preprocessing, onEpoch, seed }: TrainSettings,
  fit: NonNullable<Architecture['fit']>,
) {
  const start = performance.now()
  const shape = frameShape(preprocessing)
  fit(model, frames.train, { ...shape, seed }, frames.groups?.train)
  const trainLoss = reconstructionLoss(model.whole, frames.train, shape)
  const loss = reconstructionLoss(model.whole, frames.validation, shape)
  const seconds = (performance.now() - start) / 1000
  const record = { epoch: 1, trainLoss, validationLoss: loss, seconds }
  onEpoch?.(record)
  return { history: [record], loss }
}

/** Training and validation frames together, as training frames. */
function allFrames({ train, validation, groups }: TrainingFrames): TrainingFrames {
  const both = <A extends Float32Array | Int32Array>(first: A, second: A, all: A): A => {
    all.set(first)
    all.set(second, first.length)
    return all
  }
  const numbers = (first: Int32Array, second: Int32Array) =>
    both(first, second, new Int32Array(first.length + second.length))
  return {
    train: both(train, validation, new Float32Array(train.length + validation.length)),
    validation,
    ...(groups && {
      groups: {
        train: {
          source: numbers(groups.train.source, groups.validation.source),
          label: numbers(groups.train.label, groups.validation.label),
        },
        validation: groups.validation,
      },
    }),
  }
}
