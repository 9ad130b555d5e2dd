/** A rectangle of a raster, in pixels that need not be whole; it may reach beyond the raster. */
export interface Box {
  readonly top: number
  readonly left: number
  readonly height: number
  readonly width: number
}

/** The part of a raster that is wanted, and the rows and columns it shall have. */
export interface Resampling {
  readonly rows: number
  readonly columns: number
  readonly box: Box
  readonly size: number
}

/** Puts the pixels of a row, from a column to before another, at their places in a line. */
export type ReadLine = (row: number, from: number, to: number, line: Float64Array) => void

/** Reads from pixels in memory, row by row. */
export function linesOf(pixels: ArrayLike<number>, columns: number): ReadLine {
  return (row, from, to, line) => {
    for (let column = from; column < to; column++) line[column] = pixels[row * columns + column]!
  }
}

/**
 * Averages a box of a raster to `size * size` pixels over equal areas, row by row. A pixel that lies across a border
 * counts to both sides by its share; beyond the raster everything is 0. Several rasters of one kind may be given.
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
      // A row that lies across a border comes twice, one after the other.
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

/** Which pixels of a line go to which of its average, and by what share; ordered by source. */
interface Shares {
  readonly sources: Int32Array
  readonly targets: Int32Array
  readonly shares: Float64Array
}

interface Line {
  /** Pixels of the line. */
  length: number
  /** The part of it that is wanted. */
  start: number
  extent: number
  /** Pixels it shall have. */
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

/** Adds one line of the raster to its average. */
function addShares(pixels: Float64Array, across: Shares, line: Float64Array): void {
  const { sources, targets, shares } = across
  for (let i = 0; i < sources.length; i++) {
    const target = targets[i]!
    line[target] = line[target]! + shares[i]! * pixels[sources[i]!]!
  }
}
