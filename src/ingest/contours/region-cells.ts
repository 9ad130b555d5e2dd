import type { DrawnBody } from './contour-planes.js'
import type { DoseField } from './dose-field.js'
import type { Drawing } from './drawing.js'
import type { Coverage } from './plane-coverage.js'
import { along, type Plane } from '../volume/planes.js'
import { layersOf, type Cutting, type Layer } from './region-layers.js'

/** Cells of one layer of a region. */
export interface Cells extends Coverage {
  /** Dose at the centre of each cell; `NaN` if unknown. */
  readonly gy: Float32Array
  /** Deviation of the dose within the cell, above and below; absent if it is negligible. */
  readonly spreadGy?: Float32Array
  /** Volume of a whole cell in cc. */
  readonly eachCc: number
  /** Position of the layer in mm along the normal. */
  readonly depth: number
  /** Index of the image that contains the layer. */
  readonly image: number
}

/** The dose that is sampled in the cells of a region. */
export interface SampledDose {
  readonly field: DoseField
  /** At the centres of the pixels of each axial slice, from head to feet; `NaN` if unknown. */
  readonly slices: readonly Float32Array[]
}

/** The cells of a region, layer by layer. Without a dose, all doses are unknown. */
export function* cellsOf(
  body: DrawnBody,
  drawing: Drawing,
  cutting: Cutting,
  dose: SampledDose | null,
): Generator<Cells> {
  const { grid } = cutting
  const ofSlices = cutting.asPixels && drawing.axial && drawing.upright
  for (const layer of layersOf(body, drawing, cutting)) {
    const { coverage, depth, image, thicknessMm } = layer
    if (coverage.share.length === 0) continue
    const eachCc = (grid.widthMm * grid.heightMm * thicknessMm) / 1000
    const slice = ofSlices ? dose?.slices[drawing.depths.length - 1 - image] : undefined
    const doses =
      slice !== undefined
        ? { gy: cutOut(slice, coverage, drawing.columns) }
        : (dose?.field.cells(planeOf(layer, drawing, cutting), thicknessMm, coverage.share) ?? {
            gy: new Float32Array(coverage.share.length).fill(NaN),
          })
    yield { ...coverage, ...doses, eachCc, depth, image }
  }
}

/** The cells of a layer as pixels of a plane in the patient. */
export function planeOf(
  { coverage, depth }: Pick<Layer, 'coverage' | 'depth'>,
  { raster, normal }: Drawing,
  { grid }: Cutting,
): Plane {
  const { row, column, rows, columns } = coverage
  const x = grid.left + (column + 0.5) * grid.widthMm
  const y = grid.top + (row + 0.5) * grid.heightMm
  const origin = along(along(along([0, 0, 0], x, raster.across), y, raster.down), depth, normal)
  return { ...raster, rows, columns, origin, spacingMm: [grid.heightMm, grid.widthMm] }
}

function cutOut(slice: Float32Array, { row, column, rows, columns }: Coverage, width: number) {
  const out = new Float32Array(rows * columns)
  for (let y = 0; y < rows; y++) {
    const start = (row + y) * width + column
    out.set(slice.subarray(start, start + columns), y * columns)
  }
  return out
}
