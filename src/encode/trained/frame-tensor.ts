import * as tf from '@tensorflow/tfjs-core'
import { LshError } from '../../core/errors.js'
import type { AnyPreprocessing } from './trained-encoder.js'

/** Rows and columns of a frame, and its values per pixel. */
export interface FrameShape {
  readonly size: number
  readonly planes: number
}

export function frameShape({ size, planes }: AnyPreprocessing): FrameShape {
  return { size, planes: planes.length }
}

/** Numbers of a frame. */
export function frameLength({ size, planes }: FrameShape): number {
  return size ** 2 * planes
}

/** Number of concatenated frames in an array. */
export function frameCount(frames: Float32Array, shape: FrameShape): number {
  const count = frames.length / frameLength(shape)
  if (!Number.isInteger(count)) {
    const { size, planes } = shape
    throw new LshError(
      'LSH02',
      `${frames.length} numbers are not whole frames of ${size} x ${size} x ${planes}`,
      { hint: 'Make the frames with the preprocessing of the encoder.' },
    )
  }
  return count
}

/** Frames as the input of a model. Copies them, because the caller's memory may be shared with threads. */
export function frameTensor(frames: Float32Array, shape: FrameShape): tf.Tensor4D {
  const { size, planes } = shape
  return tf.tensor4d(new Float32Array(frames), [frameCount(frames, shape), size, size, planes])
}

/** The chosen frames, concatenated. */
export function pickFrames(
  frames: Float32Array,
  chosen: Int32Array,
  shape: FrameShape,
): Float32Array {
  const length = frameLength(shape)
  const out = new Float32Array(chosen.length * length)
  chosen.forEach((from, to) => {
    out.set(frames.subarray(from * length, (from + 1) * length), to * length)
  })
  return out
}
