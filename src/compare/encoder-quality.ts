import { performance } from 'node:perf_hooks'
import { LshError } from '../core/errors.js'
import type { Channel } from '../core/plan.js'
import { openEncoder } from '../encode/encoder.js'
import { frameAll } from '../encode/frame.js'
import type { Store } from '../store/connect.js'
import { readEncoder } from '../store/encoders.js'
import { slicesOf } from '../store/slices.js'
import { readSpace } from '../store/spaces.js'
import { reconstructionQuality } from './reconstructions.js'

/** How well an image comes back, over all slices. */
export interface ImageQuality {
  readonly channel: Channel
  readonly psnr_db: number
  readonly ssim: number
}

/** Of a space that has no encoder of its own. */
export const NO_ENCODER = { reconstruction: [], psnr_db: null, ssim: null, encode_per_s: null }

/** What the encoder of a space can do; nothing for one that joins others. */
export async function encoderQuality(
  store: Store,
  space: string,
  options: { items: number[]; patients: Int32Array; seed: number; asking: readonly number[] },
) {
  const { items, patients, seed, asking } = options
  const { parts } = await readSpace(store, space)
  if (parts) return NO_ENCODER
  const qualities = await reconstructionQuality(
    store,
    space,
    { items, patients },
    { seed, resamples: 1 },
  )
  const reconstruction = Array.from(qualities, ([channel, { total_db, ssim }]): ImageQuality => {
    return { channel, psnr_db: total_db, ssim: ssim.mean }
  })
  const [first] = reconstruction
  return {
    reconstruction,
    psnr_db: first?.psnr_db ?? null,
    ssim: first?.ssim ?? null,
    encode_per_s: await encodingRate(store, space, asking),
  }
}

/** Slices that are encoded to see how fast that is. */
const TIMED = 512

/** Slices a second that one core encodes, from images in memory to features. */
async function encodingRate(
  store: Store,
  encoder: string,
  patients: readonly number[],
): Promise<number> {
  const trained = await readEncoder(store, encoder)
  const opened = await openEncoder(trained)
  try {
    const first = await slicesOf(store, patients).next()
    if (first.done) {
      throw new LshError('LSH03', 'there are no slices to encode', {
        hint: 'Load plans first: "pg-lsh load openkbp DIR --dataset NAME".',
      })
    }
    const images = first.value.map(({ image }) => image)
    const many = Array.from({ length: TIMED }, (_, i) => images[i % images.length]!)
    // Once to start, which compiles.
    opened.encode(frameAll(images.slice(0, 64), trained.preprocessing))
    const start = performance.now()
    opened.encode(frameAll(many, trained.preprocessing))
    return (1000 * TIMED) / (performance.now() - start)
  } finally {
    opened.close()
  }
}
