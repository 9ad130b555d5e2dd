import { bodyExtent } from '../../core/body-extent.js'
import { LshError } from '../../core/errors.js'
import type { Channel, SliceImage } from '../../core/plan.js'
import { resampler, type Box, type ReadLine } from './resample.js'

/** A slice of which one image is needed: row by row from anterior and the patient's right. */
export type SliceWithAny = Pick<SliceImage, 'rows' | 'columns'> & Partial<SliceImage>

/** One image of a slice: values are clipped and scaled by `min(ceiling, max(0, (value − low) / (high − low)))`. */
export interface Plane {
  readonly channel: Channel
  /** The value that becomes 0. */
  readonly low: number
  /** The value that becomes 1. */
  readonly high: number
  /** Scaled values above this are cut to it. */
  readonly ceiling: number
  readonly unit: 'HU' | 'Gy'
}

/**
 * How a slice becomes the square image that an encoder sees: scaled, cut, then averaged over equal areas. It is
 * stored with the encoder, so that any client repeats it exactly.
 */
export interface Preprocessing {
  /** What the frame shows. The values that several have at a pixel lie side by side. */
  readonly planes: readonly Plane[]
  /** Rows and columns of the frame. */
  readonly size: number
  /** The whole raster, or the square around the body, found in the CT: most of a raster is air. */
  readonly crop: 'raster' | 'body'
}

export interface PreprocessingOptions {
  /** Rows and columns of the frame. (Default: 64) */
  size?: number
  /** What the frame covers. (Default: 'raster') */
  crop?: Preprocessing['crop']
}

const known = {
  /** Keeps air, soft tissue and bone apart. */
  ct: { channel: 'ct', low: -1000, high: 1500, ceiling: 1, unit: 'HU' },
  /** From -200 to 400 HU, where organs differ; at half the weight, since it is brighter on the whole. */
  soft: { channel: 'ct', low: -200, high: 1000, ceiling: 0.5, unit: 'HU' },
  /** May overshoot its scale by a fifth, as hot spots matter. */
  dose: { channel: 'dose', low: 0, high: 80, ceiling: 1.2, unit: 'Gy' },
} as const satisfies Record<string, Plane>

export type PlaneName = keyof typeof known

/** The preprocessing for one or more planes that was measured to serve retrieval best. */
export function preprocessingOf(
  planes: PlaneName | readonly PlaneName[],
  options: PreprocessingOptions = {},
): Preprocessing {
  const { size = 64, crop = 'raster' } = options
  return { planes: [planes].flat().map((name) => known[name]), size, crop }
}

/** The images of a slice that its frame is made of. */
export function channelsOf({ planes, crop }: Preprocessing): Channel[] {
  const seen = planes.map(({ channel }) => channel)
  return [...new Set(crop === 'body' ? [...seen, 'ct' as const] : seen)]
}

/** Room around the body, as a share of its longer side. */
const MARGIN = 0.04

/**
 * The part of a slice that a frame shows.
 *
 * @throws LshError `bad_input` where the body is to be found and the slice has no CT
 */
export function frameBox(slice: SliceWithAny, { crop }: Pick<Preprocessing, 'crop'>): Box {
  const { rows, columns } = slice
  if (crop === 'raster') return { top: 0, left: 0, height: rows, width: columns }
  const ct = rasterOf(slice, 'ct')
  const { top, bottom, left, right } = bodyExtent({ rows, columns, ct: ct as Int16Array })
  const side = Math.max(bottom - top, right - left) * (1 + MARGIN)
  return {
    top: (top + bottom - side) / 2,
    left: (left + right - side) / 2,
    height: side,
    width: side,
  }
}

/**
 * The frame of one slice: `size * size` pixels, row by row, of whatever raster the slice has.
 *
 * @throws LshError `bad_input` for a slice that lacks a channel, or has it of another size
 */
export function frame(slice: SliceWithAny, preprocessing: Preprocessing): Float32Array {
  const { planes, size } = preprocessing
  const { rows, columns } = slice
  const resample = resampler({ rows, columns, box: frameBox(slice, preprocessing), size })
  const out = new Float32Array(size * size * planes.length)
  planes.forEach((plane, p) => {
    const pixels = resample(scaledLines(rasterOf(slice, plane.channel), columns, plane))
    for (let i = 0; i < pixels.length; i++) out[i * planes.length + p] = pixels[i]!
  })
  return out
}

/** The frames of several slices, one after the other, as training and encoding take them. */
export function frameAll(
  slices: readonly SliceWithAny[],
  preprocessing: Preprocessing,
): Float32Array {
  return frameEach(slices, (slice) => slice, preprocessing)
}

/** The same of slices that are made one at a time: those of a batch take hundreds of megabytes where they are large. */
export function frameEach<Item>(
  items: readonly Item[],
  sliceOf: (item: Item) => SliceWithAny,
  preprocessing: Preprocessing,
): Float32Array {
  const { size, planes } = preprocessing
  const pixels = size ** 2 * planes.length
  const out = new Float32Array(items.length * pixels)
  items.forEach((item, i) => out.set(frame(sliceOf(item), preprocessing), i * pixels))
  return out
}

/** Clips before anything is averaged, or one pixel of metal would light up all its neighbours. */
function scaledLines(
  raster: Int16Array | Float32Array,
  columns: number,
  { low, high, ceiling }: Plane,
): ReadLine {
  const range = high - low
  return (row, from, to, line) => {
    for (let column = from, at = row * columns + from; column < to; column++, at++) {
      const above = raster[at]! - low
      // Most of a raster is air: it is not divided.
      const share = above <= 0 ? 0 : above / range
      line[column] = share >= ceiling ? ceiling : share
    }
  }
}

function rasterOf(slice: SliceWithAny, channel: Channel): Int16Array | Float32Array {
  const { rows, columns } = slice
  const raster = slice[channel]
  if (raster && raster.length > 0 && raster.length === rows * columns) return raster
  throw new LshError(
    'bad_input',
    raster
      ? `the ${channel} of the slice has ${raster.length} values, not ${rows} times ${columns}`
      : `the slice has no ${channel}`,
    {
      hint: 'Encode it in a space of the images that it has, with one value for each row and column.',
    },
  )
}
