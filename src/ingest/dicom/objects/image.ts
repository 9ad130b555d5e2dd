import {
  attribute,
  readDecimal,
  readDecimals,
  readItems,
  readText,
  refuseAttribute,
  required,
} from '../elements/attribute.js'
import { parseDataSet, type DicomDataSet } from '../elements/data-set.js'
import { paddingOf } from './padding.js'
import { openFrames, pixelElement } from '../pixels/pixel-data.js'
import { photometric, readPixelLayout, type PixelLayout } from '../pixels/pixel-layout.js'
import type { Vector3 } from '../../volume/planes.js'
import { airHu } from '../../volume/volume.js'

/** One slice of a CT series, without identifying values. */
export interface DicomImage {
  readonly rows: number
  readonly columns: number
  /** Hounsfield units, `rows * columns`, row by row in the order of the file. */
  readonly hu: Int16Array
  /** Distance between rows and between columns in mm; `null` if the file does not state it. */
  readonly spacingMm: readonly [number, number] | null
  /** Position of the centre of the first pixel in the patient in mm; `null` if the file does not state it. */
  readonly originMm: Vector3 | null
  /**
   * Direction of a row and of a column in the patient (x to the left, y to posterior, z to the head). `[1, 0, 0, 0, 1,
   * 0]` is the axial slice that this package stores; `null` if the file does not state it.
   */
  readonly orientation: readonly number[] | null
}

const sopClass = attribute('0008,0016', 'SOP Class UID')
const modality = attribute('0008,0060', 'Modality')
const position = attribute('0020,0032', 'Image Position (Patient)')
const orientation = attribute('0020,0037', 'Image Orientation (Patient)')
const spacing = attribute('0028,0030', 'Pixel Spacing')
const intercept = attribute('0028,1052', 'Rescale Intercept')
const slope = attribute('0028,1053', 'Rescale Slope')
const rescaleType = attribute('0028,1054', 'Rescale Type')

const enhancedCt = '1.2.840.10008.5.1.4.1.1.2.1'
const ctClasses = ['1.2.840.10008.5.1.4.1.1.2', enhancedCt]
const otherClasses: Readonly<Record<string, string>> = {
  '1.2.840.10008.5.1.4.1.1.4': 'MR',
  '1.2.840.10008.5.1.4.1.1.6.1': 'Ultrasound',
  '1.2.840.10008.5.1.4.1.1.7': 'Secondary Capture',
  '1.2.840.10008.5.1.4.1.1.66.4': 'Segmentation',
  '1.2.840.10008.5.1.4.1.1.128': 'PET',
  '1.2.840.10008.5.1.4.1.1.481.2': 'RT Dose',
  '1.2.840.10008.5.1.4.1.1.481.3': 'RT Structure Set',
  '1.2.840.10008.5.1.4.1.1.481.5': 'RT Plan',
}

/** Attributes that all frames of an enhanced CT share, and those of each frame. */
const sharedGroups = attribute('5200,9229', 'Shared Functional Groups Sequence')
const frameGroups = attribute('5200,9230', 'Per-frame Functional Groups Sequence')
/** The groups of attributes that are read for a frame. */
const groups = [
  attribute('0028,9110', 'Pixel Measures Sequence'),
  attribute('0020,9113', 'Plane Position Sequence'),
  attribute('0020,9116', 'Plane Orientation Sequence'),
  attribute('0028,9145', 'Pixel Value Transformation Sequence'),
]
/** Most pixels of all frames of a file: 512 images of 512 x 512. */
export const mostSeriesPixels = 1 << 27

/**
 * Reads one slice of a CT (a single-frame CT Image Storage object) in any transfer syntax of CT, compressed or not. The
 * name is only used in messages.
 */
export async function readDicomImage(bytes: Uint8Array, name: string): Promise<DicomImage> {
  const dataSet = await parseDataSet(bytes, name)
  checkCt(dataSet)
  pixelElement(dataSet)
  const [image] = await readFrames(dataSet, readPixelLayout(dataSet))
  return image as DicomImage
}

/** Reads all slices of a CT file: one, or those of an enhanced multi-frame CT. */
export async function readDicomImages(bytes: Uint8Array, name: string): Promise<DicomImage[]> {
  const dataSet = await parseDataSet(bytes, name)
  checkCt(dataSet)
  pixelElement(dataSet)
  const enhanced = readText(dataSet, sopClass) === enhancedCt
  return readFrames(dataSet, readPixelLayout(dataSet, enhanced ? { most: mostSeriesPixels } : {}))
}

async function readFrames(dataSet: DicomDataSet, layout: PixelLayout): Promise<DicomImage[]> {
  const { rows, columns } = layout
  const findPadding = paddingOf(dataSet, layout)
  const sets = frameSets(dataSet, layout.frames)
  const frames = sets.map((set) => ({ rescale: readRescale(set), place: readPlace(set) }))
  const storedOf = openFrames(dataSet, layout)
  const images: DicomImage[] = []
  for (const [frame, { rescale, place }] of frames.entries()) {
    const values = await storedOf(frame)
    const isPadding = findPadding(values)
    const hu = Int16Array.from(values.stored, (value, i) => (isPadding(i) ? airHu : rescale(value)))
    if (layout.inverted) checkUpright(dataSet, layout, hu)
    images.push({ rows, columns, hu, ...place })
  }
  return images
}

/** For each frame, the attributes of the file combined with those of its functional groups. */
function frameSets(dataSet: DicomDataSet, frames: number): DicomDataSet[] {
  const [shared] = readItems(dataSet, sharedGroups)
  const own = readItems(dataSet, frameGroups)
  if (own.length === 0 && frames === 1) return [dataSet]
  if (own.length !== frames)
    refuseAttribute(dataSet, frameGroups)(`has ${own.length} items for ${frames} frames`)
  const grouped = (set: DicomDataSet | undefined) =>
    set === undefined
      ? []
      : groups.flatMap((group) => readItems(set, group).map(({ elements }) => elements))
  const common = grouped(shared)
  return own.map((frame) => ({
    ...dataSet,
    elements: Object.assign(
      {},
      dataSet.elements,
      ...common,
      ...grouped(frame),
    ) as DicomDataSet['elements'],
  }))
}

function checkCt(dataSet: DicomDataSet): void {
  const hint = 'Give a slice of a CT series (SOP class CT Image Storage), one slice in a file.'
  const found = required(readText(dataSet, sopClass), dataSet, sopClass)
  if (!ctClasses.includes(found)) {
    const other = otherClasses[found] ?? 'something else'
    refuseAttribute(dataSet, sopClass)(`is ${other}, not CT Image Storage`, hint)
  }
  if ((readText(dataSet, modality) ?? 'CT') !== 'CT')
    refuseAttribute(dataSet, modality)('is not CT', hint)
}

/** Conversion from stored values to Hounsfield units. */
function readRescale(dataSet: DicomDataSet): (value: number) => number {
  const factor = required(readDecimal(dataSet, slope), dataSet, slope)
  const offset = required(readDecimal(dataSet, intercept), dataSet, intercept)
  if (factor === 0) refuseAttribute(dataSet, slope)('is 0')
  // A missing or unspecified (US) unit means Hounsfield units.
  if (!['HU', 'US'].includes(readText(dataSet, rescaleType) ?? 'HU'))
    refuseAttribute(dataSet, rescaleType)(
      'is not HU',
      'Give a CT in Hounsfield units, not a map of another quantity.',
    )
  return (value) => Math.min(32767, Math.max(-32768, Math.round(value * factor + offset)))
}

/** Upper limit of air around the patient in HU, lower than bone or tissue. */
const mostAir = -300

/**
 * MONOCHROME1 means that the lowest value is displayed white; the values are Hounsfield units all the same (PS3.3
 * C.7.6.3.1.2). Some writers inverted the values too. Air around the patient distinguishes the two: an image whose
 * border is mostly air is used unchanged.
 */
function checkUpright(dataSet: DicomDataSet, { rows, columns }: PixelLayout, hu: Int16Array): void {
  const border: number[] = []
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      if (row === 0 || row === rows - 1 || column === 0 || column === columns - 1)
        border.push(hu[row * columns + column]!)
  border.sort((a, b) => a - b)
  if (border[border.length >> 1]! <= mostAir) return
  refuseAttribute(dataSet, photometric)(
    'is MONOCHROME1, and there is no air along the border that would show whether the values are inverted',
    'Write the image as MONOCHROME2, with Hounsfield units that grow with density.',
  )
}

function readPlace(
  dataSet: DicomDataSet,
): Pick<DicomImage, 'spacingMm' | 'originMm' | 'orientation'> {
  const [row, column] = readDecimals(dataSet, spacing, 2) ?? []
  if ((row ?? 1) <= 0 || (column ?? 1) <= 0)
    refuseAttribute(dataSet, spacing)('is not greater than 0')
  return {
    spacingMm: row === undefined || column === undefined ? null : [row, column],
    originMm: readDecimals(dataSet, position, 3) as unknown as Vector3 | null,
    orientation: readDecimals(dataSet, orientation, 6),
  }
}
