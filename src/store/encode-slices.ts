import { availableParallelism } from 'node:os'
import { openThreads, type Threads } from '../core/threads.js'
import { openEncoder, type Encoder } from '../encode/encoder.js'
import { frameAll } from '../encode/frame.js'
import type { TrainedEncoder } from '../encode/trained-encoder.js'
import { unpackChannels, type StoredChannels } from './images.js'

const workerFile = new URL('./encode-worker.js', import.meta.url)

/** Threads that turn stored slices into their features, end to end, each on a numerical back end of its own. */
export function sliceEncoder(
  trained: TrainedEncoder,
): Threads<readonly StoredChannels[], Float32Array> {
  const here = encodeHere(trained)
  return openThreads(workerFile, { threads: availableParallelism(), data: trained, here })
}

/** What encodes in one thread; the back end is started with the first slices. */
export function encodeHere(
  trained: TrainedEncoder,
): (slices: readonly StoredChannels[]) => Promise<Float32Array> {
  let opening: Promise<Encoder> | undefined
  return async (slices) => {
    opening ??= openEncoder(trained)
    const encoder = await opening
    return encoder.encode(frameAll(slices.map(unpackChannels), trained.preprocessing))
  }
}
