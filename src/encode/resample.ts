/** A rectangle of a raster, in pixels that need not be whole; it may reach beyond the raster. */
export interface Box {
  readonly top: number
  readonly left: number
  readonly height: number
  readonly width: number
}

export interface Raster {
  readonly values: Float64Array
  readonly rows: number
  readonly columns: number
}

/**
 * Averages a box of a raster to `size * size` pixels over equal areas, row by row. A pixel that lies across a border
 * counts to both sides by its share; beyond the raster everything is 0.
 */
export function shrink({ values, rows, columns }: Raster, box: Box, size: number): Float64Array {
  const across = average(values, {
    count: rows,
    length: columns,
    from: box.left,
    extent: box.width,
    size,
    step: 1,
    stride: columns,
  })
  const down = average(across, {
    count: size,
    length: rows,
    from: box.top,
    extent: box.height,
    size,
    step: size,
    stride: 1,
  })
  // `down` holds column after column.
  const out = new Float64Array(size * size)
  for (let x = 0; x < size; x++) {
    for (let y = 0; y < size; y++) out[y * size + x] = down[x * size + y] as number
  }
  return out
}

interface Lines {
  /** Lines to average. */
  count: number
  /** Pixels of a line. */
  length: number
  /** The part of a line that is wanted. */
  from: number
  extent: number
  /** Pixels it shall have. */
  size: number
  /** Distance of the pixels of a line in memory, and of the lines. */
  step: number
  stride: number
}

/** Averages the wanted part of each line to `size` pixels. Lines lie one after the other in the result. */
function average(values: Float64Array, lines: Lines): Float64Array {
  const { count, length, from: start, extent, size, step, stride } = lines
  const out = new Float64Array(count * size)
  const width = extent / size
  for (let target = 0; target < size; target++) {
    const from = start + target * width
    const to = from + width
    const last = Math.min(length, Math.ceil(to))
    for (let source = Math.max(0, Math.floor(from)); source < last; source++) {
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
