import { openEncoder } from '../encode/encoder.js'
import type { Channel } from '../core/plan.js'
import { frame, frameAll, frameBox, type Plane, type Preprocessing } from '../encode/frame.js'
import { putBack } from '../encode/put-back.js'
import type { Store } from '../store/connect.js'
import { readEncoder } from '../store/encoders.js'
import { picturedSlices, type PicturedSlice } from '../store/tiles.js'
import { bootstrapMean, type Estimate } from './bootstrap.js'
import { psnr, ssim } from './ssim.js'

/** A whole slice, and what the decoder makes of its features, put back where the encoder's frame was cut out. */
export interface Reconstruction {
  readonly slice: PicturedSlice
  readonly plane: Plane
  readonly size: number
  /** `size * size` numbers, row by row, in the scale of the plane. */
  readonly input: Float32Array
  readonly output: Float32Array
  readonly psnr: number
  readonly ssim: number
}

/** How well an encoder's features hold the image, on patients that it was not trained on. */
export interface ReconstructionQuality {
  readonly slices: number
  /** Mean over slices. */
  readonly psnr_db: Estimate
  readonly ssim: Estimate
  /** PSNR of the mean squared error over all slices, as trainings report it: below the mean over slices. */
  readonly total_db: number
}

/** Slices whose images are in memory at once. */
const BATCH = 64
const MOST_DB = 100

/** Reconstructs one image of slices by the encoder of a space, some at a time: by default the first that it sees. */
export async function* reconstructions(
  store: Store,
  encoder: string,
  items: readonly number[],
  options: { channel?: Channel } = {},
): AsyncGenerator<Reconstruction> {
  const trained = await readEncoder(store, encoder)
  const opened = await openEncoder(trained)
  const { preprocessing } = trained
  const { size, planes } = preprocessing
  const { channel = planes[0]?.channel } = options
  // The widest window of a channel stands first; others are parts of it.
  const shown = planes.findIndex((plane) => plane.channel === channel)
  const plane = planes[shown]
  if (!plane) return
  try {
    for (let from = 0; from < items.length; from += BATCH) {
      const chosen = items.slice(from, from + BATCH)
      const known = await picturedSlices(store, chosen)
      const slices = chosen.map((item) => known.get(item) as PicturedSlice)
      const frames = frameAll(
        slices.map(({ image }) => image),
        preprocessing,
      )
      const outputs = opened.reconstruct(frames)
      for (const [i, slice] of slices.entries()) {
        const input = frame(slice.image, { planes: [plane], size, crop: 'raster' })
        const values = planeOf(outputs, { at: i, shown, preprocessing })
        const { rows, columns } = slice.image
        const box = frameBox(slice.image, preprocessing)
        const output =
          preprocessing.crop === 'raster' ? values : putBack(values, { rows, columns, box, size })
        // Peak 1, as in the training: what a frame has above it are hot spots of the dose.
        const pair = { rows: size, columns: size, image: output, reference: input, range: 1 }
        yield { slice, plane, size, input, output, psnr: psnr(pair), ssim: ssim(pair) }
      }
    }
  } finally {
    opened.close()
  }
}

function planeOf(
  frames: Float32Array,
  { at, shown, preprocessing }: { at: number; shown: number; preprocessing: Preprocessing },
): Float32Array {
  const { size, planes } = preprocessing
  const start = at * size ** 2 * planes.length + shown
  return Float32Array.from(
    { length: size ** 2 },
    (_, i) => frames[start + i * planes.length] as number,
  )
}

/** PSNR and SSIM over slices; `patients` are their patients. */
export async function reconstructionQuality(
  store: Store,
  encoder: string,
  { items, patients }: { items: readonly number[]; patients: Int32Array },
  options: { seed: number; resamples: number; channel?: Channel },
): Promise<ReconstructionQuality> {
  const [ratios, similarities] = [new Float64Array(items.length), new Float64Array(items.length)]
  let slices = 0
  let squares = 0
  for await (const one of reconstructions(store, encoder, items, options)) {
    // A frame may come back exactly; its PSNR has no bound.
    squares += 10 ** (-one.psnr / 10)
    ratios[slices] = Math.min(MOST_DB, one.psnr)
    similarities[slices++] = one.ssim
  }
  return {
    slices,
    psnr_db: bootstrapMean(ratios, patients, options),
    ssim: bootstrapMean(similarities, patients, options),
    total_db: -10 * Math.log10(squares / slices),
  }
}
