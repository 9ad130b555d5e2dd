import { openEncoder } from '../encode/encoder.js'
import type { Channel } from '../core/plan.js'
import { frame, frameAll, frameBox, type Plane, type Preprocessing } from '../encode/frame.js'
import { frameLength, frameShape } from '../encode/frame-tensor.js'
import { putBack } from '../encode/put-back.js'
import type { Store } from '../store/connect.js'
import { readEncoder } from '../store/encoders.js'
import { picturedSlices, type PicturedSlice } from '../store/tiles.js'
import { bootstrapMean, type Estimate } from './bootstrap.js'
import { psnr, ssim, type ImagePair } from './ssim.js'

/** A slice as an encoder sees it, and what its decoder makes of the features. */
export interface Reconstruction {
  readonly slice: PicturedSlice
  readonly preprocessing: Preprocessing
  readonly planes: readonly ReconstructedPlane[]
}

/** One of the images of a frame. */
export interface ReconstructedPlane {
  readonly plane: Plane
  /** `size * size` numbers, row by row, in the scale of the frame. */
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

/** Reconstructs slices by the encoder of a space, some at a time. */
export async function* reconstructions(
  store: Store,
  encoder: string,
  items: readonly number[],
): AsyncGenerator<Reconstruction> {
  const trained = await readEncoder(store, encoder)
  const opened = await openEncoder(trained)
  const { preprocessing } = trained
  const length = frameLength(frameShape(preprocessing))
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
        const part = (all: Float32Array) => all.subarray(i * length, (i + 1) * length)
        yield { slice, preprocessing, planes: planesOf(part(frames), part(outputs), preprocessing) }
      }
    }
  } finally {
    opened.close()
  }
}

/** The values of planes lie side by side in a frame. */
function planesOf(
  input: Float32Array,
  output: Float32Array,
  { planes, size }: Preprocessing,
): ReconstructedPlane[] {
  return planes.map((plane, p) => {
    const of = (frame: Float32Array) => frame.filter((_, i) => i % planes.length === p)
    // Peak 1, as in the training: what a frame has above it are hot spots of the dose.
    const pair = { rows: size, columns: size, image: of(output), reference: of(input), range: 1 }
    return { plane, input: pair.reference, output: pair.image, psnr: psnr(pair), ssim: ssim(pair) }
  })
}

/** The image of a channel as a whole slice, put back where the frame was cut out; the widest window of it stands first. */
function wholeSlice(
  { slice: { image }, preprocessing, planes }: Reconstruction,
  channel: Channel,
): ImagePair {
  const shown = planes.find(({ plane }) => plane.channel === channel) as ReconstructedPlane
  const { size, crop } = preprocessing
  const { rows, columns } = image
  const box = frameBox(image, preprocessing)
  return {
    rows: size,
    columns: size,
    image: crop === 'raster' ? shown.output : putBack(shown.output, { rows, columns, box, size }),
    reference: frame(image, { planes: [shown.plane], size, crop: 'raster' }),
    range: 1,
  }
}

/** PSNR and SSIM of whole slices for each image that the encoder sees, in its order; `patients` are those of the slices. */
export async function reconstructionQuality(
  store: Store,
  encoder: string,
  { items, patients }: { items: readonly number[]; patients: Int32Array },
  options: { seed: number; resamples: number },
): Promise<Map<Channel, ReconstructionQuality>> {
  const measured = new Map<Channel, { psnr: number; ssim: number }[]>()
  for await (const one of reconstructions(store, encoder, items)) {
    for (const channel of new Set(one.planes.map(({ plane }) => plane.channel))) {
      const pair = wholeSlice(one, channel)
      const list = measured.get(channel) ?? []
      measured.set(channel, list)
      list.push({ psnr: psnr(pair), ssim: ssim(pair) })
    }
  }
  return new Map(
    [...measured].map(([channel, list]) => [channel, summary(list, patients, options)]),
  )
}

function summary(
  list: readonly { psnr: number; ssim: number }[],
  patients: Int32Array,
  options: { seed: number; resamples: number },
): ReconstructionQuality {
  const squares = list.reduce((sum, one) => sum + 10 ** (-one.psnr / 10), 0)
  // A frame may come back exactly; its PSNR has no bound.
  const ratios = Float64Array.from(list, (one) => Math.min(MOST_DB, one.psnr))
  const similarities = Float64Array.from(list, (one) => one.ssim)
  return {
    slices: list.length,
    psnr_db: bootstrapMean(ratios, patients, options),
    ssim: bootstrapMean(similarities, patients, options),
    total_db: Math.min(MOST_DB, -10 * Math.log10(squares / list.length)),
  }
}
