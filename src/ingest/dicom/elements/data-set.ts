import { inflateRawSync, constants } from 'node:zlib'
import { LshError } from '../../../core/errors.js'
import type { DicomElements } from './element.js'
import { pixels, readElements, tooMany } from './elements.js'
import { refusal } from './refusal.js'
import { formOf, isDeflated, readStart } from './start.js'

/** A DICOM file parsed into attributes whose values are still bytes. */
export interface DicomDataSet {
  /** Name of the file in messages. */
  readonly name: string
  /** UID of the transfer syntax. */
  readonly transferSyntax: string
  readonly bigEndian: boolean
  /** The bytes that offsets refer to: the file, or its inflated content. */
  readonly content: Uint8Array
  readonly elements: DicomElements
}

export interface ParseOptions {
  /** Tag before which parsing ends; pixels are never parsed. (Default: `x7fe00010`) */
  until?: string
  /** Whether the bytes are only the start of a file, which may end anywhere. (Default: false) */
  partial?: boolean
}

/** Most bytes of an inflated file. */
const longestInflated = 64 << 20

/**
 * Parses a file up to its pixels; later attributes are not needed. Returns `null` if `partial` is set and the bytes end
 * before parsing does.
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
