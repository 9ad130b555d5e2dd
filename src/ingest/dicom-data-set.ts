import { inflateRawSync } from 'node:zlib'
import type * as DicomParser from 'dicom-parser'
import { LshError } from '../core/errors.js'
import { refusal } from './dicom-refusal.js'
import { bigEndian, deflated } from './dicom-transfer-syntax.js'

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

/** Bytes before the pixels that are parsed; scanners write some ten thousand, seldom hundreds of them. */
const longestHeader = 2 << 20
/** Bytes that a deflated file may grow to: the longest header and the largest image. */
const longestInflated = 16 << 20
const prefix = [0x44, 0x49, 0x43, 0x4d]

/** Takes a file apart, up to the pixels: what follows them is of no use here. */
export async function parseDataSet(bytes: Uint8Array, name: string): Promise<DicomDataSet> {
  const refuse = refusal(name)
  if (prefix.some((byte, i) => bytes[128 + i] !== byte))
    refuse(
      'is not a DICOM file: it has no "DICM" after 128 bytes',
      'Give a DICOM file (part 10); "dcmconv" of DCMTK adds the header to a bare data set.',
    )
  const { default: parser } = (await import('dicom-parser')) as unknown as {
    default: typeof DicomParser
  }
  // The parser takes slices, which of a Buffer would not be copies.
  const file = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
  const whole = { content: file, inflated: false }
  const inflater = (_: Uint8Array, position: number) => {
    whole.content = inflate(file.subarray(position), name)
    whole.inflated = true
    return head(whole.content)
  }
  try {
    const parsed = parser.parseDicom(head(file), { untilTag: 'x7fe00010', inflater })
    const { content, inflated } = whole
    const transferSyntax = inflated ? deflated : (parsed.string('x00020010') ?? '')
    const { elements } = parsed
    return { name, transferSyntax, bigEndian: transferSyntax === bigEndian, content, elements }
  } catch (error) {
    if (error instanceof LshError) throw error
    if (error instanceof Error && error.message.includes('0002,0010'))
      return refusal(name, '(0002,0010) Transfer Syntax UID')('is missing')
    // What the parser throws may hold the data set, and with it the patient: it goes no further.
    return refuse(
      whole.content.length > longestHeader
        ? `has no pixels in its first ${longestHeader} bytes, or is damaged before them`
        : 'is cut off or damaged: its elements do not follow each other up to the pixels',
    )
  }
}

/**
 * The part in which the pixels must begin. A parsed element takes up to forty times the memory of
 * its eight bytes, so a file of nothing but elements would else fill all there is.
 */
function head(content: Uint8Array): Uint8Array {
  return content.subarray(0, longestHeader)
}

function inflate(bytes: Uint8Array, name: string): Uint8Array {
  try {
    const buffer = inflateRawSync(bytes, { maxOutputLength: longestInflated })
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
  } catch (error) {
    return refusal(name)(
      error instanceof RangeError
        ? `is deflated and grows beyond ${longestInflated} bytes, more than one image has`
        : 'is cut off or damaged: its data set cannot be inflated',
    )
  }
}
