import { inflateSync } from 'node:zlib'
import { decode } from 'fast-png'
import { LshError } from '../core/errors.js'

/** A picture as grey values. */
export interface PngImage {
  readonly rows: number
  readonly columns: number
  /** Bits of a sample in the file. */
  readonly depth: 8 | 16
  /** From black (0) to white (1), `rows * columns`, row by row. */
  readonly grey: Float32Array
}

type Refuse = (problem: string, hint?: string) => never

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
/**
 * Pixels at most. A slice of CT has 512 x 512; a screen, or a print of 2048 x 2048, still passes. What is greater is scaled
 * down anyway, and decoding holds up all else that the process does, in proportion.
 */
const mostPixels = 2048 * 2048
/** Bytes of the pixels before compression: so many of RGBA, 16 bits each. */
const mostBytes = 8 * mostPixels
/** Chunks of a picture; writers put 8,000 bytes or more into one. */
const mostChunks = 1e5
/** Channels by the colour type of the header; palettes (3) are not read. */
const channelsOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 4: 2, 6: 4 }

/**
 * Reads a grey or colour PNG of 8 or 16 bits. Colour becomes the luminance of ITU-R BT.601, as most
 * programs take it, so that grey stays what it is; what is transparent is laid on black. The name
 * stands in messages only.
 */
export function readPngImage(bytes: Uint8Array, name: string): PngImage {
  const refuse: Refuse = (problem, hint = 'Save or copy the picture again.') => {
    throw new LshError('bad_input', `${name} ${problem}`, { hint })
  }
  const chunks = readChunks(bytes, refuse)
  const { rows, columns, depth, channels, expected } = readHeader(chunks, refuse)
  const packed = chunks.filter(({ type }) => type === 'IDAT').map(({ content }) => content)
  checkData(join(packed), expected, refuse)
  let data: ArrayLike<number>
  try {
    data = decode(join([signature, ...chunks.map(({ whole }) => whole)]), { checkCrc: true }).data
  } catch {
    return refuse('is damaged: its PNG data cannot be decoded')
  }
  if (data.length !== rows * columns * channels) refuse('is damaged: it gives no whole picture')
  return { rows, columns, depth, grey: greyOf(data, channels, 2 ** depth - 1) }
}

interface Chunk {
  readonly type: string
  readonly content: Uint8Array
  /** With its length, type and checksum. */
  readonly whole: Uint8Array
}

/**
 * The chunks that make the picture. All others go no further: they may be as long as they like once
 * they are inflated, and may hold text about a patient.
 */
function readChunks(bytes: Uint8Array, refuse: Refuse): Chunk[] {
  if (signature.some((byte, i) => bytes[i] !== byte))
    refuse('is not a PNG file', 'Give a PNG, or a slice of CT in DICOM.')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const chunks: Chunk[] = []
  for (let at = signature.length; at + 12 <= bytes.length;) {
    const end = at + 12 + view.getUint32(at)
    if (end > bytes.length) break
    if (chunks.length === mostChunks) refuse(`has more than ${mostChunks} chunks of data`)
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    const whole = bytes.subarray(at, end)
    if (['IHDR', 'IDAT', 'IEND'].includes(type))
      chunks.push({ type, content: whole.subarray(8, -4), whole })
    if (type === 'IEND') return chunks
    at = end
  }
  return refuse('is cut off: it has no end of a PNG')
}

/** Reads and checks the header, before memory is taken for the pixels. */
function readHeader(chunks: readonly Chunk[], refuse: Refuse) {
  const [first, ...others] = chunks
  const header = first?.content
  if (first?.type !== 'IHDR' || header?.length !== 13)
    return refuse('is damaged: it does not begin with the header of a PNG')
  if (others.some(({ type }) => type === 'IHDR')) refuse('is damaged: it has a second header')
  const view = new DataView(header.buffer, header.byteOffset, header.length)
  const [columns, rows] = [view.getUint32(0), view.getUint32(4)]
  const [depth = 0, colour = 0, , , interlaced = 0] = header.subarray(8)
  const channels = channelsOf[colour]
  if (channels === undefined || (depth !== 8 && depth !== 16))
    return refuse(
      `has ${depth} bits in the colour type ${colour}`,
      'Save it as grey or RGB with 8 or 16 bits; palettes and fewer bits are not read.',
    )
  if (rows === 0 || columns === 0) refuse(`has ${columns} x ${rows} pixels`)
  const bytes = (channels * depth) / 8
  if (rows * columns > mostPixels || rows * columns * bytes > mostBytes)
    refuse(
      `has ${columns} x ${rows} pixels of ${bytes} bytes`,
      `Slices have about 512 x 512 pixels, and at most 2048 x 2048 are read: make it smaller.`,
    )
  const expected = filteredBytes(rows, columns, bytes, interlaced === 1)
  return { rows, columns, depth, channels, expected } as const
}

/** Rows with one byte for their filter, of one picture or of the seven that interlacing makes. */
function filteredBytes(rows: number, columns: number, bytes: number, interlaced: boolean): number {
  const passes = interlaced ? adam7 : [[0, 0, 1, 1] as const]
  return passes.reduce((sum, [left, top, across, down]) => {
    const [width, height] = [Math.ceil((columns - left) / across), Math.ceil((rows - top) / down)]
    return sum + (width > 0 && height > 0 ? height * (1 + width * bytes) : 0)
  }, 0)
}

/** Of each pass: first column and row, and their steps. */
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const

/** Inflates on trial: the decoder itself would go on for as long as a file likes. */
function checkData(data: Uint8Array, expected: number, refuse: Refuse): void {
  let length: number
  try {
    length = inflateSync(data, { maxOutputLength: expected }).length
  } catch (error) {
    return refuse(
      error instanceof RangeError
        ? 'is damaged: it has more data than pixels'
        : 'is cut off or damaged: its data cannot be inflated',
    )
  }
  if (length < expected) refuse('is damaged: it has less data than pixels')
}

function greyOf(data: ArrayLike<number>, channels: number, white: number): Float32Array {
  const grey = new Float32Array(data.length / channels)
  for (let i = 0, at = 0; i < grey.length; i++, at += channels) {
    const red = data[at] as number
    const light =
      channels < 3
        ? red
        : 0.299 * red + 0.587 * (data[at + 1] as number) + 0.114 * (data[at + 2] as number)
    const cover = channels % 2 === 0 ? (data[at + channels - 1] as number) / white : 1
    grey[i] = (cover * light) / white
  }
  return grey
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}
