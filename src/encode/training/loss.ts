import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { LshError } from '../../core/errors.js'
import { frameCount, frameLength, frameTensor, type FrameShape } from '../trained/frame-tensor.js'

/** Highest error of an encoder, as a share of the error of the mean image. */
const clearlyBetter = 0.75

/** Frames whose reconstruction is computed at once. */
const batchSize = 64

/** Mean squared error per pixel of the reconstructed frames. */
export function reconstructionLoss(
  model: LayersModel,
  frames: Float32Array,
  shape: FrameShape,
): number {
  const pixels = frameLength(shape)
  const count = frameCount(frames, shape)
  let sum = 0
  for (let from = 0; from < count; from += batchSize) {
    const batch = frames.subarray(from * pixels, Math.min(count, from + batchSize) * pixels)
    sum += tf.tidy(() => {
      const images = frameTensor(batch, shape)
      const error = tf.squaredDifference(model.apply(images) as tf.Tensor, images)
      return (tf.mean(error).dataSync()[0] ?? Number.NaN) * batch.length
    })
  }
  return sum / frames.length
}

/** Validation error of the mean of the training frames, a constant prediction. */
export function meanImageLoss(
  frames: { train: Float32Array; validation: Float32Array },
  shape: FrameShape,
): number {
  const { train, validation } = frames
  const pixels = frameLength(shape)
  const mean = new Float64Array(pixels)
  train.forEach((value, i) => {
    mean[i % pixels] = (mean[i % pixels] as number) + value / (train.length / pixels)
  })
  let sum = 0
  validation.forEach((value, i) => {
    sum += (value - (mean[i % pixels] as number)) ** 2
  })
  return sum / validation.length
}

/** Refuses frames from which nothing can be learned. */
export function assertTrainable(
  frames: { train: Float32Array; validation: Float32Array },
  shape: FrameShape,
): void {
  const train = frameCount(frames.train, shape)
  const validation = frameCount(frames.validation, shape)
  if (train === 0 || validation === 0) {
    throw new LshError('training', `${train} training and ${validation} validation frames`, {
      hint: 'Load more plans: some train the encoder, and others decide when to stop.',
    })
  }
}

/** Refuses an encoder that learned nothing: it would map all images to almost the same features. */
export function assertLearned(loss: number, baselineLoss: number): void {
  if (loss <= clearlyBetter * baselineLoss) return
  throw new LshError(
    'training',
    `validation error ${loss.toPrecision(3)} is not clearly lower than that of the mean image, ${baselineLoss.toPrecision(3)}`,
    { hint: 'Train for more epochs, on more frames, or from another seed.' },
  )
}
