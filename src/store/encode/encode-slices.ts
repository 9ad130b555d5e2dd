import { availableParallelism } from 'node:os'
import { openThreads, type Threads } from '../../core/threads.js'
import { frameEach } from '../../encode/frames/frame.js'
import { openAnyEncoder, type FrameEncoder } from '../../encode/onnx/open-any-encoder.js'
import type { TrainedEncoder } from '../../encode/trained/trained-encoder.js'
import { unpackChannels, type StoredChannels } from '../plans/images.js'

/** Frames per call of the encoder; a tenth faster than 64. */
const BATCH_SIZE = 256

const workerFile = new URL('./encode-worker.js', import.meta.url)

/** Opens threads that unpack, frame and encode stored slices, each with its own numerical back end. */
export function sliceEncoder(trained: TrainedEncoder): Threads<Slices, Float32Array> {
  const { run: here, close: closeHere } = encodeHere(trained)
  const threads = availableParallelism()
  return openThreads(workerFile, { threads, data: trained, here, closeHere })
}

type Slices = readonly StoredChannels[]

/** The work of one encoding thread. It starts its back end with the first slices. */
export function encodeHere(trained: TrainedEncoder) {
  let opening: Promise<FrameEncoder> | undefined
  return {
    run: async (slices: Slices): Promise<Float32Array> => {
      opening ??= openAnyEncoder(trained, { batchSize: BATCH_SIZE })
      const encoder = await opening
      return encoder.encode(frameEach(slices, unpackChannels, trained.preprocessing))
    },
    close: async (): Promise<void> => {
      await (await opening)?.close()
    },
  }
}
