import type { DicomDataSet } from './data-set.js'
import { refusal, type Refuse } from './refusal.js'

/** An attribute with its tag and its name in the standard. */
export interface Attribute {
  /** In the form of the parser: `x00280010`. */
  readonly key: string
  /** In the form of messages: `(0028,0010) Rows`. */
  readonly label: string
}

/** The attribute of a tag: `attribute('0028,0010', 'Rows')`. */
export function attribute(tag: string, name: string): Attribute {
  return { key: `x${tag.replace(',', '').toLowerCase()}`, label: `(${tag}) ${name}` }
}

/** Upper limit of the length of texts that are read here. */
const longestText = 1024

/** Returns a function that refuses a file because of one of its attributes. */
export function refuseAttribute(dataSet: DicomDataSet, { label }: Attribute): Refuse {
  return refusal(dataSet.name, label)
}

/** Refuses the file if a value is missing. */
export function required<T>(value: T | null, dataSet: DicomDataSet, which: Attribute): T {
  if (value !== null) return value
  return refuseAttribute(dataSet, which)(
    dataSet.elements[which.key] === undefined ? 'is missing' : 'is blank',
    'Export the file again from where it was made; the standard demands this attribute.',
  )
}

/** A text without padding (VR CS, UI, LO, …); `null` if it is missing or empty. */
export function readText(dataSet: DicomDataSet, which: Attribute): string | null {
  const bytes = valueOf(dataSet, which)
  if (bytes.length > longestText) refuseAttribute(dataSet, which)(`has ${bytes.length} bytes`)
  // Latin-1 maps every byte to a character; the texts read here have no letters beyond ASCII.
  const text = String.fromCharCode(...bytes).replace(/^[\0 ]+|[\0 ]+$/g, '')
  return text === '' ? null : text
}

/** An unsigned 16-bit integer (VR US); `null` if it is missing or empty. */
export function readUnsigned(dataSet: DicomDataSet, which: Attribute): number | null {
  const bytes = valueOf(dataSet, which)
  if (bytes.length === 0) return null
  if (bytes.length !== 2)
    refuseAttribute(dataSet, which)(`has ${bytes.length} bytes, not the 2 of one number`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, 2)
  return view.getUint16(0, !dataSet.bigEndian)
}

/** A fixed number of numbers written as text (VR DS, IS); `null` if they are missing or empty. */
export function readDecimals(
  dataSet: DicomDataSet,
  which: Attribute,
  count: number,
): number[] | null {
  if (valueOf(dataSet, which).length > longestText)
    refuseAttribute(dataSet, which)(`has more than ${count} values`)
  const values = readDecimalList(dataSet, which)
  if (values.length === 0) return null
  if (values.length !== count)
    refuseAttribute(dataSet, which)(`has ${values.length} values, not ${count}`)
  return values
}

/** One number written as text (VR DS, IS); `null` if it is missing or empty. */
export function readDecimal(dataSet: DicomDataSet, which: Attribute): number | null {
  return readDecimals(dataSet, which, 1)?.[0] ?? null
}

/** Any number of numbers written as text; empty if they are missing. */
export function readDecimalList(dataSet: DicomDataSet, which: Attribute): number[] {
  const bytes = valueOf(dataSet, which)
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    .toString('latin1')
    .replace(/^[\0 ]+|[\0 ]+$/g, '')
  if (text === '') return []
  return text.split('\\').map((part) => {
    const value = decimal.test(part.trim()) ? Number(part) : NaN
    return Number.isFinite(value)
      ? value
      : refuseNumber(part.trim(), refuseAttribute(dataSet, which))
  })
}

/** Says what is wrong with a number without quoting its text. */
function refuseNumber(text: string, refuse: Refuse): never {
  if (text === '')
    refuse(
      'has a blank value among its numbers',
      'Export the file again: a number is left out in it.',
    )
  if (/^[+-]?\d*,\d+(e[+-]?\d+)?$/i.test(text))
    refuse(
      'is written with decimal commas',
      'Export the file again under a locale with decimal points, which the standard demands.',
    )
  return refuse('is not a number')
}

/** The items of a sequence (VR SQ), each a data set of its own; empty if it is missing. */
export function readItems(dataSet: DicomDataSet, which: Attribute): DicomDataSet[] {
  const element = dataSet.elements[which.key]
  if (element === undefined || element.length === 0) return []
  if (element.items === undefined) refuseAttribute(dataSet, which)('is not a sequence')
  const { name, transferSyntax, bigEndian, content } = dataSet
  return (element.items ?? []).map((elements) => {
    return { name, transferSyntax, bigEndian, content, elements }
  })
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** The bytes of a value; empty if the attribute is missing. */
function valueOf(dataSet: DicomDataSet, which: Attribute): Uint8Array {
  const element = dataSet.elements[which.key]
  if (element === undefined) return new Uint8Array(0)
  const { dataOffset, length } = element
  if (dataOffset + length > dataSet.content.length) refuseAttribute(dataSet, which)('is cut off')
  return dataSet.content.subarray(dataOffset, dataOffset + length)
}
