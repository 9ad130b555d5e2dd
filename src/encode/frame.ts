import { LshError } from '../core/errors.js'
import type { Channel, SliceImage } from '../core/plan.js'

/** A slice of which one image is needed: row by row from anterior and the patient's right. */
export type SliceWithAny = Pick<SliceImage, 'rows' | 'columns'> & Partial<SliceImage>

/**
 * How a slice becomes the square image that an encoder sees: pixels are clipped and scaled by
 * `min(ceiling, max(0, (value − low) / (high − low)))`, then averaged over equal areas. It is stored
 * with the encoder, so that any client repeats it exactly.
 */
export interface Preprocessing {
  readonly channel: Channel
  /** Rows and columns of the frame. */
  readonly size: number
  /** The value that becomes 0. */
  readonly low: number
  /** The value that becomes 1. */
  readonly high: number
  /** Scaled values above this are cut to it. */
  readonly ceiling: number
  readonly unit: 'HU' | 'Gy'
}

export interface PreprocessingOptions {
  /** Rows and columns of the frame. (Default: 64) */
  size?: number
}

/**
 * The preprocessing of a channel that was measured to serve retrieval best. The window of CT keeps
 * air, soft tissue and bone apart; a dose may overshoot its scale by a fifth, as hot spots matter.
 */
export function preprocessingOf(
  channel: Channel,
  options: PreprocessingOptions = {},
): Preprocessing {
  const { size = 64 } = options
  return channel === 'ct'
    ? { channel, size, low: -1000, high: 1500, ceiling: 1, unit: 'HU' }
    : { channel, size, low: 0, high: 80, ceiling: 1.2, unit: 'Gy' }
}

/**
 * The frame of one slice: `size * size` numbers, row by row, of whatever raster the slice has.
 *
 * @throws LshError `bad_input` for a slice that lacks the channel, or has it of another size
 */
export function frame(slice: SliceWithAny, preprocessing: Preprocessing): Float32Array {
  const { channel, size, low, high, ceiling } = preprocessing
  const { rows, columns } = slice
  const raster = slice[channel]
  if (!raster || raster.length === 0 || raster.length !== rows * columns) {
    throw new LshError(
      'bad_input',
      raster
        ? `the ${channel} of the slice has ${raster.length} values, not ${rows} times ${columns}`
        : `the slice has no ${channel}`,
      { hint: 'Encode it in a space of what it has; one value for each row and column.' },
    )
  }
  const scaled = new Float64Array(rows * columns)
  // Clipped before averaging, or one pixel of metal would light up all its neighbours.
  for (let i = 0; i < scaled.length; i++) {
    const value = ((raster[i] as number) - low) / (high - low)
    scaled[i] = Math.min(ceiling, Math.max(0, value))
  }
  const across = average(scaled, { count: rows, length: columns, size, step: 1, stride: columns })
  const down = average(across, { count: size, length: rows, size, step: size, stride: 1 })
  // `down` holds column after column.
  const out = new Float32Array(size * size)
  for (let x = 0; x < size; x++) {
    for (let y = 0; y < size; y++) out[y * size + x] = down[x * size + y] as number
  }
  return out
}

/** The frames of several slices, one after the other, as training and encoding take them. */
export function frameAll(
  slices: readonly SliceImage[],
  preprocessing: Preprocessing,
): Float32Array {
  const pixels = preprocessing.size ** 2
  const out = new Float32Array(slices.length * pixels)
  slices.forEach((slice, i) => out.set(frame(slice, preprocessing), i * pixels))
  return out
}

interface Lines {
  /** Lines to average. */
  count: number
  /** Pixels of a line. */
  length: number
  /** Pixels it shall have. */
  size: number
  /** Distance of the pixels of a line in memory, and of the lines. */
  step: number
  stride: number
}

/**
 * Averages each line to `size` pixels of equal length; a pixel that lies across a border counts to
 * both sides by its share. Lines lie one after the other in the result.
 */
function average(values: Float64Array, lines: Lines): Float64Array {
  const { count, length, size, step, stride } = lines
  const out = new Float64Array(count * size)
  const width = length / size
  for (let target = 0; target < size; target++) {
    const from = target * width
    const to = from + width
    for (let source = Math.floor(from); source < Math.min(length, Math.ceil(to)); source++) {
      const share = (Math.min(to, source + 1) - Math.max(from, source)) / width
      if (share <= 0) continue
      for (let line = 0; line < count; line++) {
        const at = line * size + target
        out[at] = (out[at] as number) + share * (values[line * stride + source * step] as number)
      }
    }
  }
  return out
}
