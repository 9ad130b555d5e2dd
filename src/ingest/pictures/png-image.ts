import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createInflate } from 'node:zlib'
import { LshError } from '../../core/errors.js'
import { crc32 } from '../files/crc32.js'
import {
  parseWindow,
  windowKeyword,
  type GreyPicture,
  type HuWindow,
} from '../volume/grey-window.js'
import { filteredBytes, openPixels, pixelBytes, type PngLayout } from './png-pixels.js'

/** A picture as grey values. */
export interface PngImage extends GreyPicture {
  /** Bits per sample in the file. */
  readonly depth: 8 | 16
  /** The window of CT values stated in the file, as in previews; `null` without one. */
  readonly window: HuWindow | null
}

type Refuse = (problem: string, hint?: string) => never

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
/** Most pixels. A CT slice has 512 x 512; a screenshot, or a print of 2048 x 2048, is still accepted. */
const mostPixels = 2048 * 2048
/** Most bytes of the uncompressed pixels: RGBA with 16 bits each. */
const mostBytes = 8 * mostPixels
/** Most chunks of a file; writers put at least 8,000 bytes into one. */
const mostChunks = 1e5
/** Bytes that are inflated or checked before the event loop runs: a fraction of a millisecond. */
const partBytes = 1 << 16
/** Largest compression ratio of deflate (zlib, "Maximum Compression Factor"). */
const mostGain = 1032
/** Channels by colour type; palettes (3) are not supported. */
const channelsOf: Readonly<Record<number, PngLayout['channels']>> = { 0: 1, 2: 3, 4: 2, 6: 4 }

/** Whether bytes begin with the signature of PNG. */
export function isPng(bytes: Uint8Array): boolean {
  return signature.every((byte, i) => bytes[i] === byte)
}

/**
 * Reads a grey or colour PNG of 8 or 16 bits. Colours are converted to the luma of ITU-R BT.601, so that grey pixels
 * keep their value; transparent pixels are composited on black. The name is only used in messages.
 *
 * Node.js inflates in its own threads, and rows are converted as they arrive, so that the event loop is not blocked and
 * a picture takes the memory of its grey values.
 *
 * @throws LshError `bad_input` for an invalid or unsupported picture; headers are checked before memory is allocated
 */
export async function readPngImage(bytes: Uint8Array, name: string): Promise<PngImage> {
  const refuse: Refuse = (problem, hint = 'Save or copy the picture again.') => {
    throw new LshError('bad_input', `${name} ${problem}`, { hint })
  }
  const chunks = readChunks(bytes, refuse)
  const layout = readHeader(chunks, refuse)
  const packed = chunks.filter(({ type }) => type === 'IDAT')
  const window = readWindow(chunks, refuse)
  const grey = await readPixels(packed, layout, refuse)
  return { rows: layout.rows, columns: layout.columns, depth: layout.depth, grey, window }
}

interface Chunk {
  readonly type: string
  readonly content: Uint8Array
  /** CRC-32 of its type and content, as stated in the file. */
  readonly checksum: number
}

/** Start of the text that names a window. */
const windowStart = Buffer.from(`${windowKeyword}\0`, 'latin1')
/** Upper limit of the length of such a text. */
const longestWindow = windowStart.length + 13

/**
 * The chunks of the picture, and the text with its window. All others are skipped: they may inflate to any length, and
 * may hold text about a patient.
 */
function readChunks(bytes: Uint8Array, refuse: Refuse): Chunk[] {
  if (!isPng(bytes)) refuse('is not a PNG file', 'Give a PNG, or a slice of CT in DICOM.')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const chunks: Chunk[] = []
  for (let at = signature.length, count = 0; at + 12 <= bytes.length; count++) {
    const end = at + 12 + view.getUint32(at)
    if (end > bytes.length) break
    if (count === mostChunks) refuse(`has more than ${mostChunks} chunks of data`)
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    const content = bytes.subarray(at + 8, end - 4)
    if (type === 'IHDR' || type === 'IDAT' || (type === 'tEXt' && namesWindow(content)))
      chunks.push({ type, content, checksum: view.getUint32(end - 4) })
    if (type === 'IEND') return chunks
    at = end
  }
  return refuse('is cut off: the end of the PNG is missing')
}

function namesWindow(content: Uint8Array): boolean {
  return content.length <= longestWindow && windowStart.every((byte, i) => content[i] === byte)
}

function readWindow(chunks: readonly Chunk[], refuse: Refuse): HuWindow | null {
  const found = chunks.find(({ type }) => type === 'tEXt')
  if (found === undefined) return null
  const { content, checksum, type } = found
  if (crc32(content, typeChecksum(type)) !== checksum)
    refuse('is damaged: the text of its window does not match its checksum')
  return parseWindow(String.fromCharCode(...content.subarray(windowStart.length)))
}

/** Reads and checks the header, before memory is allocated for the pixels. */
function readHeader(chunks: readonly Chunk[], refuse: Refuse): PngLayout {
  const [first, ...others] = chunks
  const header = first?.content
  if (first?.type !== 'IHDR' || header?.length !== 13)
    return refuse('is damaged: it does not begin with the header of a PNG')
  if (others.some(({ type }) => type === 'IHDR')) refuse('is damaged: it has a second header')
  if (crc32(header, typeChecksum(first.type)) !== first.checksum)
    refuse('is damaged: its header does not match its checksum')
  const view = new DataView(header.buffer, header.byteOffset, header.length)
  const [columns, rows] = [view.getUint32(0), view.getUint32(4)]
  const [depth, colour = 0, compression, filter, interlaced = 0] = header.subarray(8)
  const channels = channelsOf[colour]
  if (channels === undefined || (depth !== 8 && depth !== 16))
    return refuse(
      `has ${depth} bits in the colour type ${colour}`,
      'Save it as grey or RGB with 8 or 16 bits; palettes and fewer bits are not read.',
    )
  if (rows === 0 || columns === 0) refuse(`has ${columns} x ${rows} pixels`)
  if (compression !== 0 || filter !== 0 || interlaced > 1)
    refuse('is damaged: its header has values that PNG does not define')
  const layout = { rows, columns, depth, channels, interlaced: interlaced === 1 } as const
  const size = pixelBytes(layout)
  if (rows * columns > mostPixels || rows * columns * size > mostBytes)
    refuse(
      `has ${columns} x ${rows} pixels of ${size} bytes`,
      `Slices have about 512 x 512 pixels, and at most 2048 x 2048 are read: make it smaller.`,
    )
  return layout
}

/** Inflates at most the size from the header, because a file may continue indefinitely. */
async function readPixels(
  packed: readonly Chunk[],
  layout: PngLayout,
  refuse: Refuse,
): Promise<Float32Array> {
  const expected = filteredBytes(layout)
  const tooFew = 'is damaged: it has less data than pixels'
  // Refuses sizes that the number of bytes cannot fill.
  const length = packed.reduce((sum, { content }) => sum + content.length, 0)
  if (length * mostGain < expected) refuse(tooFew)
  const pixels = openPixels(layout)
  let taken = 0
  // The pipeline may fail with an error of a stream that this one closed.
  let first: unknown
  const stop: Refuse = (...problem) => {
    try {
      return refuse(...problem)
    } catch (error) {
      first ??= error
      throw error
    }
  }
  // The pipeline may reject with how it ended instead of why.
  let reason: unknown
  const take = async (parts: AsyncIterable<Uint8Array>) => {
    try {
      for await (const part of parts) {
        taken += part.length
        if (taken > expected) stop('is damaged: it has more data than pixels')
        if (!pixels.take(part))
          stop('is damaged: its PNG data cannot be decoded, for a row has an unknown filter')
      }
    } catch (error) {
      reason = error
      throw error
    }
  }
  try {
    const parts = Readable.from(checkedParts(packed, stop))
    await pipeline(parts, createInflate({ chunkSize: partBytes }), take)
  } catch (error) {
    const known = [reason, error].find((one) => one instanceof LshError)
    if (known) throw known
    refuse('is cut off or damaged: its data cannot be inflated')
  }
  if (taken < expected) refuse(tooFew)
  return pixels.grey
}

/** The data in parts; checks the checksum at the end of each chunk. */
function* checkedParts(chunks: readonly Chunk[], refuse: Refuse): Generator<Uint8Array> {
  for (const { type, content, checksum } of chunks) {
    let found = typeChecksum(type)
    for (let at = 0; at < content.length; at += partBytes) {
      const part = content.subarray(at, at + partBytes)
      found = crc32(part, found)
      yield part
    }
    if (found !== checksum) refuse('is damaged: its data do not match their checksum')
  }
}

/** Start value of the checksum of a chunk: that of its type. */
function typeChecksum(type: string): number {
  return crc32(Uint8Array.from(type, (letter) => letter.charCodeAt(0)))
}
