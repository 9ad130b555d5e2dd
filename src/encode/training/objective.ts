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
import { likenessOf } from './likeness.js'
import { reconstructionLoss } from './loss.js'
import type { SliceLevels } from './slice-levels.js'
import type { TrainingFrames, TrainSettings } from './train-options.js'
import { plainBatches, planBatches } from './training-batches.js'

/** What the reconstruction counts beside the meaning: error of the mean image = 10. */
export const RECONSTRUCTION = 10

/** How good a model is on frames that it was not trained on. */
export interface Validation {
  /** Mean squared error of a pixel. */
  readonly loss: number
  /** How badly it tells which slices are alike, for those that learn it. */
  readonly contrast?: number
  /** What the training makes small. */
  readonly score: number
}

/** What a model is trained for: which frames make a step, and what is to become small. */
export interface Objective {
  /** Variables beside the weights of the model. */
  readonly variables: readonly tf.Variable[]
  batches(epoch: number): Int32Array[]
  /** The frames of a step with the loss that is to be made smaller. */
  step(chosen: Int32Array, epoch: number): () => tf.Scalar
  validate(): Validation
  close(): void
}

/** To give the frames back. */
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

/** To tell which slices are alike, and to give the frames back. Frames are changed by chance, those of the validation are not. */
export function meaning(
  { whole }: AutoEncoder,
  frames: TrainingFrames,
  { preprocessing, architecture, seed }: TrainSettings,
  baselineLoss: number,
): Objective {
  const shape = frameShape(preprocessing)
  const levels = requireLevels(frames)
  if ('picture' in preprocessing) throw noLevels()
  const layer = whole.getLayer(architectureOf(architecture).meaningLayer ?? '')
  const both = layersModel({
    inputs: whole.inputs,
    outputs: [whole.outputs[0] as SymbolicTensor, layer.output as SymbolicTensor],
  })
  const sharpness = tf.tidy(() => tf.variable(tf.scalar(1)))
  const scanned = preprocessing.planes.filter(({ channel }) => channel === 'ct').length

  const contrast = (
    features: tf.Tensor,
    images: Float32Array,
    chosen: Int32Array,
    of: SliceLevels,
  ) =>
    contrastLoss(
      features as tf.Tensor2D,
      likenessOf({ frames: images, chosen }, of, preprocessing),
      sharpness,
    )

  return {
    variables: [sharpness],
    batches: (epoch) => planBatches(levels.train, seedOf(seed, epoch)),
    step(chosen, epoch) {
      const source = random(seedOf(seed, epoch) + (chosen[0] ?? 0))
      const picked = pickFrames(frames.train, chosen, shape)
      const { seen, clean } = augment(picked, shape, { source, scanned })
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

/** Another order for each pass, known without the passes before. */
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
