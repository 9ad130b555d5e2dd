import * as tf from '@tensorflow/tfjs-core'
import { model as layersModel } from '@tensorflow/tfjs-layers'
import type { SymbolicTensor } from '@tensorflow/tfjs-layers'
import { random } from '../../core/random.js'
import { LshError } from '../../core/errors.js'
import { architectureOf } from '../architectures/architecture.js'
import { type AutoEncoder } from '../architectures/auto-encoder.js'
import { augment } from './augment.js'
import { contrastLoss } from './contrast.js'
import { frameCount, frameShape, frameTensor, pickFrames } from '../trained/frame-tensor.js'
import { sliceSimilarityTargets } from './similarity-targets.js'
import { reconstructionLoss } from './loss.js'
import type { SliceLevels } from './slice-levels.js'
import type { TrainingFrames, TrainSettings } from './train-options.js'
import { plainBatches, planBatches } from './training-batches.js'

/** Weight of the reconstruction relative to the contrastive loss: the error of the mean image counts 10. */
export const RECONSTRUCTION = 10

/** Quality of a model on the validation frames. */
export interface Validation {
  /** Mean squared error per pixel. */
  readonly loss: number
  /** Contrastive loss, for models that learn similarity. */
  readonly contrast?: number
  /** The value that the training minimises. */
  readonly score: number
}

/** A training objective: which frames make a step, and which loss is minimised. */
export interface Objective {
  /** Variables in addition to the weights of the model. */
  readonly variables: readonly tf.Variable[]
  batches(epoch: number): Int32Array[]
  /** The loss of a step on the chosen frames, to be minimised. */
  step(chosen: Int32Array, epoch: number): () => tf.Scalar
  validate(): Validation
  close(): void
}

/** Reconstruction of the frames. */
export function reconstruction(
  { whole }: AutoEncoder,
  frames: TrainingFrames,
  { preprocessing, architecture, batchSize, seed }: TrainSettings,
): Objective {
  const shape = frameShape(preprocessing)
  const { augmented = false } = architectureOf(architecture)
  const count = frameCount(frames.train, shape)
  return {
    variables: [],
    batches: (epoch) => plainBatches(count, batchSize, seedOf(seed, epoch)),
    step(chosen, epoch) {
      const picked = pickFrames(frames.train, chosen, shape)
      const source = random(seedOf(seed, epoch) + (chosen[0] ?? 0))
      const seen = augmented
        ? augment(picked, shape, { source, scanned: 0, mirrored: true }).clean
        : picked
      return () => {
        const images = frameTensor(seen, shape)
        const made = whole.apply(images, { training: true }) as tf.Tensor
        return tf.mean(tf.squaredDifference(made, images))
      }
    },
    validate() {
      const loss = reconstructionLoss(whole, frames.validation, shape)
      return { loss, score: loss }
    },
    close: () => undefined,
  }
}

/** Similarity of slices, and reconstruction of the frames. Training frames are augmented, validation frames are not. */
export function similarity(
  { whole }: AutoEncoder,
  frames: TrainingFrames,
  { preprocessing, architecture, seed }: TrainSettings,
  baselineLoss: number,
): Objective {
  const shape = frameShape(preprocessing)
  const levels = requireLevels(frames)
  if ('picture' in preprocessing) throw noLevels()
  const layer = whole.getLayer(architectureOf(architecture).similarityLayer ?? '')
  const both = layersModel({
    inputs: whole.inputs,
    outputs: [whole.outputs[0] as SymbolicTensor, layer.output as SymbolicTensor],
  })
  const sharpness = tf.tidy(() => tf.variable(tf.scalar(1)))
  const scanned = preprocessing.planes.filter(({ channel }) => channel === 'ct').length
  // A mirrored slice lies at the same level, but gets another dose.
  const mirrored = scanned === preprocessing.planes.length

  const contrast = (
    features: tf.Tensor,
    images: Float32Array,
    chosen: Int32Array,
    of: SliceLevels,
  ) =>
    contrastLoss(
      features as tf.Tensor2D,
      sliceSimilarityTargets({ frames: images, chosen }, of, preprocessing),
      sharpness,
    )

  return {
    variables: [sharpness],
    batches: (epoch) => planBatches(levels.train, seedOf(seed, epoch)),
    step(chosen, epoch) {
      const source = random(seedOf(seed, epoch) + (chosen[0] ?? 0))
      const picked = pickFrames(frames.train, chosen, shape)
      const { seen, clean } = augment(picked, shape, { source, scanned, mirrored })
      return () => {
        const images = frameTensor(seen, shape)
        const [made, features] = both.apply(images, { training: true }) as [tf.Tensor, tf.Tensor]
        const error = tf.mean(tf.squaredDifference(made, frameTensor(clean, shape)))
        return tf.add(
          tf.mul(error, RECONSTRUCTION / baselineLoss),
          contrast(features, seen, chosen, levels.train),
        )
      }
    },
    validate() {
      const loss = reconstructionLoss(whole, frames.validation, shape)
      const batches = planBatches(levels.validation, 1)
      const sum = batches.reduce((sum, chosen) => {
        const picked = pickFrames(frames.validation, chosen, shape)
        const value = tf.tidy(() => {
          const [, features] = both.apply(frameTensor(picked, shape)) as [tf.Tensor, tf.Tensor]
          return contrast(features, picked, chosen, levels.validation).dataSync()[0] ?? Number.NaN
        })
        return sum + value * chosen.length
      }, 0)
      const value = sum / batches.reduce((count, chosen) => count + chosen.length, 0)
      return { loss, contrast: value, score: (RECONSTRUCTION * loss) / baselineLoss + value }
    },
    close: () => sharpness.dispose(),
  }
}

/** Seed of a pass, which does not depend on the passes before it. */
export function seedOf(seed: number, epoch: number): number {
  return seed * 100_003 + epoch
}

function requireLevels({ levels }: TrainingFrames) {
  if (levels && levels.train.mm.length > 0 && levels.validation.mm.length > 0) return levels
  throw noLevels()
}

function noLevels(): LshError {
  return new LshError('training', 'the slices have no positions along their patients', {
    hint: 'Train it on slices of plans, or use an architecture that learns from single images: shallow.',
  })
}
