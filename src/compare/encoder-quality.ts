import { availableParallelism } from 'node:os'
import { performance } from 'node:perf_hooks'
import type { Store } from '../store/connection/connect.js'
import { channelsOf, needsOf, type Preprocessing } from '../encode/frames/frame.js'
import { sliceEncoder } from '../store/encode/encode-slices.js'
import { readEncoder } from '../store/spaces/encoders.js'
import { packChannels, type StoredChannels } from '../store/plans/images.js'
import { slicesOf } from '../store/plans/slices.js'
import { readSpace } from '../store/spaces/read-space.js'
import { noQueries } from './measurable.js'
import { measureEncoder } from './measure-encoder.js'

/** Quality of a space without an encoder of its own. */
export const NO_ENCODER = {
  reconstruction: [],
  psnr_body_db: null,
  psnr_whole_db: null,
  ssim_body: null,
  ssim_whole: null,
  encode_per_s: null,
}

/** Quality and speed of the encoder of a space; `NO_ENCODER` for a space that joins others. */
export async function encoderQuality(
  store: Store,
  space: string,
  options: { dataset: string; asking: readonly number[]; signal?: AbortSignal },
) {
  const { asking, ...measuring } = options
  const { parts } = await readSpace(store, space)
  if (parts) return NO_ENCODER
  const reconstruction = await measureEncoder(store, space, measuring)
  const [first] = reconstruction
  return {
    reconstruction,
    psnr_body_db: first?.psnr_body_db ?? null,
    psnr_whole_db: first?.psnr_whole_db ?? null,
    ssim_body: first?.ssim_body ?? null,
    ssim_whole: first?.ssim_whole ?? null,
    encode_per_s: await encodingRate(store, space, asking),
  }
}

/** The first slices of patients that an encoder can encode; empty if there are none. */
async function firstSlices(
  store: Store,
  patients: readonly number[],
  preprocessing: Preprocessing,
): Promise<StoredChannels[]> {
  const channels = channelsOf(preprocessing)
  const needs = needsOf(preprocessing)
  for await (const slices of slicesOf(store, patients, needs)) {
    const usable = slices.filter(
      ({ image, structures }) =>
        (!needs.structures || structures !== undefined) &&
        channels.every((one) => image[one] !== null),
    )
    if (usable.length === 0) continue
    return usable.map(({ image, structures }) => ({
      ...packChannels(image, channels),
      ...(structures && { structures }),
    }))
  }
  return []
}

/** Batches per core that are encoded to measure the speed. */
const TIMED = 6

/** Slices per second that the cores of this machine encode, from stored images to features. */
async function encodingRate(
  store: Store,
  encoder: string,
  patients: readonly number[],
): Promise<number> {
  const trained = await readEncoder(store, encoder)
  const batch = await firstSlices(store, patients, trained.preprocessing)
  if (batch.length === 0) throw noQueries(encoder, needsOf(trained.preprocessing))
  const cores = availableParallelism()
  const threads = sliceEncoder(trained)
  const encode = (batches: number) =>
    Promise.all(Array.from({ length: batches }, () => threads.run(batch)))
  try {
    // One run before the measurement, which compiles.
    await encode(cores)
    const start = performance.now()
    await encode(TIMED * cores)
    return (1000 * TIMED * cores * batch.length) / (performance.now() - start)
  } finally {
    await threads.close()
  }
}
