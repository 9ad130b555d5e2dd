import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import * as tf from '@tensorflow/tfjs-core'
import { openAdam } from './adam.js'
import { architectureOf } from '../architectures/architecture.js'
import { type AutoEncoder } from '../architectures/auto-encoder.js'
import { openCheckpoint, type Progress } from './checkpoint.js'
import { invariance } from './invariance.js'
import { reconstruction, similarity } from './objective.js'
import type { TrainingFrames, TrainSettings } from './train-options.js'
import type { EpochRecord } from '../trained/trained-encoder.js'
import { openWeights } from './weights.js'

/** Share of the training in which the learning rate rises. */
const WARM_UP = 0.1
/** Factor of the learning rate for layers that start near their optimum. */
const SLOW = 0.05
/** Factor of the learning rate at the end. */
const LAST_RATE = 0.02

/**
 * Trains by gradient descent; the model ends with the weights of its best pass. Resumes from a checkpoint if there is
 * one.
 */
export async function descend(
  model: AutoEncoder,
  frames: TrainingFrames,
  settings: TrainSettings,
  baselineLoss: number,
): Promise<{ history: readonly EpochRecord[]; loss: number }> {
  const { architecture, epochs, minutes, patience, learningRate, weightDecay, signal } = settings
  const objective = objectiveOf(architectureOf(architecture).similarityLayer, frames)(
    model,
    frames,
    settings,
    baselineLoss,
  )
  const { slowLayers = [] } = architectureOf(architecture)
  const learned = model.whole.layers.flatMap((layer) =>
    layer.trainableWeights
      .map((weight) => weight.read())
      .filter(isVariable)
      .map((variable) => ({ variable, share: slowLayers.includes(layer.name) ? SLOW : 1 })),
  )
  const adam = openAdam(
    [...learned.map(({ variable }) => variable), ...objective.variables],
    weightDecay,
    learned.map(({ share }) => share),
  )
  const weights = openWeights(model.whole)
  const checkpoint = checkpointOf(frames, settings)
  const history: EpochRecord[] = []
  const [sharpness] = objective.variables
  let best: Progress['best'] = { epoch: 0, ...objective.validate() }
  let bestWeights: readonly Float32Array[] = weights.copy()

  const resume = (progress: Progress) => {
    history.push(...progress.history)
    weights.put(progress.weights)
    tf.tidy(() => sharpness?.assign(tf.scalar(progress.sharpness)))
    adam.restore(progress.optimizer)
    best = progress.best
    bestWeights = progress.bestWeights
    for (const record of history) settings.onEpoch?.(record)
  }
  const spent = () => history.reduce((sum, { seconds }) => sum + seconds, 0)
  const limit = minutes * 60
  const timeLeft = () => spent() + (history.at(-1)?.seconds ?? 0) <= limit

  try {
    const standing = await checkpoint?.read()
    if (standing) resume(standing)
    for (let epoch = history.length + 1; epoch <= epochs && timeLeft(); epoch++) {
      if (epoch - best.epoch > patience) break
      const start = performance.now()
      const elapsed = () => (performance.now() - start) / 1000
      const batches = objective.batches(epoch)
      let sum = 0
      for (const [at, chosen] of batches.entries()) {
        // Yields to the event loop, so that the training can be stopped.
        await setImmediate()
        signal?.throwIfAborted()
        const rate = learningRate * schedule((epoch - 1 + at / batches.length) / epochs)
        sum += adam.step(rate, objective.step(chosen, epoch)) * chosen.length
      }
      const trainLoss = sum / batches.reduce((count, chosen) => count + chosen.length, 0)
      const { loss, contrast, score } = objective.validate()
      if (score < best.score) {
        best = { epoch, score, loss }
        bestWeights = weights.copy()
      }
      const figures = contrast === undefined ? {} : { validationContrast: contrast }
      const record = { epoch, trainLoss, validationLoss: loss, ...figures, seconds: elapsed() }
      history.push(record)
      await checkpoint?.write({
        history,
        weights: weights.copy(),
        sharpness: sharpness?.dataSync()[0] ?? 0,
        optimizer: adam.state(),
        best,
        bestWeights,
      })
      settings.onEpoch?.(record)
    }
    weights.put(bestWeights)
    await checkpoint?.remove()
    return { history, loss: best.loss }
  } finally {
    adam.close()
    objective.close()
  }
}

/** The training objective of a model: similarity if it has a layer for it, else reconstruction. */
function objectiveOf(similarityLayer: string | undefined, { groups }: TrainingFrames) {
  if (similarityLayer === undefined) return reconstruction
  return groups ? invariance : similarity
}

/** Learning rate at a point of the training, relative to its maximum: a linear rise, then half a cosine. */
function schedule(share: number): number {
  if (share < WARM_UP) return LAST_RATE + (1 - LAST_RATE) * (share / WARM_UP)
  const down = Math.min(1, (share - WARM_UP) / (1 - WARM_UP))
  return LAST_RATE + ((1 - LAST_RATE) * (1 + Math.cos(Math.PI * down))) / 2
}

function checkpointOf(frames: TrainingFrames, settings: TrainSettings) {
  const { checkpoint, onEpoch, signal, ...deciding } = settings
  return checkpoint === undefined
    ? null
    : openCheckpoint(checkpoint, settings.architecture, { settings: deciding, frames })
}

/** The layers library declares its weights as tensors; they are variables of the core. */
function isVariable(tensor: tf.Tensor): tensor is tf.Variable {
  return tensor instanceof tf.Variable
}
