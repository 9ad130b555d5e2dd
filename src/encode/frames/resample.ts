/** A rectangle of a raster, in fractional pixels; it may extend beyond the raster. */
export interface Box {
  readonly top: number
  readonly left: number
  readonly height: number
  readonly width: number
}

/** The part of a raster to resample, and the rows and columns of the result. */
export interface Resampling {
  readonly rows: number
  readonly columns: number
  readonly box: Box
  readonly size: number
}

/** Copies the pixels of a row, from column `from` to before column `to`, to the same places in a line. */
export type ReadLine = (row: number, from: number, to: number, line: Float64Array) => void

/** Reads from pixels in memory, stored row by row. */
export function linesOf(pixels: ArrayLike<number>, columns: number): ReadLine {
  return (row, from, to, line) => {
    for (let column = from; column < to; column++) line[column] = pixels[row * columns + column]!
  }
}

/**
 * Returns a function that averages a box of a raster to `size * size` pixels over equal areas, row by row. A pixel
 * across a border contributes to both sides in proportion; outside the raster everything is 0. The function can be used
 * for several rasters of the same size.
 */
export function resampler(resampling: Resampling): (read: ReadLine) => Float64Array {
  const { rows, columns, box, size } = resampling
  const across = sharesOf({ length: columns, start: box.left, extent: box.width, size })
  const down = sharesOf({ length: rows, start: box.top, extent: box.height, size })
  const from = across.sources.at(0) ?? 0
  const to = (across.sources.at(-1) ?? -1) + 1
  const pixels = new Float64Array(columns)
  const line = new Float64Array(size)
  return (read) => {
    const out = new Float64Array(size * size)
    let row = -1
    for (let i = 0; i < down.sources.length; i++) {
      // A row across a border occurs twice in succession.
      if (down.sources[i] !== row) {
        row = down.sources[i]!
        read(row, from, to, pixels)
        line.fill(0)
        addShares(pixels, across, line)
      }
      const share = down.shares[i]!
      const at = down.targets[i]! * size
      for (let x = 0; x < size; x++) out[at + x] = out[at + x]! + share * line[x]!
    }
    return out
  }
}

/** For each contribution of a pixel to the average of a line: source, target and share; ordered by source. */
interface Shares {
  readonly sources: Int32Array
  readonly targets: Int32Array
  readonly shares: Float64Array
}

interface Line {
  /** Pixels of the line. */
  length: number
  /** Start of the wanted part. */
  start: number
  extent: number
  /** Pixels of the result. */
  size: number
}

function sharesOf({ length, start, extent, size }: Line): Shares {
  const width = extent / size
  const [sources, targets, shares]: [number[], number[], number[]] = [[], [], []]
  for (let target = 0; target < size; target++) {
    const from = start + target * width
    const to = from + width
    const last = Math.min(length, Math.ceil(to))
    for (let source = Math.max(0, Math.floor(from)); source < last; source++) {
      const share = (Math.min(to, source + 1) - Math.max(from, source)) / width
      if (share <= 0) continue
      sources.push(source)
      targets.push(target)
      shares.push(share)
    }
  }
  return {
    sources: Int32Array.from(sources),
    targets: Int32Array.from(targets),
    shares: Float64Array.from(shares),
  }
}

/** Adds the contributions of one line of the raster to its average. */
function addShares(pixels: Float64Array, across: Shares, line: Float64Array): void {
  const { sources, targets, shares } = across
  for (let i = 0; i < sources.length; i++) {
    const target = targets[i]!
    line[target] = line[target]! + shares[i]! * pixels[sources[i]!]!
  }
}
