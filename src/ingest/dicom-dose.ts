import {
  attribute,
  readDecimal,
  readDecimalList,
  readDecimals,
  readText,
  refuseAttribute,
  required,
} from './dicom-attribute.js'
import { rasterOf } from './dicom-raster.js'
import { parseDataSet, type DicomDataSet } from './dicom-data-set.js'
import { openFrames, pixelElement } from './dicom-pixel-data.js'
import { readPixelLayout } from './dicom-pixel-layout.js'
import {
  along,
  normalOf,
  stackOf,
  type PlacedImage,
  type Raster,
  type Stack,
  type Vector3,
} from './planes.js'

const sopClass = attribute('0008,0016', 'SOP Class UID')
const thickness = attribute('0018,0050', 'Slice Thickness')
const position = attribute('0020,0032', 'Image Position (Patient)')
const orientation = attribute('0020,0037', 'Image Orientation (Patient)')
const spacing = attribute('0028,0030', 'Pixel Spacing')
const units = attribute('3004,0002', 'Dose Units')
const doseType = attribute('3004,0004', 'Dose Type')
const frameOffsets = attribute('3004,000C', 'Grid Frame Offset Vector')
const scaling = attribute('3004,000E', 'Dose Grid Scaling')

const doseStorage = '1.2.840.10008.5.1.4.1.1.481.2'
/** Pixels of a dose grid; 256 planes of 512 x 512 are more than planning systems write. */
const mostPixels = 1 << 26
/** Nobody plans more, not even next to a source of brachytherapy. */
const mostGy = 100_000
/** A relative dose beyond three times the prescription is one in percent. */
const mostRelative = 3

/** Reads a dose in Gy; a relative one is a part of the prescription, which then is 1 or 100 percent. */
export async function readDose(
  bytes: Uint8Array,
  name: string,
  prescriptionGy: number,
): Promise<Stack> {
  const dataSet = await parseDataSet(bytes, name)
  if (readText(dataSet, sopClass) !== doseStorage)
    refuseAttribute(dataSet, sopClass)('is not RT Dose Storage', 'Give an RT dose.')
  const relative = isRelative(dataSet)
  pixelElement(dataSet)
  const layout = readPixelLayout(dataSet, { most: mostPixels, bits: [16, 32] })
  const factor = required(readDecimal(dataSet, scaling), dataSet, scaling)
  if (!(factor > 0)) refuseAttribute(dataSet, scaling)('is not greater than 0')
  const raster = readRaster(dataSet, layout)
  const origins = readOrigins(dataSet, raster, layout.frames)
  const storedOf = openFrames(dataSet, layout)
  const images: PlacedImage<Float32Array>[] = []
  let highest = 0
  for (const [frame, origin] of origins.entries()) {
    const stored = await storedOf(frame)
    const values = new Float32Array(stored.length)
    for (let i = 0; i < values.length; i++) {
      const value = (stored[i] as number) * factor
      // Errors of a calculation may lie below zero, a dose does not.
      values[i] = Math.max(0, value)
      if (value > highest) highest = value
    }
    images.push({ origin, values })
  }
  if (relative) {
    const unit = prescriptionGy / (highest > mostRelative ? 100 : 1)
    highest *= unit
    for (const { values } of images) values.forEach((value, i) => (values[i] = value * unit))
  }
  if (!(highest <= mostGy))
    refuseAttribute(dataSet, scaling)(`makes doses of more than ${mostGy} Gy`)
  return stackOf(raster, thickened(dataSet, raster, images))
}

function isRelative(dataSet: DicomDataSet): boolean {
  const hint = 'Export the dose in Gy.'
  const type = readText(dataSet, doseType) ?? 'PHYSICAL'
  if (type !== 'PHYSICAL' && type !== 'EFFECTIVE')
    refuseAttribute(dataSet, doseType)('is neither PHYSICAL nor EFFECTIVE', hint)
  const unit = required(readText(dataSet, units), dataSet, units)
  if (unit !== 'GY' && unit !== 'RELATIVE')
    refuseAttribute(dataSet, units)('is neither GY nor RELATIVE', hint)
  return unit === 'RELATIVE'
}

function readRaster(dataSet: DicomDataSet, layout: { rows: number; columns: number }): Raster {
  const [row = 0, column = 0] = required(readDecimals(dataSet, spacing, 2), dataSet, spacing)
  if (row <= 0 || column <= 0) refuseAttribute(dataSet, spacing)('is not greater than 0')
  const cosines = required(readDecimals(dataSet, orientation, 6), dataSet, orientation)
  const { rows, columns } = layout
  return rasterOf({ rows, columns, orientation: cosines, spacingMm: [row, column] }, dataSet.name)
}

/**
 * Where the planes of a grid lie. Offsets count along the normal from the first plane, or, where
 * the first of them is not 0, are heights in the patient (PS3.3 C.8.8.3.2).
 */
function readOrigins(dataSet: DicomDataSet, raster: Raster, frames: number): Vector3[] {
  const first = required(
    readDecimals(dataSet, position, 3),
    dataSet,
    position,
  ) as unknown as Vector3
  const offsets = readDecimalList(dataSet, frameOffsets)
  if (frames === 1 && offsets.length <= 1) return [first]
  const refuse = refuseAttribute(dataSet, frameOffsets)
  if (offsets.length !== frames) refuse(`has ${offsets.length} values for ${frames} frames`)
  const normal = normalOf(raster)
  const [start = 0] = offsets
  if (start !== 0 && Math.abs(start - first[2]) > 0.01)
    refuse('begins neither with 0 nor with the height of Image Position (Patient)')
  if (start !== 0 && Math.abs(normal[2]) < 0.9999)
    refuse('has heights in the patient, and the planes are not axial')
  // Of heights, the normal may point to the feet.
  const sign = start !== 0 ? Math.sign(normal[2]) : 1
  const depths = offsets.map((offset) => sign * (offset - start))
  const direction = Math.sign(depths[1] as number)
  if (
    depths.some(
      (depth, i) => i > 0 && Math.sign(depth - (depths[i - 1] as number)) !== direction,
    ) ||
    direction === 0
  )
    refuse('does not grow or fall from each plane to the next')
  return depths.map((depth) => along(first, depth, normal))
}

/** A single plane stands for its thickness, if the file tells one. */
function thickened(
  dataSet: DicomDataSet,
  raster: Raster,
  images: readonly PlacedImage<Float32Array>[],
): readonly PlacedImage<Float32Array>[] {
  const [only] = images
  const mm = readDecimal(dataSet, thickness) ?? 0
  if (images.length !== 1 || only === undefined || !(mm > 0)) return images
  // The grid reaches half of their distance beyond them.
  return [-mm / 4, mm / 4].map((depth) => ({
    origin: along(only.origin, depth, normalOf(raster)),
    values: only.values,
  }))
}
