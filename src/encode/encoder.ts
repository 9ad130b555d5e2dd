import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { disposeAutoEncoder } from './architectures/auto-encoder.js'
import { startBackend } from './backend/backend.js'
import { assertChecksum } from './trained/checksum.js'
import { foldNormalization } from './architectures/fold-normalization.js'
import { frameCount, frameLength, frameShape, frameTensor } from './trained/frame-tensor.js'
import { restoreModel } from './architectures/model-data.js'
import type { AnyPreprocessing, TrainedEncoder } from './trained/trained-encoder.js'

/** A trained encoder, ready to compute. It holds memory of the back end until it is closed. */
export interface Encoder {
  /** Dimension of a feature vector. */
  readonly dims: number
  /** The feature vectors of frames: `n * size * size * planes` numbers in, `n * dims` out. */
  encode(frames: Float32Array): Float32Array
  /** The decoder's reconstruction of frames: as many numbers as the input. */
  reconstruct(frames: Float32Array): Float32Array
  close(): void
}

export interface OpenEncoderOptions {
  /** Frames that are computed at once. (Default: 64) */
  batchSize?: number
}

/** Verifies a stored encoder against its checksum and loads it on the running back end. */
export async function openEncoder(
  trained: TrainedEncoder<AnyPreprocessing>,
  options: OpenEncoderOptions = {},
): Promise<Encoder> {
  const { batchSize = 64 } = options
  assertChecksum(trained)
  await startBackend()
  const model = await restoreModel(trained)
  const { whole, encoder, dims } = model
  const folded = foldNormalization(encoder)
  const shape = frameShape(trained.preprocessing)
  const pixels = frameLength(shape)

  const run = (half: LayersModel, frames: Float32Array, length: number) => {
    const count = frameCount(frames, shape)
    const out = new Float32Array(count * length)
    for (let from = 0; from < count; from += batchSize) {
      const to = Math.min(count, from + batchSize)
      // Returns nothing from "tidy", which would inspect every number of the result.
      tf.tidy(() => {
        const input = frameTensor(frames.subarray(from * pixels, to * pixels), shape)
        out.set((half.apply(input) as tf.Tensor).dataSync(), from * length)
      })
    }
    return out
  }

  return {
    dims,
    encode: (frames) => run(folded, frames, dims),
    reconstruct: (frames) => run(whole, frames, pixels),
    close: () => {
      folded.dispose()
      disposeAutoEncoder(model)
    },
  }
}
