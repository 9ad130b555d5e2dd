import { availableParallelism } from 'node:os'
import { openThreads, type Threads } from '../core/threads.js'
import { openEncoder, type Encoder } from '../encode/encoder.js'
import { frame } from '../encode/frame.js'
import { frameLength, frameShape } from '../encode/frame-tensor.js'
import type { TrainedEncoder } from '../encode/trained-encoder.js'
import { unpackChannels, type StoredChannels } from './images.js'

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
  let opening: Promise<Encoder> | undefined
  const { preprocessing } = trained
  const length = frameLength(frameShape(preprocessing))
  return {
    run: async (slices: Slices): Promise<Float32Array> => {
      opening ??= openEncoder(trained, { batchSize: BATCH_SIZE })
      const encoder = await opening
      const frames = new Float32Array(slices.length * length)
      // One slice is unpacked at a time: those of a batch take hundreds of megabytes where they are large.
      slices.forEach((slice, i) =>
        frames.set(frame(unpackChannels(slice), preprocessing), i * length),
      )
      return encoder.encode(frames)
    },
    close: async (): Promise<void> => {
      ;(await opening)?.close()
    },
  }
}
