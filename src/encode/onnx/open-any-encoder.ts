import { openEncoder } from '../encoder.js'
import { isOnnx, openOnnxEncoder } from './onnx-encoder.js'
import type { AnyPreprocessing, TrainedEncoder } from '../trained/trained-encoder.js'

/** Encodes frames of slices, images or neurons; it must be closed. */
export interface FrameEncoder {
  /** The vectors of frames. */
  encode(frames: Float32Array): Float32Array | Promise<Float32Array>
  close(): void | Promise<void>
}

/** Loads an encoder, either one trained by pg-lsh or an ONNX model. */
export function openAnyEncoder(
  trained: TrainedEncoder<AnyPreprocessing>,
  options: { batchSize?: number } = {},
): Promise<FrameEncoder> {
  return isOnnx(trained) ? openOnnxEncoder(trained) : openEncoder(trained, options)
}
