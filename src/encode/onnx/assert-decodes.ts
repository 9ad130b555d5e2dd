import { LshError } from '../../core/errors.js'
import type { AnyPreprocessing, TrainedEncoder } from '../trained/trained-encoder.js'
import { isOnnx } from './onnx-encoder.js'

/** @throws LshError `bad_usage` for an ONNX model, which has no layers of pg-lsh and no decoder */
export function assertDecodes(trained: TrainedEncoder<AnyPreprocessing>, name: string): void {
  if (!isOnnx(trained)) return
  throw new LshError('bad_usage', `encoder "${name}" is a model in ONNX, which has no decoder`, {
    hint: 'Name one that was trained here: "pg-lsh encoder list" shows all. Keep the file of the model to use it elsewhere.',
  })
}
