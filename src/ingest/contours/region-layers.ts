import type { DrawnBody, DrawnPlane, Passage } from './contour-planes.js'
import type { Drawing } from './drawing.js'
import type { LoopNest } from './loop-nest.js'
import { coverageOf, type CellGrid, type Coverage } from './plane-coverage.js'

/** A layer of a region between two depths, with the share of each cell that is inside. */
export interface Layer {
  readonly coverage: Coverage
  /** Centre of the filled part of the layer in mm along the normal. */
  readonly depth: number
  readonly thicknessMm: number
  /** Index of the image that contains the layer. */
  readonly image: number
}

/** Subdivision of a region into cells: the number of cells per voxel across, down and along the normal. */
export interface Cutting {
  readonly grid: CellGrid
  readonly across: number
  readonly down: number
  readonly along: number
  /** Whether cells are voxels, and so many that the dose at their centres is sufficient. */
  readonly asPixels: boolean
}

/**
 * Least number of cells per region, about twenty in each direction, because a cell on the border counts with the dose
 * of its centre.
 */
const fewestCells = 8_000
/** Number of voxels above which the variation of the dose within a voxel is negligible. */
const manyVoxels = 200_000
/** Most parts of a voxel in each direction. */
const mostParts = 12
/** Coverages that are cached for the next layers. */
const keptPlanes = 4

/**
 * The cells of a region: parts of the voxels of its images, smaller if it has fewer voxels, and not larger than the
 * voxels of the dose.
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

/** The layers of a region within the images, from first to last. */
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

/** The thickness in mm that each plane contributes between two depths, and their centre. */
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

/** The weighted sum of coverages. */
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

/** Approximate volume of a region in mm³ between two depths; overlaps count twice. (Default: all of it) */
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
