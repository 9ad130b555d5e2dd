import { openEncoder } from '../encoder.js'
import { isOnnx, openOnnxEncoder } from './onnx-encoder.js'
import type { AnyPreprocessing, TrainedEncoder } from '../trained/trained-encoder.js'

/** What encodes frames of slices, images or neurons, until it is closed. */
export interface FrameEncoder {
  /** The vectors of any number of frames. */
  encode(frames: Float32Array): Float32Array | Promise<Float32Array>
  close(): void | Promise<void>
}

/** Makes an encoder ready: one that was trained here, or a model in ONNX. */
export function openAnyEncoder(
  trained: TrainedEncoder<AnyPreprocessing>,
  options: { batchSize?: number } = {},
): Promise<FrameEncoder> {
  return isOnnx(trained) ? openOnnxEncoder(trained) : openEncoder(trained, options)
}
