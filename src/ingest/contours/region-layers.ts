import type { DrawnBody, DrawnPlane, Passage } from './contour-planes.js'
import type { Drawing } from './drawing.js'
import type { LoopNest } from './loop-nest.js'
import { coverageOf, type CellGrid, type Coverage } from './plane-coverage.js'

/** A layer of a region between two depths, with the share of each cell that lies inside. */
export interface Layer {
  readonly coverage: Coverage
  /** Middle of what the region fills of the layer in mm along the normal. */
  readonly depth: number
  readonly thicknessMm: number
  /** Number of the image that the layer lies in. */
  readonly image: number
}

/** How a region is taken apart: into cells, so many of which make a voxel across, down and along the normal. */
export interface Cutting {
  readonly grid: CellGrid
  readonly across: number
  readonly down: number
  readonly along: number
  /** Whether cells are voxels, and so many that the dose in their middles is enough. */
  readonly asPixels: boolean
}

/**
 * Cells that a region is taken apart into at least, about: some twenty each way, as what lies inside of a cell on the
 * border of a region counts with the dose of its middle.
 */
const fewestCells = 8_000
/** Of so many voxels, how the dose changes within each makes no difference. */
const manyVoxels = 200_000
/** A voxel is cut into no more parts each way. */
const mostParts = 12
/** Coverages that are kept for the next layers. */
const keptPlanes = 4

/**
 * Cells for a region: parts of the voxels of its images, the smaller the fewer voxels it has, and no larger than
 * the voxels of the dose.
 */
export function cuttingOf(drawing: Drawing, body: DrawnBody, doseMm: number): Cutting {
  const { left, top, columns, rows, spacingMm, raster } = drawing
  const [rowMm, columnMm] = raster.spacingMm
  const volume = volumeOf(body)
  const asPixels = volume > manyVoxels * rowMm * columnMm * spacingMm
  const sideMm = Math.min(doseMm * 1.001, Math.max(Math.cbrt(volume / fewestCells), 1e-3))
  const cut = (mm: number) => (asPixels ? 1 : Math.min(mostParts, Math.ceil(mm / sideMm)))
  const [across, down] = [cut(columnMm), cut(rowMm)]
  const grid: CellGrid = {
    left,
    top,
    widthMm: columnMm / across,
    heightMm: rowMm / down,
    columns: columns * across,
    rows: rows * down,
  }
  return { grid, across, down, along: cut(spacingMm), asPixels }
}

/** The layers of a region that lie in the images, from the first to the last. */
export function* layersOf(body: DrawnBody, drawing: Drawing, cutting: Cutting): Generator<Layer> {
  const { edges } = drawing
  const coverages = new Map<DrawnPlane, Coverage>()
  const [first, last] = [body.passages[0], body.passages.at(-1)]
  if (first === undefined || last === undefined) return
  for (let image = 0; image < edges.length - 1; image++) {
    const [above, below] = [edges[image]!, edges[image + 1]!]
    if (below <= first.from || above >= last.to) continue
    const thicknessMm = (below - above) / cutting.along
    for (let i = 0; i < cutting.along; i++) {
      const from = above + i * thicknessMm
      const filled = fillingOf(body.passages, from, from + thicknessMm)
      if (filled === null) continue
      const parts = [...filled.planes].map(
        ([plane, mm]) => [coverage(plane), mm / thicknessMm] as const,
      )
      yield { coverage: mixed(parts), depth: filled.depth, thicknessMm, image }
    }
  }

  function coverage(plane: DrawnPlane): Coverage {
    const known = coverages.get(plane)
    if (known !== undefined) return known
    const made = coverageOf(plane.nest, cutting.grid)
    coverages.set(plane, made)
    for (const old of coverages.keys()) {
      if (coverages.size <= keptPlanes) break
      coverages.delete(old)
    }
    return made
  }
}

/** For how many mm each plane counts between two depths, and where the middle of them is. */
function fillingOf(passages: readonly Passage[], from: number, to: number) {
  const planes = new Map<DrawnPlane, number>()
  let [length, moment] = [0, 0]
  for (const passage of passages) {
    const [start, end] = [Math.max(from, passage.from), Math.min(to, passage.to)]
    if (!(end > start)) continue
    const middle = (start + end) / 2
    const share = (middle - passage.from) / (passage.to - passage.from)
    const [near, far] = passage.planes
    planes.set(near, (planes.get(near) ?? 0) + (end - start) * (1 - share))
    planes.set(far, (planes.get(far) ?? 0) + (end - start) * share)
    length += end - start
    moment += (end - start) * middle
  }
  return length > 0 ? { planes, depth: moment / length } : null
}

/** The sum of coverages by their weights. */
function mixed(parts: readonly (readonly [Coverage, number])[]): Coverage {
  const row = Math.min(...parts.map(([part]) => part.row))
  const column = Math.min(...parts.map(([part]) => part.column))
  const rows = Math.max(...parts.map(([part]) => part.row + part.rows)) - row
  const columns = Math.max(...parts.map(([part]) => part.column + part.columns)) - column
  const share = new Float32Array(rows * columns)
  for (const [part, weight] of parts)
    for (let y = 0, cell = 0; y < part.rows; y++) {
      let at = (part.row + y - row) * columns + part.column - column
      for (let x = 0; x < part.columns; x++, cell++, at++) share[at]! += weight * part.share[cell]!
    }
  return { row, column, rows, columns, share }
}

/** Volume of a region in mm³ between two depths, about: what crosses counts twice. (Default: all of it) */
export function volumeOf({ passages }: DrawnBody, above = -Infinity, below = Infinity): number {
  return passages.reduce((sum, { from, to, planes }) => {
    const [start, end] = [Math.max(from, above), Math.min(to, below)]
    if (!(end > start)) return sum
    const [near, far] = planes.map(({ nest }) => areaOf(nest)) as [number, number]
    const share = ((start + end) / 2 - from) / (to - from)
    return sum + (end - start) * (near + share * (far - near))
  }, 0)
}

function areaOf({ lines, holes }: LoopNest): number {
  const all = lines.reduce((sum, { area }) => sum + area, 0)
  return holes === null ? all : all - areaOf(holes)
}
