import { inflateRawSync, constants } from 'node:zlib'
import { LshError } from '../../../core/errors.js'
import type { DicomElements } from './element.js'
import { pixels, readElements, tooMany } from './elements.js'
import { refusal } from './refusal.js'
import { formOf, isDeflated, readStart } from './start.js'

/** A DICOM file taken apart into attributes whose values are still bytes. */
export interface DicomDataSet {
  /** How messages name the file. */
  readonly name: string
  /** UID of the transfer syntax. */
  readonly transferSyntax: string
  readonly bigEndian: boolean
  /** What the offsets of the elements count in: the file, or what was inflated from it. */
  readonly content: Uint8Array
  readonly elements: DicomElements
}

export interface ParseOptions {
  /** Tag before which the reading ends; pixels are never taken apart. (Default: `x7fe00010`) */
  until?: string
  /** Whether the bytes are but the start of a file, so that its end is no surprise. (Default: false) */
  partial?: boolean
}

/** Bytes that a deflated file may grow to. */
const longestInflated = 64 << 20

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
  try {
    const { from, transferSyntax } = readStart(bytes, name)
    const packed = isDeflated(transferSyntax)
    const content = packed ? inflate(bytes.subarray(from)) : bytes
    const form = formOf(transferSyntax)
    const { elements, end } = readElements(content, form, {
      from: packed ? 0 : from,
      endsAt: (tag) => tag >= until && tag !== pixels,
    })
    if (partial && end >= content.length && elements[pixels] === undefined) return null
    return { name, transferSyntax, bigEndian: form.bigEndian, content, elements }
  } catch (error) {
    if (error instanceof LshError) throw error
    if (error === tooMany) return refuse('has too many elements to be parsed')
    if (partial) return null
    return refuse('is cut off or damaged: its elements do not follow each other up to the pixels')
  }

  function inflate(packed: Uint8Array): Uint8Array {
    try {
      const finishFlush = partial ? constants.Z_SYNC_FLUSH : constants.Z_FINISH
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
