import {
  attribute,
  readDecimal,
  readText,
  readUnsigned,
  refuseAttribute,
  required,
} from '../elements/attribute.js'
import { parseDataSet, type DicomDataSet } from '../elements/data-set.js'
import { readDoseGrid, thickened } from './dose-grid.js'
import { openFrames, pixelElement } from '../pixels/pixel-data.js'
import { bitsStored, pixelRepresentation, readPixelLayout } from '../pixels/pixel-layout.js'
import { doseType } from './plan-header.js'
import { stackOf, type PlacedImage, type Stack } from '../../volume/planes.js'

/** A dose in Gy. */
export interface ReadDose {
  readonly stack: Stack
  /** Assumptions that were made. */
  readonly remarks: readonly string[]
}

const sopClass = attribute('0008,0016', 'SOP Class UID')
const units = attribute('3004,0002', 'Dose Units')
const scaling = attribute('3004,000E', 'Dose Grid Scaling')

const doseStorage = '1.2.840.10008.5.1.4.1.1.481.2'
/** Most pixels of a dose grid: 256 planes of 512 x 512, more than planning systems write. */
const mostPixels = 1 << 26
/** Upper limit of doses, far above any plan, even next to a source of brachytherapy. */
const mostGy = 100_000
/** Lowest value, as a share of the highest dose: negative values are errors of a calculation. */
const leastPart = -0.1
/**
 * Ranges of the highest value that determine the unit of a relative dose. A plan that is normalized to its prescription
 * has its highest dose between half of it and twice as much, as a share or in percent. Values between the two ranges
 * are ambiguous; values outside are normalized to something else.
 */
const relativeUnits = [
  { highest: [0.5, 2], of: 1 },
  { highest: [50, 200], of: 100 },
] as const
/** A highest value within this share of 100 % means that the dose is normalized to its maximum. */
const sameAsWhole = 1e-4

/**
 * Reads a dose in Gy. A relative dose is a share of the prescription, if its values show whether 100 % is 1 or 100. It
 * is refused if 100 % cannot be converted to Gy: without a single prescription for the whole of it (`null`), and if 100
 * % is the maximum, which no plan states in Gy.
 *
 * @throws LshError `bad_input`
 */
export async function readDose(
  bytes: Uint8Array,
  name: string,
  prescriptionGy: number | null,
): Promise<ReadDose> {
  const dataSet = await parseDataSet(bytes, name)
  if (readText(dataSet, sopClass) !== doseStorage)
    refuseAttribute(dataSet, sopClass)('is not RT Dose Storage', 'Give an RT dose.')
  const relative = isRelative(dataSet)
  pixelElement(dataSet)
  const layout = readPixelLayout(dataSet, { most: mostPixels, bits: [16, 32], wholeCells: true })
  const factor = required(readDecimal(dataSet, scaling), dataSet, scaling)
  if (!(factor > 0))
    refuseAttribute(dataSet, scaling)('is not greater than 0', 'Export the dose again, in Gy.')
  const { raster, origins } = readDoseGrid(dataSet, layout)
  const valuesOf = openFrames(dataSet, layout)
  const images: PlacedImage<Float32Array>[] = []
  let [lowest, highest, largestCell] = [0, 0, 0]
  for (const [frame, origin] of origins.entries()) {
    const { stored, cells } = await valuesOf(frame)
    const values = new Float32Array(stored.length)
    for (let i = 0; i < values.length; i++) {
      const value = stored[i]! * factor
      // Negative values are errors of a calculation.
      values[i] = Math.max(0, value)
      if (value > highest) highest = value
      if (value < lowest) lowest = value
      if (cells[i]! > largestCell) largestCell = cells[i]!
    }
    images.push({ origin, values })
  }
  if (lowest < leastPart * highest)
    refuseAttribute(dataSet, pixelRepresentation)(
      'gives doses far below zero: the values may have been written as unsigned numbers',
      'Export the dose again with Pixel Representation 0, as the standard demands of a dose.',
    )
  const remarks = wideCells(dataSet, layout.signed ? 0 : largestCell)
  if (relative) {
    const unit = prescribed(prescriptionGy, dataSet) / wholeOf(highest, dataSet)
    remarks.push(
      `dose ${name} is RELATIVE: 100 % is taken to be the prescription of ${prescriptionGy} Gy`,
    )
    highest *= unit
    for (const { values } of images) values.forEach((value, i) => (values[i] = value * unit))
  }
  if (!(highest <= mostGy))
    refuseAttribute(dataSet, scaling)(
      `gives doses of more than ${mostGy} Gy`,
      'Export the dose again, in Gy.',
    )
  return { stack: stackOf(raster, thickened(dataSet, raster, images)), remarks }
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

function prescribed(prescriptionGy: number | null, dataSet: DicomDataSet): number {
  return (
    prescriptionGy ??
    refuseAttribute(dataSet, units)(
      'is RELATIVE, and the plan has no single prescription that 100 % of this dose could be',
      'Export the dose in Gy: for doses of beams, and for plans with several prescriptions, it is not known what 100 % is.',
    )
  )
}

/** The value that corresponds to 100 % of a relative dose. */
function wholeOf(highest: number, dataSet: DicomDataSet): number {
  const found = relativeUnits.find(
    ({ highest: [least, most] }) => highest >= least && highest <= most,
  )
  if (found !== undefined && Math.abs(highest / found.of - 1) < sameAsWhole)
    return refuseAttribute(dataSet, units)(
      'is RELATIVE, and 100 % is the highest value: the dose is normalized to its maximum',
      'Export the dose in Gy: it is not known how much the maximum is.',
    )
  if (found !== undefined) return found.of
  return refuseAttribute(dataSet, units)(
    `is RELATIVE, and the highest value, ${Number(highest.toPrecision(3))}, is neither a fraction of the prescription nor a percentage of it`,
    'Export the dose in Gy: it is not known what 100 % is.',
  )
}

/** Remarks on values that need more bits than the file states. */
function wideCells(dataSet: DicomDataSet, largest: number): string[] {
  const said = readUnsigned(dataSet, bitsStored) ?? 0
  if (largest < 2 ** said) return []
  return [
    `dose ${dataSet.name}: ${bitsStored.label} is ${said}, but the values need more; all bits of a cell are used`,
  ]
}
