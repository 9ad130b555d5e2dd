import type { Dvh } from '../../core/plan.js'
import { bodyOf, planesOf, type DrawnBody } from './contour-planes.js'
import { placedContours, type Drawing } from './drawing.js'
import type { Region } from '../dicom/objects/structure-set.js'
import { startTally } from '../volume/dvh.js'
import { maskPainter } from './region-mask.js'
import { cellsOf, planeOf, type Cells, type SampledDose } from './region-cells.js'
import { cuttingOf, volumeOf } from './region-layers.js'
import { voxelPeak } from './voxel-peak.js'

/** Size and dose of a region. */
export interface MeasuredRegion {
  /** `null` for points and lines, which have no volume. */
  readonly volumeCc: number | null
  /** Cross-section in cm² on each axial slice of the CT, from head to feet. */
  readonly areasCm2: Float64Array
  /** `Structure.masks` for the same slices; `null` if the region was drawn on images of another orientation. */
  readonly masks: readonly (Uint8Array | null)[] | null
  /** `null` if there is no dose, or too little of the region has a known dose. */
  readonly dose: { readonly meanGy: number; readonly maxGy: number; readonly dvh: Dvh } | null
  /** Share of the region with known dose; `null` if it has no volume or the plan no dose. */
  readonly dosedShare: number | null
  /** How it was drawn; `null` without closed contours. */
  readonly drawn: DrawnRegion | null
}

/** How a region was drawn. */
export interface DrawnRegion extends Pick<DrawnBody, 'spacingMm' | 'leftOpenMm'> {
  readonly planes: number
  /** Volume in cc outside the CT, which is not counted. */
  readonly beyondCc: number
}

/** The images and the dose in which regions are measured. */
export interface RegionScene {
  /** The axial slices come first. */
  readonly drawings: readonly Drawing[]
  /** `null` for a plan without dose. */
  readonly dose: SampledDose | null
}

/**
 * Least share of a structure with known dose for dose figures. The remainder may hold the highest dose or none: one
 * hundredth changes a mean by at most a hundredth, and a planning system that cuts its grid at the skin leaves out
 * less.
 */
export const leastDosed = 0.99

/** Bin width of histograms in Gy: fine enough to read doses to a tenth. */
const binGy = 0.1

/**
 * Measures a region by cells, finer than voxels if it is small. Each cell counts with the share that is inside and the
 * dose at its centre. `null` if its contours are oblique to all images.
 */
export function measureRegion(region: Region, scene: RegionScene): MeasuredRegion | null {
  const { drawings, dose } = scene
  const [axial] = drawings as [Drawing]
  const areasCm2 = new Float64Array(axial.depths.length)
  const masks = axial.depths.map(() => null)
  const nothing = { areasCm2, masks, dose: null, dosedShare: null, drawn: null }
  if (region.contours.length === 0) return { volumeCc: region.unclosed > 0 ? null : 0, ...nothing }
  const placed = placedContours(region, drawings)
  if (placed === null) return null
  const { drawing } = placed
  const body = bodyOf(planesOf(placed.contours, drawing), drawing)
  const cutting = cuttingOf(drawing, body, dose?.field.finestMm ?? Infinity)
  const tally = startTally({ binGy })
  const peak = voxelPeak(cutting)
  const addAreas = areasTo(areasCm2, axial)
  // Only axial cells fit into pixels; others would leave holes.
  const painter = drawing.axial ? maskPainter(drawing, cutting) : null
  for (const cells of cellsOf(body, drawing, cutting, dose)) {
    tally.add(cells.gy, cells.share, cells.eachCc, cells.spreadGy)
    if (dose !== null) peak.add(cells)
    painter?.add(cells)
    addAreas(cells, drawing.axial ? null : heightsOf(cells))
  }
  const { amount, dosed, meanGy, dvh } = tally.statistics()
  const dosedShare = dose === null || amount === 0 ? null : Math.min(1, dosed / amount)
  const isDosed = dosedShare !== null && dosedShare >= leastDosed
  const { planes, spacingMm, leftOpenMm } = body
  const { edges } = drawing
  const beyondMm3 = volumeOf(body, -Infinity, edges[0]) + volumeOf(body, edges.at(-1))
  return {
    volumeCc: amount,
    areasCm2,
    masks: painter?.masks() ?? null,
    dose: isDosed ? { meanGy, maxGy: peak.highestGy(), dvh } : null,
    dosedShare,
    drawn: { planes: planes.length, spacingMm, leftOpenMm, beyondCc: beyondMm3 / 1000 },
  }

  /** Height in the patient of the first cell of a layer, and its increments across and down. */
  function heightsOf(cells: Cells): Heights {
    const layer = { coverage: cells, depth: cells.depth }
    const { origin, across, down, spacingMm } = planeOf(layer, drawing, cutting)
    return { start: origin[2], across: across[2] * spacingMm[1], down: down[2] * spacingMm[0] }
  }
}

interface Heights {
  readonly start: number
  readonly across: number
  readonly down: number
}

/** Adds the area in each axial slice to its cross-section. */
function areasTo(areasCm2: Float64Array, { depths, edges, spacingMm }: Drawing) {
  const last = depths.length - 1
  const add = (image: number, cc: number) => {
    areasCm2[last - image]! += (10 * cc) / (edges[image + 1]! - edges[image]!)
  }
  return ({ rows, columns, share, eachCc, image }: Cells, heights: Heights | null): void => {
    if (heights === null) {
      add(image, eachCc * share.reduce((sum, part) => sum + part, 0))
      return
    }
    for (let row = 0, cell = 0; row < rows; row++)
      for (let column = 0; column < columns; column++, cell++) {
        if (share[cell] === 0) continue
        const height = heights.start + column * heights.across + row * heights.down
        // Resampled slices are evenly spaced.
        const slice = Math.round((height - depths[0]!) / spacingMm)
        if (slice >= 0 && slice <= last) add(slice, eachCc * share[cell]!)
      }
  }
}
