import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import * as tf from '@tensorflow/tfjs-core'
import { permutation, random } from '../core/random.js'
import { architectureOf, buildAutoEncoder, disposeAutoEncoder } from './architecture.js'
import type { AutoEncoder } from './architecture.js'
import { startBackend } from './backend.js'
import { encoderChecksum } from './checksum.js'
import type { Preprocessing } from './frame.js'
import { pickFrames } from './frame-tensor.js'
import { assertLearned, assertTrainable, meanImageLoss, reconstructionLoss } from './loss.js'
import { saveModel } from './model-data.js'
import type { EpochRecord, TrainedEncoder } from './trained-encoder.js'
import { openWeights } from './weights.js'

/** Frames one after the other, `n * size * size` numbers each; no patient should be in both. */
export interface TrainingFrames {
  readonly train: Float32Array
  readonly validation: Float32Array
}

export interface TrainOptions {
  /** How the frames were made; kept with the encoder. */
  preprocessing: Preprocessing
  /** A name of `architectureNames`. (Default: 'shallow') */
  architecture?: string
  /** Decides the first weights and the order of the frames. (Default: 1) */
  seed?: number
  /** Passes over the training frames at most. (Default: 15) */
  epochs?: number
  /** Passes without a better validation error after which it stops. (Default: 5) */
  patience?: number
  /** Frames of a step. (Default: 16) */
  batchSize?: number
  /** Of Adam at the start; falls to nearly 0 along a half cosine. (Default: 0.003) */
  learningRate?: number
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
  batchSize: 16,
  learningRate: 0.003,
}

type Settings = TrainOptions & typeof defaults

/**
 * Trains an auto-encoder and keeps the weights of its best pass. The same frames, options and back
 * end give the same weights, bit for bit.
 */
export async function trainEncoder(
  frames: TrainingFrames,
  options: TrainOptions,
): Promise<TrainedEncoder> {
  const settings: Settings = { ...defaults, ...options }
  const { preprocessing, architecture, seed } = settings
  const { size } = preprocessing
  assertTrainable(frames, size)
  const { name: backend } = await startBackend()
  const model = buildAutoEncoder(architecture, { size, seed })
  try {
    const baselineLoss = meanImageLoss(frames, size)
    const { fit } = architectureOf(architecture)
    const { history, loss } = fit
      ? fitted(model, frames, settings, () => fit(model, frames.train, { size, seed }))
      : await descend(model, frames, settings)
    assertLearned(loss, baselineLoss)
    const { dims, featureLayer } = model
    const identity = { architecture, preprocessing, dims, featureLayer, ...saveModel(model.whole) }
    const psnrDb = -10 * Math.log10(Math.max(loss, ROUNDING))
    const checksum = encoderChecksum(identity)
    return { ...identity, history, baselineLoss, loss, psnrDb, backend, seed, checksum }
  } finally {
    disposeAutoEncoder(model)
  }
}

/** Mean squared error below which frames are the same but for rounding. */
const ROUNDING = 1e-12

/** Weights that are computed at once, which counts as one pass. */
function fitted(
  model: AutoEncoder,
  frames: TrainingFrames,
  { preprocessing, onEpoch }: Settings,
  fit: () => void,
) {
  const start = performance.now()
  fit()
  const { size } = preprocessing
  const trainLoss = reconstructionLoss(model.whole, frames.train, size)
  const loss = reconstructionLoss(model.whole, frames.validation, size)
  const seconds = (performance.now() - start) / 1000
  const record = { epoch: 1, trainLoss, validationLoss: loss, seconds }
  onEpoch?.(record)
  return { history: [record], loss }
}

/** Minimises the reconstruction error; the model ends with the weights of its best pass. */
async function descend(model: AutoEncoder, frames: TrainingFrames, settings: Settings) {
  const { preprocessing, seed, epochs, patience, onEpoch, signal } = settings
  const { size } = preprocessing
  const source = random(seed)
  const count = frames.train.length / size ** 2
  const history: EpochRecord[] = []
  const weights = openWeights(model.whole)
  const step = openSteps(model, count, settings)
  const validate = () => reconstructionLoss(model.whole, frames.validation, size)
  let best = { epoch: 0, loss: validate(), weights: weights.copy() }
  try {
    for (let epoch = 1; epoch <= epochs && epoch - best.epoch <= patience; epoch++) {
      const start = performance.now()
      const trainLoss = await step.pass(frames.train, permutation(count, source), signal)
      const validationLoss = validate()
      if (validationLoss < best.loss)
        best = { epoch, loss: validationLoss, weights: weights.copy() }
      const seconds = (performance.now() - start) / 1000
      const record = { epoch, trainLoss, validationLoss, seconds }
      history.push(record)
      onEpoch?.(record)
    }
    weights.put(best.weights)
    return { history, loss: best.loss }
  } finally {
    step.close()
  }
}

/** Adam on one model, with a learning rate that falls with every step. */
function openSteps(model: AutoEncoder, count: number, settings: Settings) {
  const { preprocessing, epochs, batchSize, learningRate } = settings
  const { size } = preprocessing
  const optimizer = tf.train.adam(learningRate)
  const variables = model.whole.trainableWeights.map((weight) => weight.read()).filter(isVariable)
  const steps = epochs * Math.ceil(count / batchSize)
  let taken = 0

  /** One step; returns the summed error of its frames. */
  const take = (frames: Float32Array, chosen: Int32Array): number => {
    // Adam has no setter for it, though nothing depends on its being constant.
    const adam = optimizer as unknown as { learningRate: number }
    adam.learningRate = learningRate * (0.02 + 0.49 * (1 + Math.cos((Math.PI * taken++) / steps)))
    return tf.tidy(() => {
      const images = pickFrames(frames, chosen, size)
      const error = () =>
        tf.mean<tf.Scalar>(
          tf.squaredDifference(model.whole.apply(images, { training: true }) as tf.Tensor, images),
        )
      const loss = optimizer.minimize(error, true, variables)
      return (loss?.dataSync()[0] ?? Number.NaN) * chosen.length
    })
  }

  return {
    /** Trains on all frames in the given order; returns their mean error. */
    async pass(frames: Float32Array, order: Int32Array, signal?: AbortSignal): Promise<number> {
      let sum = 0
      for (let from = 0; from < order.length; from += batchSize) {
        // A turn of the event loop, or nobody could ask it to stop.
        await setImmediate()
        signal?.throwIfAborted()
        sum += take(frames, order.subarray(from, from + batchSize))
      }
      return sum / order.length
    },
    close: () => optimizer.dispose(),
  }
}

/** The layers library declares its weights as tensors; they are variables of the core. */
function isVariable(tensor: tf.Tensor): tensor is tf.Variable {
  return tensor instanceof tf.Variable
}
