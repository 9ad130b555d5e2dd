import { enclosed, linesIn, type LoopNest } from './loop-nest.js'
import { bandsOf, type Loop } from './loop-spans.js'

/** Rectangular cells in a plane, in rows from the top. */
export interface CellGrid {
  /** Position of the corner of the first cell in mm. */
  readonly left: number
  readonly top: number
  /** Size of a cell in mm. */
  readonly widthMm: number
  readonly heightMm: number
  readonly rows: number
  readonly columns: number
}

/** Share of each cell that is inside, 0 to 1, in a part of a grid. */
export interface Coverage {
  /** First row and column of the part. */
  readonly row: number
  readonly column: number
  readonly rows: number
  readonly columns: number
  /** Row by row. */
  readonly share: Float32Array
}

/** Least number of bands per row of cells, so that slanted lines are sampled often enough. */
const bandsInRow = 4

/**
 * Share of each cell that is inside a nest of lines. The sum over a row is exact; within a row, slanted lines are
 * approximated in steps of its bands. Everything outside the grid is cut off.
 */
export function coverageOf(nest: LoopNest, grid: CellGrid): Coverage {
  const placed = (loop: Loop): Loop =>
    loop.map((mm, i) =>
      i % 2 === 0 ? (mm - grid.left) / grid.widthMm : (mm - grid.top) / grid.heightMm,
    )
  const lines = linesIn(nest)
  const first = (mm: number, corner: number, size: number, last: number) =>
    Math.min(last, Math.max(0, Math.floor((mm - corner) / size)))
  const row = first(Math.min(...lines.map(({ top }) => top)), grid.top, grid.heightMm, grid.rows)
  const below = first(
    Math.max(...lines.map(({ bottom }) => bottom)) + grid.heightMm,
    grid.top,
    grid.heightMm,
    grid.rows,
  )
  const column = first(
    Math.min(...lines.map(({ left }) => left)),
    grid.left,
    grid.widthMm,
    grid.columns,
  )
  const behind = first(
    Math.max(...lines.map(({ right }) => right)) + grid.widthMm,
    grid.left,
    grid.widthMm,
    grid.columns,
  )
  const [rows, columns] = [below - row, behind - column]
  const share = new Float32Array(rows * columns)
  if (share.length === 0) return { row, column, rows: 0, columns: 0, share: new Float32Array(0) }
  const borders = Array.from({ length: rows * bandsInRow + 1 }, (_, i) => row + i / bandsInRow)
  const bands = bandsOf(
    lines.map(({ loop }) => placed(loop)),
    borders,
    [row, below],
  )
  const { starts, xs } = enclosed(nest, bands, placed)
  const { edges } = bands
  // Differences of the shares along a row, to be summed.
  const steps = new Float64Array(columns + 2)
  const step = (x: number, height: number) => {
    const at = Math.min(columns, Math.max(0, x - column))
    const cell = Math.floor(at)
    steps[cell]! += height * (cell + 1 - at)
    steps[cell + 1]! += height * (at - cell)
  }
  for (let band = 0; band < starts.length - 1; band++) {
    const height = edges[band + 1]! - edges[band]!
    for (let i = starts[band]!; i < starts[band + 1]!; i += 2) {
      step(xs[i]!, height)
      step(xs[i + 1]!, -height)
    }
    const line = Math.floor((edges[band]! + edges[band + 1]!) / 2) - row
    const next = band + 1 < starts.length - 1 ? (edges[band + 1]! + edges[band + 2]!) / 2 : Infinity
    if (next < row + line + 1) continue
    // The last band of this row.
    let sum = 0
    for (let at = 0, cell = line * columns; at < columns; at++, cell++) {
      sum += steps[at]!
      share[cell] = Math.min(1, Math.max(0, sum))
    }
    steps.fill(0)
  }
  return { row, column, rows, columns, share }
}
