import { bodyExtent } from '../../core/body-extent.js'
import { LshError } from '../../core/errors.js'
import type { Channel, SliceImage } from '../../core/plan.js'
import type { SliceStructures } from '../../core/slice-structures.js'
import { resampler, type Box, type ReadLine } from './resample.js'
import {
  MOST_DEPTH_MM,
  STRUCTURE_CHANNELS,
  structureMap,
  type StructureChannel,
} from './structure-map.js'

/** A slice with at least the images that are needed, row by row, starting anterior and at the patient's right. */
export interface SliceWithAny
  extends Pick<SliceImage, 'rows' | 'columns'>, Partial<Pick<SliceImage, 'ct' | 'dose'>> {
  /** The structures that cut the slice, for encoders that see them. */
  readonly structures?: SliceStructures
}

/** One image of a slice: values are clipped and scaled by `min(ceiling, max(0, (value − low) / (high − low)))`. */
export interface Plane {
  /** An image of the slice, or a map of its structures. */
  readonly channel: Channel | StructureChannel
  /** The value that becomes 0. */
  readonly low: number
  /** The value that becomes 1. */
  readonly high: number
  /** Upper limit of scaled values. */
  readonly ceiling: number
  readonly unit: 'HU' | 'Gy' | 'mm'
}

/** A plane that shows an image of the slice. */
export interface ImagePlane extends Plane {
  readonly channel: Channel
}

/**
 * How a slice becomes the square image that an encoder sees: cropped, scaled, then averaged over equal areas. It is
 * stored with the encoder, so that any client repeats it exactly.
 */
export interface Preprocessing {
  /** What the frame shows. The values of several planes at a pixel are adjacent. */
  readonly planes: readonly Plane[]
  /** Rows and columns of the frame. */
  readonly size: number
  /** The whole raster, or the square around the body, located in the CT; most of a raster is air. */
  readonly crop: 'raster' | 'body'
}

export interface PreprocessingOptions {
  /** Rows and columns of the frame. (Default: 64) */
  size?: number
  /** What the frame covers. (Default: 'raster') */
  crop?: Preprocessing['crop']
}

const known = {
  /** Separates air, soft tissue and bone. */
  ct: { channel: 'ct', low: -1000, high: 1500, ceiling: 1, unit: 'HU' },
  /** The window from -200 to 400 HU, where organs differ, at half the weight, since its mean is brighter. */
  soft: { channel: 'ct', low: -200, high: 1000, ceiling: 0.5, unit: 'HU' },
  /** May exceed its scale by a fifth, because hot spots matter. */
  dose: { channel: 'dose', low: 0, high: 80, ceiling: 1.2, unit: 'Gy' },
  /** From the farthest depth outside to 20 mm inside, where most targets are deepest. */
  targets: { channel: 'targets', low: -MOST_DEPTH_MM, high: 20, ceiling: 1, unit: 'mm' },
  levels: { channel: 'levels', low: 0, high: 80, ceiling: 1, unit: 'Gy' },
  organs: { channel: 'organs', low: -MOST_DEPTH_MM, high: 20, ceiling: 1, unit: 'mm' },
} as const satisfies Record<string, Plane>

export type PlaneName = keyof typeof known

/** The preprocessing for one or more planes that gave the best retrieval in measurements. */
export function preprocessingOf(
  planes: PlaneName | readonly PlaneName[],
  options: PreprocessingOptions = {},
): Preprocessing {
  const { size = 64, crop = 'raster' } = options
  return { planes: [planes].flat().map((name) => known[name]), size, crop }
}

/** The images of a slice that its frame needs. */
export function channelsOf({ planes, crop }: Preprocessing): Channel[] {
  const seen = planes.filter(isImagePlane).map(({ channel }) => channel)
  return [...new Set(crop === 'body' ? [...seen, 'ct' as const] : seen)]
}

/** What a slice must have besides its CT. */
export interface SliceNeeds {
  readonly dose: boolean
  /** Whether a target of its plan must have been drawn. */
  readonly structures: boolean
}

export function needsOf(preprocessing: Preprocessing): SliceNeeds {
  return {
    dose: channelsOf(preprocessing).includes('dose'),
    structures: !preprocessing.planes.every(isImagePlane),
  }
}

export function isImagePlane(plane: Plane): plane is ImagePlane {
  return !isStructureChannel(plane.channel)
}

function isStructureChannel(channel: Plane['channel']): channel is StructureChannel {
  return (STRUCTURE_CHANNELS as readonly string[]).includes(channel)
}

/** Margin around the body, as a share of its longer side. */
const MARGIN = 0.04

/**
 * The part of a slice that a frame shows.
 *
 * @throws LshError `bad_input` if the crop is 'body' and the slice has no CT
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
 * The frame of one slice: `size * size` pixels, row by row, from a raster of any size. The values of its planes at a
 * pixel are adjacent.
 *
 * @throws LshError `bad_input` for a slice that lacks an image or its structures, or has one of another size
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

/** The frames of several slices, concatenated, in the form that training and encoding use. */
export function frameAll(
  slices: readonly SliceWithAny[],
  preprocessing: Preprocessing,
): Float32Array {
  return frameEach(slices, (slice) => slice, preprocessing)
}

/** As `frameAll`, for slices that are made one at a time: a batch of large ones would take hundreds of megabytes. */
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

/** Clips before averaging, so that one pixel of metal does not brighten all its neighbours. */
function scaledLines(
  raster: Int16Array | Float32Array,
  columns: number,
  { low, high, ceiling }: Plane,
): ReadLine {
  const range = high - low
  return (row, from, to, line) => {
    for (let column = from, at = row * columns + from; column < to; column++, at++) {
      const above = raster[at]! - low
      // Avoids the division for air, which is most of a raster.
      const share = above <= 0 ? 0 : above / range
      line[column] = share >= ceiling ? ceiling : share
    }
  }
}

function rasterOf(slice: SliceWithAny, channel: Plane['channel']): Int16Array | Float32Array {
  const { rows, columns, structures } = slice
  if (isStructureChannel(channel)) {
    if (structures) return structureMap(channel, slice, structures)
    throw new LshError('bad_input', 'the slice has no structures', {
      hint:
        'A file of an image shows none: choose a space that does not see structures, or search with a stored slice or, ' +
        'in the client, with { rows, columns, ct, structures }.',
    })
  }
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
