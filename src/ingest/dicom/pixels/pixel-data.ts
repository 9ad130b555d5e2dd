import { attribute, refuseAttribute } from '../elements/attribute.js'
import type { DicomDataSet } from '../elements/data-set.js'
import { splitFrames } from './fragments.js'
import { decodeJpeg } from './jpeg.js'
import { decodeJpeg2000 } from './jpeg-2000.js'
import { decodeJpegLs } from './jpeg-ls.js'
import type { Cells, PixelLayout } from './pixel-layout.js'
import type { Refuse } from '../elements/refusal.js'
import { decodeRle } from './rle.js'
import { pixelCodings, type PixelCoding } from '../elements/transfer-syntax.js'

const pixelData = attribute('7FE0,0010', 'Pixel Data')
const transferSyntax = attribute('0002,0010', 'Transfer Syntax UID')

/** The element that holds the pixels, compressed or not. */
export function pixelElement(dataSet: DicomDataSet) {
  const element = dataSet.elements[pixelData.key]
  if (element !== undefined) return element
  const hint = 'Give a file with an image; if this file should contain one, copy it again.'
  return refuseAttribute(dataSet, pixelData)('is missing', hint)
}

/** Values of one frame, row by row. */
export interface FrameValues {
  /** Decompressed, with their signs. */
  readonly stored: Int32Array | Uint32Array
  /** The same before unused bits were cut off. */
  readonly cells: Uint16Array | Uint32Array
}

/** Reads the values of one frame. */
export type FrameReader = (frame: number) => Promise<FrameValues>

/** Checks the compression of the pixels; frames are then read one by one. */
export function openFrames(dataSet: DicomDataSet, layout: PixelLayout): FrameReader {
  const coding = pixelCodings[dataSet.transferSyntax]
  if (coding === undefined)
    return refuseAttribute(dataSet, transferSyntax)(
      'names an unsupported transfer syntax',
      'Convert the file to explicit VR little endian, with "dcmconv" or "dcmdjpeg" of DCMTK or "gdcmconv --raw".',
    )
  const refuse: Refuse = refuseAttribute(dataSet, pixelData)
  const element = pixelElement(dataSet)
  const { dataOffset, length } = element
  const compressed = element.undefinedLength
  if (compressed !== (coding !== 'native'))
    refuse(`is ${compressed ? '' : 'not '}compressed, against ${transferSyntax.label}`)
  if (coding === 'native') {
    checkLength(dataSet.content, layout, { from: dataOffset, length }, refuse)
    // In big-endian, bytes that are written as words are swapped.
    const swap = dataSet.bigEndian && element.vr === 'OW' ? 1 : 0
    return (frame) => {
      const place = { start: dataOffset, from: frame * cellBytes(layout), swap }
      return Promise.resolve(numbers(nativeCells(dataSet, layout, place), layout))
    }
  }
  if (layout.highBit !== layout.bitsStored - 1)
    refuse('is compressed, and its values do not begin at the lowest bit')
  checkGain(dataSet.content.length - dataOffset, layout, refuse)
  const streamOf = splitFrames(dataSet.content, dataOffset, layout.frames, refuse)
  return async (frame) => {
    const stream = streamOf(frame)
    // Compression may enlarge noise a little, but never this much.
    if (stream.length > 4 * cellBytes(layout) + 65536)
      refuse(`has ${stream.length} bytes, more than an image of this size can take`)
    return numbers(await decode(coding, stream, layout, refuse), layout)
  }
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

function checkLength(
  content: Uint8Array,
  layout: PixelLayout,
  place: { from: number; length: number },
  refuse: Refuse,
): void {
  const { from, length } = place
  const one = cellBytes(layout)
  const expected = one * layout.frames
  const image = layout.frames === 1 ? 'the image' : `each of ${layout.frames} images`
  if (length < expected) refuse(`has ${length} bytes, ${image} needs ${one}`)
  if (length >= expected + one + 2) refuse(`has ${length} bytes, ${image} needs ${one}`)
  if (from + length > content.length)
    refuse(`is cut off: only ${content.length - from} of ${length} bytes are present`)
}

/** Pixels of one image of the largest size, which may be all air; and most pixels per byte beyond that. */
const [freePixels, mostGain] = [2048 * 2048, 1024]

/** Refuses frames that are too large for their bytes, before memory is allocated. */
function checkGain(bytes: number, { rows, columns, frames }: PixelLayout, refuse: Refuse): void {
  const pixels = rows * columns * frames
  if (pixels > freePixels + mostGain * bytes)
    refuse(
      `has ${bytes} bytes for ${frames} images of ${rows} x ${columns}, fewer than any CT needs`,
      'Convert the series with "dcmdjpeg" of DCMTK or "gdcmconv --raw" if the file is intact.',
    )
}

function nativeCells(
  { content, bigEndian }: DicomDataSet,
  layout: PixelLayout,
  place: { start: number; from: number; swap: number },
): Cells {
  const { start, from, swap } = place
  const { bitsAllocated, bitsStored, highBit } = layout
  const count = layout.rows * layout.columns
  const values = bitsAllocated === 32 ? new Uint32Array(count) : new Uint16Array(count)
  const view = new DataView(content.buffer, content.byteOffset + start, content.length - start)
  const shift = highBit + 1 - bitsStored
  if (bitsAllocated === 32)
    for (let i = 0; i < count; i++) values[i] = view.getUint32(from + 4 * i, !bigEndian) >>> shift
  else if (bitsAllocated === 16)
    for (let i = 0; i < count; i++) values[i] = view.getUint16(from + 2 * i, !bigEndian) >> shift
  else {
    const last = view.byteLength - 1
    for (let i = 0; i < count; i++)
      values[i] = view.getUint8(Math.min((from + i) ^ swap, last)) >> shift
  }
  return { values, bits: bitsStored }
}

/** Cells as numbers: unused bits are cut off, and the highest remaining bit is the sign. */
function numbers({ values, bits }: Cells, { bitsStored, signed }: PixelLayout): FrameValues {
  const unused = 32 - Math.min(bits, bitsStored)
  const stored = signed ? new Int32Array(values.length) : new Uint32Array(values.length)
  for (let i = 0; i < stored.length; i++) {
    const cell = (values[i] as number) << unused
    stored[i] = signed ? cell >> unused : cell >>> unused
  }
  return { stored, cells: values }
}
