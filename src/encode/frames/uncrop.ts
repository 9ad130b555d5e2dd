import type { Box } from './resample.js'

export interface UncropOptions {
  /** Rows and columns of the slice from which the frame was made. */
  rows: number
  columns: number
  /** The part of the slice that the frame shows. */
  box: Box
  /** Rows and columns of the result. */
  size: number
}

/** Sample points per line of a pixel of the result. */
const POINTS = 4

/**
 * Inverts the crop of a frame: resamples one plane of it to the whole slice, as `size * size` pixels, row by row, so that
 * the outputs of encoders with different crops can be compared on the same raster. Interpolates linearly between the
 * pixels of the frame. Outside the frame the result is 0, which is air.
 */
export function uncrop(
  frame: Float32Array,
  { rows, columns, box, size }: UncropOptions,
): Float32Array {
  const from = Math.sqrt(frame.length)
  const down = weights({ length: rows, start: box.top, extent: box.height, from, size })
  const across = weights({ length: columns, start: box.left, extent: box.width, from, size })
  const out = new Float32Array(size * size)
  const line = new Float64Array(from)
  for (let y = 0; y < size; y++) {
    line.fill(0)
    for (const [row, weight] of down[y] as Weights)
      for (let x = 0; x < from; x++) line[x]! += weight * frame[row * from + x]!
    for (let x = 0; x < size; x++) {
      let sum = 0
      for (const [column, weight] of across[x] as Weights) sum += weight * line[column]!
      out[y * size + x] = sum
    }
  }
  return out
}

/** The pixels of the frame that contribute to one pixel of the result, with their weights. */
type Weights = readonly (readonly [pixel: number, weight: number])[]

function weights(line: {
  length: number
  start: number
  extent: number
  from: number
  size: number
}): Weights[] {
  const { length, start, extent, from, size } = line
  return Array.from({ length: size }, (_, target) => {
    const sums = new Map<number, number>()
    for (let point = 0; point < POINTS; point++) {
      const at = ((target + (point + 0.5) / POINTS) * length) / size
      const place = ((at - start) / extent) * from - 0.5
      const first = Math.floor(place)
      for (const [pixel, share] of [
        [first, first + 1 - place],
        [first + 1, place - first],
      ] as const)
        if (pixel >= 0 && pixel < from) sums.set(pixel, (sums.get(pixel) ?? 0) + share / POINTS)
    }
    return [...sums]
  })
}
