import { inflateRawSync, constants } from 'node:zlib'
import type * as DicomParser from 'dicom-parser'
import { LshError } from '../core/errors.js'
import { refusal } from './dicom-refusal.js'
import { bigEndian, deflated, explicitLittle, implicitLittle } from './dicom-transfer-syntax.js'

/** A DICOM file taken apart into attributes whose values are still bytes. */
export interface DicomDataSet {
  /** How messages name the file. */
  readonly name: string
  /** UID of the transfer syntax. */
  readonly transferSyntax: string
  readonly bigEndian: boolean
  /** What the offsets of the elements count in: the file, or what was inflated from it. */
  readonly content: Uint8Array
  /** By their tags: `x00280010`. */
  readonly elements: Readonly<Record<string, DicomParser.Element | undefined>>
}

export interface ParseOptions {
  /** Tag before which the reading ends; pixels are never taken apart. (Default: `x7fe00010`) */
  until?: string
  /** Whether the bytes are but the start of a file, so that its end is no surprise. (Default: false) */
  partial?: boolean
}

/**
 * Tags and lengths that are read of one file. A parsed element takes up to forty times the memory
 * of its eight bytes, so a file of nothing but elements would else fill all there is; the contours
 * of a whole body need a tenth of it.
 */
const mostReads = 2 << 20
/** Bytes that a deflated file may grow to. */
const longestInflated = 64 << 20
const pixels = 'x7fe00010'
const prefix = [0x44, 0x49, 0x43, 0x4d]
const preambleBytes = 132

/**
 * Takes a file apart, up to the pixels: what follows them is of no use here. Of the start of a file
 * that does not reach to the end of the reading, nothing comes but `null`.
 */
export async function parseDataSet(bytes: Uint8Array, name: string): Promise<DicomDataSet>
export async function parseDataSet(
  bytes: Uint8Array,
  name: string,
  options: ParseOptions,
): Promise<DicomDataSet | null>
export async function parseDataSet(
  bytes: Uint8Array,
  name: string,
  options: ParseOptions = {},
): Promise<DicomDataSet | null> {
  const { until = pixels, partial = false } = options
  const refuse = refusal(name)
  const { default: parser } = (await import('dicom-parser')) as unknown as {
    default: typeof DicomParser
  }
  // The parser takes slices, which of a Buffer would not be copies.
  const file = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
  const elements: Record<string, DicomParser.Element> = {}
  const budget = { reads: mostReads }
  try {
    const { start, transferSyntax } = readStart(file)
    let content = file
    let from = start
    if (transferSyntax === deflated) {
      content = inflate(file.subarray(start), partial)
      from = 0
    }
    const stream = streamOf(content, from, transferSyntax === bigEndian)
    const explicit = transferSyntax !== implicitLittle
    while (stream.position < content.length) {
      const tag = parser.readTag(stream)
      stream.position -= 4
      if (tag >= until && tag !== pixels) break
      const element = explicit
        ? parser.readDicomElementExplicit(stream, stream.warnings, pixels)
        : parser.readDicomElementImplicit(stream, pixels)
      elements[tag] = element
      if (tag === pixels) break
      if (element.vr === 'UN' && isSequence(content, element)) {
        // Whoever knew no dictionary wrote sequences as unknown, always in implicit little endian.
        const items = streamOf(content.subarray(0, stream.position), element.dataOffset, false)
        parser.readSequenceItemsImplicit(items, element)
      }
    }
    if (partial && stream.position >= content.length && elements[pixels] === undefined) return null
    // A sequence without its end; the parser only remarks on it.
    if (stream.warnings.some((warning) => warning.startsWith('eof encountered'))) throw cutOff
    return {
      name,
      transferSyntax,
      bigEndian: transferSyntax === bigEndian,
      content,
      elements,
    }
  } catch (error) {
    if (error instanceof LshError) throw error
    if (budget.reads <= 0) return refuse('has too many elements to be taken apart')
    if (partial) return null
    // What the parser throws may hold the data set, and with it the patient: it goes no further.
    return refuse('is cut off or damaged: its elements do not follow each other up to the pixels')
  }

  function streamOf(content: Uint8Array, position: number, big: boolean): DicomParser.ByteStream {
    const order = big ? parser.bigEndianByteArrayParser : parser.littleEndianByteArrayParser
    const readUint16 = (array: DicomParser.ByteArray, at: number) => {
      if (--budget.reads <= 0) throw cutOff
      return order.readUint16(array, at)
    }
    return new parser.ByteStream({ ...order, readUint16 }, content, position)
  }

  /** Where the data set begins, and how it is written. */
  function readStart(content: Uint8Array): { start: number; transferSyntax: string } {
    const bare = bareTransferSyntax(content)
    if (bare !== null) return { start: 0, transferSyntax: bare }
    const preamble = prefix.every((byte, i) => content[128 + i] === byte)
    const metaOnly = startsWith(content, [2, 0, 0, 0, 0x55, 0x4c])
    if (!preamble && !metaOnly)
      refuse(
        'is not a DICOM file: it has no "DICM" after 128 bytes',
        'Give a DICOM file (part 10); "dcmconv" of DCMTK adds the header to a bare data set.',
      )
    const stream = streamOf(content, preamble ? preambleBytes : 0, false)
    const meta: Record<string, DicomParser.Element> = {}
    while (stream.position + 8 <= content.length) {
      const tag = parser.readTag(stream)
      stream.position -= 4
      if (!tag.startsWith('x0002')) break
      meta[tag] = parser.readDicomElementExplicit(stream)
    }
    const syntax = meta.x00020010
    if (syntax === undefined) refusal(name, '(0002,0010) Transfer Syntax UID')('is missing')
    const { dataOffset, length } = syntax as DicomParser.Element
    const uid = parser.readFixedString(content, dataOffset, length).replace(/[\0 ]+$/, '')
    return { start: stream.position, transferSyntax: uid }
  }

  function inflate(packed: Uint8Array, part: boolean): Uint8Array {
    try {
      const finishFlush = part ? constants.Z_SYNC_FLUSH : constants.Z_FINISH
      const buffer = inflateRawSync(packed, { maxOutputLength: longestInflated, finishFlush })
      return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
    } catch (error) {
      return refuse(
        error instanceof RangeError
          ? `is deflated and grows beyond ${longestInflated} bytes`
          : 'is cut off or damaged: its data set cannot be inflated',
      )
    }
  }
}

const cutOff = new Error('the data set does not end')

/**
 * The transfer syntax of a data set without the header of part 10, as some planning systems write
 * it, `null` for other bytes. Told by its first attribute, which is of group 0008 in every object:
 * its tag, and behind it either letters of a value representation or a short length.
 */
function bareTransferSyntax(content: Uint8Array): string | null {
  if (!startsWith(content, [8, 0]) || (content[3] ?? 1) !== 0) return null
  const capital = (byte = 0) => byte >= 0x41 && byte <= 0x5a
  if (capital(content[4]) && capital(content[5])) return explicitLittle
  return content[6] === 0 && content[7] === 0 ? implicitLittle : null
}

function isSequence(content: Uint8Array, { dataOffset, items }: DicomParser.Element): boolean {
  return items === undefined && startsWith(content.subarray(dataOffset), [0xfe, 0xff, 0x00, 0xe0])
}

function startsWith(content: Uint8Array, bytes: readonly number[]): boolean {
  return bytes.every((byte, i) => content[i] === byte)
}
