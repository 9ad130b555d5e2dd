import { openEncoder } from '../encoder.js'
import { isOnnx, openOnnxEncoder } from './onnx-encoder.js'
import type { PicturePreprocessing } from '../frames/picture-frame.js'
import type { TrainedEncoder } from '../trained/trained-encoder.js'

/** What encodes frames of images or neurons, until it is closed. */
export interface PictureEncoder {
  /** The vectors of any number of frames. */
  encode(frames: Float32Array): Float32Array | Promise<Float32Array>
  close(): void | Promise<void>
}

/** Makes an encoder of images or neurons ready: one that was trained here, or a model in ONNX. */
export function openPictureEncoder(
  trained: TrainedEncoder<PicturePreprocessing>,
  options: { batchSize?: number } = {},
): Promise<PictureEncoder> {
  return isOnnx(trained) ? openOnnxEncoder(trained) : openEncoder(trained, options)
}
