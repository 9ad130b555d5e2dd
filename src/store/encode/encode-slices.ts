import { availableParallelism } from 'node:os'
import { openThreads, type Threads } from '../../core/threads.js'
import { frameEach } from '../../encode/frames/frame.js'
import { openAnyEncoder, type FrameEncoder } from '../../encode/onnx/open-any-encoder.js'
import type { TrainedEncoder } from '../../encode/trained/trained-encoder.js'
import { unpackChannels, type StoredChannels } from '../plans/images.js'

/** Frames that are computed at once: a tenth faster than 64. */
const BATCH_SIZE = 256

const workerFile = new URL('./encode-worker.js', import.meta.url)

/** Threads that turn stored slices into their features, end to end, each on a numerical back end of its own. */
export function sliceEncoder(trained: TrainedEncoder): Threads<Slices, Float32Array> {
  const { run: here, close: closeHere } = encodeHere(trained)
  const threads = availableParallelism()
  return openThreads(workerFile, { threads, data: trained, here, closeHere })
}

type Slices = readonly StoredChannels[]

/** What encodes in one thread; the back end is started with the first slices. */
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
