import {
  attribute,
  readDecimal,
  readDecimalList,
  readDecimals,
  refuseAttribute,
  required,
} from '../elements/attribute.js'
import type { DicomDataSet } from '../elements/data-set.js'
import { rasterOf } from './raster.js'
import {
  along,
  normalOf,
  type PlacedImage,
  type Raster,
  type Vector3,
} from '../../volume/planes.js'

const thickness = attribute('0018,0050', 'Slice Thickness')
const position = attribute('0020,0032', 'Image Position (Patient)')
const orientation = attribute('0020,0037', 'Image Orientation (Patient)')
const spacing = attribute('0028,0030', 'Pixel Spacing')
const frameOffsets = attribute('3004,000C', 'Grid Frame Offset Vector')

/**
 * Tolerance in mm for offsets, which are written with few digits: the first must be 0 or the height of the first plane.
 */
const zeroMm = 0.01
/** The same tolerance for heights, as a share of the plane distance. */
const sameHeight = 0.1
const exportAgain = 'Export the dose again with a complete grid.'

/** The voxels of a dose: the raster of its planes, and the first voxel of each. */
export function readDoseGrid(
  dataSet: DicomDataSet,
  layout: { rows: number; columns: number; frames: number },
): { raster: Raster; origins: readonly Vector3[] } {
  const raster = readRaster(dataSet, layout)
  return { raster, origins: readOrigins(dataSet, raster, layout.frames) }
}

function readRaster(dataSet: DicomDataSet, layout: { rows: number; columns: number }): Raster {
  const [row = 0, column = 0] = required(readDecimals(dataSet, spacing, 2), dataSet, spacing)
  if (row <= 0 || column <= 0)
    refuseAttribute(dataSet, spacing)('is not greater than 0', exportAgain)
  const cosines = required(readDecimals(dataSet, orientation, 6), dataSet, orientation)
  const { rows, columns } = layout
  return rasterOf({ rows, columns, orientation: cosines, spacingMm: [row, column] }, dataSet.name)
}

/**
 * Origins of the planes of a grid. Offsets are along the normal from the first plane or, if the first is not 0, heights
 * in the patient (PS3.3 C.8.8.3.2).
 */
function readOrigins(dataSet: DicomDataSet, raster: Raster, frames: number): readonly Vector3[] {
  const first = required(
    readDecimals(dataSet, position, 3),
    dataSet,
    position,
  ) as unknown as Vector3
  const offsets = readDecimalList(dataSet, frameOffsets)
  if (frames === 1 && offsets.length <= 1) return [first]
  const refuse = (problem: string) => refuseAttribute(dataSet, frameOffsets)(problem, exportAgain)
  if (offsets.length !== frames) refuse(`has ${offsets.length} values for ${frames} frames`)
  const normal = normalOf(raster)
  const [start = 0, second = start] = offsets
  const isRelative = Math.abs(start) <= zeroMm
  const slackMm = Math.max(zeroMm, sameHeight * Math.abs(second - start))
  if (!isRelative && Math.abs(start - first[2]) > slackMm)
    refuse('begins neither with 0 nor with the height of Image Position (Patient)')
  if (!isRelative && Math.abs(normal[2]) < 0.9999)
    refuse('has heights in the patient, and the planes are not axial')
  // For heights, the normal may point to the feet.
  const sign = isRelative ? 1 : Math.sign(normal[2])
  const depths = offsets.map((offset) => sign * (offset - start))
  const direction = Math.sign(depths[1] as number)
  const grows = depths.every(
    (depth, i) => i === 0 || Math.sign(depth - (depths[i - 1] as number)) === direction,
  )
  if (!grows || direction === 0) refuse('does not grow or fall from each plane to the next')
  return depths.map((depth) => along(first, depth, normal))
}

/** Extends a single plane to its thickness, if the file states one. */
export function thickened(
  dataSet: DicomDataSet,
  raster: Raster,
  images: readonly PlacedImage<Float32Array>[],
): readonly PlacedImage<Float32Array>[] {
  const [only] = images
  const mm = readDecimal(dataSet, thickness) ?? 0
  if (images.length !== 1 || only === undefined || !(mm > 0)) return images
  // A grid extends by half of the plane distance beyond its planes.
  return [-mm / 4, mm / 4].map((depth) => ({
    origin: along(only.origin, depth, normalOf(raster)),
    values: only.values,
  }))
}
