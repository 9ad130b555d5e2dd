import { attribute, refuseAttribute } from './dicom-attribute.js'
import type { DicomDataSet } from './dicom-data-set.js'
import { joinFragments } from './dicom-fragments.js'
import { decodeJpeg } from './dicom-jpeg.js'
import { decodeJpeg2000 } from './dicom-jpeg-2000.js'
import { decodeJpegLs } from './dicom-jpeg-ls.js'
import type { Cells, PixelLayout } from './dicom-pixel-layout.js'
import type { Refuse } from './dicom-refusal.js'
import { decodeRle } from './dicom-rle.js'
import { pixelCodings, type PixelCoding } from './dicom-transfer-syntax.js'

const pixelData = attribute('7FE0,0010', 'Pixel Data')
const transferSyntax = attribute('0002,0010', 'Transfer Syntax UID')

/** Where the pixels are, packed as they may be. */
export function pixelElement(dataSet: DicomDataSet) {
  const element = dataSet.elements[pixelData.key]
  if (element !== undefined) return element
  const hint = 'Give a file with an image in it; if this one should have it, copy it again.'
  return refuseAttribute(dataSet, pixelData)('is missing', hint)
}

/** The stored values of the image, row by row, unpacked and with their signs. */
export async function readStoredValues(
  dataSet: DicomDataSet,
  layout: PixelLayout,
): Promise<Int32Array> {
  const coding = pixelCodings[dataSet.transferSyntax]
  if (coding === undefined)
    return refuseAttribute(dataSet, transferSyntax)(
      'names a transfer syntax that is not read',
      'Convert the file to explicit VR little endian, with "dcmconv" or "dcmdjpeg" of DCMTK or "gdcmconv --raw".',
    )
  const refuse: Refuse = refuseAttribute(dataSet, pixelData)
  const element = pixelElement(dataSet)
  const { dataOffset, length } = element
  const compressed = element.hadUndefinedLength === true
  if (compressed !== (coding !== 'native'))
    refuse(`is ${compressed ? '' : 'not '}compressed, against ${transferSyntax.label}`)
  if (coding === 'native') {
    const cells = nativeCells(
      dataSet,
      layout,
      { from: dataOffset, length, swapped: element.vr === 'OW' },
      refuse,
    )
    return numbers(cells, layout)
  }
  if (layout.highBit !== layout.bitsStored - 1)
    refuse('is compressed, and its values do not begin at the lowest bit')
  const stream = joinFragments(dataSet.content, dataOffset, refuse)
  // Noise may grow a little where it is compressed, never by as much.
  if (stream.length > 4 * cellBytes(layout) + 65536)
    refuse(`has ${stream.length} bytes, more than an image of this size can take`)
  return numbers(await decode(coding, stream, layout, refuse), layout)
}

async function decode(
  coding: Exclude<PixelCoding, 'native'>,
  stream: Uint8Array,
  layout: PixelLayout,
  refuse: Refuse,
): Promise<Cells> {
  switch (coding) {
    case 'rle':
      return decodeRle(stream, layout, refuse)
    case 'jpeg':
      return decodeJpeg(stream, layout, refuse)
    case 'jpeg-ls':
      return decodeJpegLs(stream, layout, refuse)
    case 'jpeg-2000':
      return decodeJpeg2000(stream, layout, refuse)
  }
}

function cellBytes({ rows, columns, bitsAllocated }: PixelLayout): number {
  return (rows * columns * bitsAllocated) / 8
}

function nativeCells(
  { content, bigEndian }: DicomDataSet,
  layout: PixelLayout,
  place: { from: number; length: number; swapped: boolean },
  refuse: Refuse,
): Cells {
  const { from, length } = place
  const expected = cellBytes(layout)
  if (length < expected) refuse(`has ${length} bytes, the image needs ${expected}`)
  if (length >= 2 * expected + 2) refuse(`has ${length} bytes, one image has ${expected}`)
  if (from + length > content.length)
    refuse(`is cut off: ${content.length - from} of ${length} bytes are there`)
  const values = new Uint16Array(layout.rows * layout.columns)
  const view = new DataView(content.buffer, content.byteOffset + from, length)
  const shift = layout.highBit + 1 - layout.bitsStored
  if (layout.bitsAllocated === 16)
    for (let i = 0; i < values.length; i++) values[i] = view.getUint16(2 * i, !bigEndian) >> shift
  else {
    // Bytes that are written as words of two come in another order in big endian.
    const swap = bigEndian && place.swapped ? 1 : 0
    for (let i = 0; i < values.length; i++)
      values[i] = view.getUint8(Math.min(i ^ swap, length - 1)) >> shift
  }
  return { values, bits: layout.bitsStored }
}

/** Cells as numbers: bits that do not count are cut off, the highest of the others is the sign. */
function numbers({ values, bits }: Cells, { bitsStored, signed }: PixelLayout): Int32Array {
  const unused = 32 - Math.min(bits, bitsStored)
  const stored = new Int32Array(values.length)
  for (let i = 0; i < stored.length; i++) {
    const cell = (values[i] as number) << unused
    stored[i] = signed ? cell >> unused : cell >>> unused
  }
  return stored
}
