import * as tf from '@tensorflow/tfjs-core'
import { LshError } from '../core/errors.js'

/** How many frames lie one after the other in the array. */
export function frameCount(frames: Float32Array, size: number): number {
  const count = frames.length / size ** 2
  if (!Number.isInteger(count)) {
    throw new LshError(
      'LSH02',
      `${frames.length} numbers are not whole frames of ${size} x ${size}`,
      {
        hint: 'Make the frames with the preprocessing of the encoder.',
      },
    )
  }
  return count
}

/** Frames as the input of a model. Copies, as the memory of the caller may be shared with threads. */
export function frameTensor(frames: Float32Array, size: number): tf.Tensor4D {
  return tf.tensor4d(new Float32Array(frames), [frameCount(frames, size), size, size, 1])
}

/** The chosen frames as the input of a model. */
export function pickFrames(frames: Float32Array, chosen: Int32Array, size: number): tf.Tensor4D {
  const pixels = size ** 2
  const out = new Float32Array(chosen.length * pixels)
  chosen.forEach((from, to) => {
    out.set(frames.subarray(from * pixels, (from + 1) * pixels), to * pixels)
  })
  return tf.tensor4d(out, [chosen.length, size, size, 1])
}
