import {
  attribute,
  readDecimals,
  readText,
  readUnsigned,
  refuseAttribute,
  required,
} from './dicom-attribute.js'
import { parseDataSet, type DicomDataSet } from './dicom-data-set.js'
import { pixelElement, readStoredValues } from './dicom-pixel-data.js'
import { readPixelLayout, type PixelLayout } from './dicom-pixel-layout.js'
import { airHu } from './volume.js'

/** One slice of a CT series. Nothing in it tells whose it is. */
export interface DicomImage {
  readonly rows: number
  readonly columns: number
  /** Hounsfield units, `rows * columns`, row by row as the file has them. */
  readonly hu: Int16Array
  /** Distance of the rows and of the columns in mm, `null` where the file does not say. */
  readonly spacingMm: readonly [number, number] | null
  /** Height of the slice in the patient in mm, growing towards the head, `null` where the file does not say. */
  readonly positionMm: number | null
  /**
   * Direction of a row and of a column in the patient (x to the left, y to the back, z to the
   * head). `[1, 0, 0, 0, 1, 0]` is the axial slice that this package stores; `null` where the file
   * does not say.
   */
  readonly orientation: readonly number[] | null
}

const sopClass = attribute('0008,0016', 'SOP Class UID')
const modality = attribute('0008,0060', 'Modality')
const position = attribute('0020,0032', 'Image Position (Patient)')
const orientation = attribute('0020,0037', 'Image Orientation (Patient)')
const spacing = attribute('0028,0030', 'Pixel Spacing')
const padding = attribute('0028,0120', 'Pixel Padding Value')
const paddingLimit = attribute('0028,0121', 'Pixel Padding Range Limit')
const intercept = attribute('0028,1052', 'Rescale Intercept')
const slope = attribute('0028,1053', 'Rescale Slope')
const rescaleType = attribute('0028,1054', 'Rescale Type')

const ctImageStorage = '1.2.840.10008.5.1.4.1.1.2'
const otherClasses: Readonly<Record<string, string>> = {
  '1.2.840.10008.5.1.4.1.1.2.1': 'Enhanced CT',
  '1.2.840.10008.5.1.4.1.1.4': 'MR',
  '1.2.840.10008.5.1.4.1.1.6.1': 'Ultrasound',
  '1.2.840.10008.5.1.4.1.1.7': 'Secondary Capture',
  '1.2.840.10008.5.1.4.1.1.66.4': 'Segmentation',
  '1.2.840.10008.5.1.4.1.1.128': 'PET',
  '1.2.840.10008.5.1.4.1.1.481.2': 'RT Dose',
  '1.2.840.10008.5.1.4.1.1.481.3': 'RT Structure Set',
  '1.2.840.10008.5.1.4.1.1.481.5': 'RT Plan',
}

/**
 * Reads one slice of a CT (a single-frame CT Image Storage object) in any of the transfer syntaxes
 * of CT, compressed or not. The name stands in messages only.
 */
export async function readDicomImage(bytes: Uint8Array, name: string): Promise<DicomImage> {
  const dataSet = await parseDataSet(bytes, name)
  checkCt(dataSet)
  pixelElement(dataSet)
  const layout = readPixelLayout(dataSet)
  const rescale = readRescale(dataSet)
  const isPadding = readPadding(dataSet, layout)
  const place = readPlace(dataSet)
  const stored = await readStoredValues(dataSet, layout)
  const hu = new Int16Array(stored.length)
  stored.forEach((value, i) => (hu[i] = isPadding(value) ? airHu : rescale(value)))
  return { rows: layout.rows, columns: layout.columns, hu, ...place }
}

function checkCt(dataSet: DicomDataSet): void {
  const hint = 'Give a slice of a CT series (SOP class CT Image Storage), one slice in a file.'
  const found = required(readText(dataSet, sopClass), dataSet, sopClass)
  if (found !== ctImageStorage) {
    const other = otherClasses[found] ?? 'something else'
    refuseAttribute(dataSet, sopClass)(`is ${other}, not CT Image Storage`, hint)
  }
  if ((readText(dataSet, modality) ?? 'CT') !== 'CT')
    refuseAttribute(dataSet, modality)('is not CT', hint)
}

/** From a stored value to Hounsfield units. */
function readRescale(dataSet: DicomDataSet): (value: number) => number {
  const [factor = NaN] = required(readDecimals(dataSet, slope, 1), dataSet, slope)
  const [offset = NaN] = required(readDecimals(dataSet, intercept, 1), dataSet, intercept)
  if (factor === 0) refuseAttribute(dataSet, slope)('is 0')
  // Writers that say nothing, or that the unit is unspecified (US), mean Hounsfield units.
  if (!['HU', 'US'].includes(readText(dataSet, rescaleType) ?? 'HU'))
    refuseAttribute(dataSet, rescaleType)(
      'is not HU',
      'Give a CT in Hounsfield units, not a map of another quantity.',
    )
  return (value) => Math.min(32767, Math.max(-32768, Math.round(value * factor + offset)))
}

/** Whether a stored value stands for no measurement: outside of the round field of the scanner. */
function readPadding(dataSet: DicomDataSet, { signed }: PixelLayout): (value: number) => boolean {
  const read = (raw: number | null) => (raw !== null && signed ? (raw << 16) >> 16 : raw)
  const value = read(readUnsigned(dataSet, padding))
  if (value === null) return () => false
  const limit = read(readUnsigned(dataSet, paddingLimit)) ?? value
  const [lowest, highest] = [Math.min(value, limit), Math.max(value, limit)]
  return (stored) => stored >= lowest && stored <= highest
}

function readPlace(
  dataSet: DicomDataSet,
): Pick<DicomImage, 'spacingMm' | 'positionMm' | 'orientation'> {
  const [row, column] = readDecimals(dataSet, spacing, 2) ?? []
  if ((row ?? 1) <= 0 || (column ?? 1) <= 0)
    refuseAttribute(dataSet, spacing)('is not greater than 0')
  return {
    spacingMm: row === undefined || column === undefined ? null : [row, column],
    positionMm: readDecimals(dataSet, position, 3)?.[2] ?? null,
    orientation: readDecimals(dataSet, orientation, 6),
  }
}
