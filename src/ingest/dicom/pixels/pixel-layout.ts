import {
  attribute,
  readDecimal,
  readText,
  readUnsigned,
  refuseAttribute,
  required,
} from '../elements/attribute.js'
import type { Attribute } from '../elements/attribute.js'
import type { DicomDataSet } from '../elements/data-set.js'

/** Layout of the pixels of a grey image. */
export interface PixelLayout {
  /** Number of consecutive images of this size. */
  readonly frames: number
  readonly rows: number
  readonly columns: number
  /** Bits per cell. */
  readonly bitsAllocated: 8 | 16 | 32
  /** Bits of the number in it, counted down from the highest. */
  readonly bitsStored: number
  readonly highBit: number
  readonly signed: boolean
  /** Whether the lowest value is displayed white (MONOCHROME1). */
  readonly inverted: boolean
}

/** The cells of an image, row by row, before they are converted to numbers. */
export interface Cells {
  readonly values: Uint16Array | Uint32Array
  /** Number of low bits of a cell that are used. */
  readonly bits: number
}

const samples = attribute('0028,0002', 'Samples per Pixel')
export const photometric = attribute('0028,0004', 'Photometric Interpretation')
const frames = attribute('0028,0008', 'Number of Frames')
const rows = attribute('0028,0010', 'Rows')
const columns = attribute('0028,0011', 'Columns')
const bitsAllocated = attribute('0028,0100', 'Bits Allocated')
export const bitsStored = attribute('0028,0101', 'Bits Stored')
const highBit = attribute('0028,0102', 'High Bit')
export const pixelRepresentation = attribute('0028,0103', 'Pixel Representation')

/** The largest matrix of CT scanners is 2048 x 2048. */
const mostPixels = 2048 * 2048

export interface PixelLayoutOptions {
  /** Most pixels of all frames together. (Default: there must be one frame) */
  most?: number
  /** Allowed bits per cell. (Default: 8 or 16) */
  bits?: readonly number[]
  /**
   * Uses all bits of a cell, whatever Bits Stored says: the cells of a dose hold nothing else, and some systems state
   * 12 of 16 bits and use all. (Default: false)
   */
  wholeCells?: boolean
}

/** Reads and checks the attributes that describe the pixels, before memory is allocated for them. */
export function readPixelLayout(
  dataSet: DicomDataSet,
  options: PixelLayoutOptions = {},
): PixelLayout {
  const { most, bits = [8, 16], wholeCells = false } = options
  const number = (which: Attribute) => required(readUnsigned(dataSet, which), dataSet, which)
  const refuse = (which: Attribute, problem: string, hint?: string) =>
    refuseAttribute(dataSet, which)(problem, hint)

  const frameCount = readDecimal(dataSet, frames) ?? 1
  if (most === undefined && frameCount !== 1)
    refuse(frames, `is ${frameCount}`, 'Give one slice in a file; dcm4che and GDCM split frames.')
  if (!Number.isInteger(frameCount) || frameCount < 1) refuse(frames, 'is not a count')
  const samplesPerPixel = number(samples)
  if (samplesPerPixel !== 1)
    refuse(samples, `is ${samplesPerPixel}`, 'Give a grey image; colour has no Hounsfield units.')
  const inverted = isInverted(dataSet)

  const layout = {
    frames: frameCount,
    rows: number(rows),
    columns: number(columns),
    bitsAllocated: number(bitsAllocated),
    bitsStored: number(bitsStored),
    highBit: number(highBit),
  }
  if (layout.rows === 0) refuse(rows, 'is 0')
  if (layout.columns === 0) refuse(columns, 'is 0')
  if (layout.rows * layout.columns > mostPixels)
    refuse(
      rows,
      `and Columns are ${layout.rows} x ${layout.columns}, more than ${mostPixels} pixels`,
      'Give one slice as the scanner wrote it.',
    )
  if (most !== undefined && frameCount * layout.rows * layout.columns > most)
    refuse(frames, `is ${frameCount}, which makes more than ${most} pixels`)
  const cell = layout.bitsAllocated as PixelLayout['bitsAllocated']
  if (!bits.includes(cell))
    refuse(
      bitsAllocated,
      `is ${cell}, not ${bits.join(' or ')}`,
      'CT is stored in 16 bits a pixel.',
    )
  if (layout.bitsStored < 1 || layout.bitsStored > cell)
    refuse(bitsStored, `is ${layout.bitsStored} of ${cell} allocated`)
  if (layout.highBit < layout.bitsStored - 1 || layout.highBit >= cell)
    refuse(highBit, `is ${layout.highBit} with ${layout.bitsStored} bits of ${cell} stored`)
  const sign = number(pixelRepresentation)
  if (sign > 1) refuse(pixelRepresentation, `is ${sign}, not 0 or 1`)
  const found = { ...layout, bitsAllocated: cell, signed: sign === 1, inverted }
  if (!wholeCells) return found
  if (layout.highBit !== layout.bitsStored - 1)
    refuse(highBit, `is ${layout.highBit} with ${layout.bitsStored} bits stored, not one less`)
  return { ...found, bitsStored: cell, highBit: cell - 1 }
}

function isInverted(dataSet: DicomDataSet): boolean {
  const value = required(readText(dataSet, photometric), dataSet, photometric)
  if (value !== 'MONOCHROME1' && value !== 'MONOCHROME2')
    refuseAttribute(dataSet, photometric)(
      'is not MONOCHROME2',
      'Give a grey image; colour has no Hounsfield units.',
    )
  return value === 'MONOCHROME1'
}
