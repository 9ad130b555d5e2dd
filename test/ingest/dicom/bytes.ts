import { deflateRawSync } from 'node:zlib'

/** Writes DICOM files for tests: small ones, complete ones, and ones that break the rules. */

export const syntax = {
  implicit: '1.2.840.10008.1.2',
  explicit: '1.2.840.10008.1.2.1',
  deflated: '1.2.840.10008.1.2.1.99',
  bigEndian: '1.2.840.10008.1.2.2',
  rle: '1.2.840.10008.1.2.5',
  baseline: '1.2.840.10008.1.2.4.50',
  extended: '1.2.840.10008.1.2.4.51',
  progressive: '1.2.840.10008.1.2.4.55',
  lossless: '1.2.840.10008.1.2.4.57',
  jpegLs: '1.2.840.10008.1.2.4.80',
  jpeg2000: '1.2.840.10008.1.2.4.90',
} as const

/** Value representation and value: numbers for US and SS, items for SQ, text for all others. */
export type Value = readonly [vr: string, value: string | readonly number[] | readonly Attributes[]]

/** Values by tag; `null` leaves one out. An interface because it refers to itself. */
// eslint-disable-next-line @typescript-eslint/consistent-indexed-object-style
export interface Attributes {
  readonly [tag: string]: Value | null
}

export const picture = {
  rows: 21,
  columns: 19,
  /** Stored values of 12 bits: a disc with a sharp edge in a smooth background. */
  stored: Array.from({ length: 21 * 19 }, (_, i) => {
    const [y, x] = [Math.floor(i / 19) - 10, (i % 19) - 9]
    return x * x + y * y < 40 ? 1060 + 7 * x + 3 * y * y : 24 + 5 * (x + 9)
  }),
}

/** Attributes of the file of `picture`, including values that must never be read out again. */
const attributes: Attributes = {
  '0008,0016': ['UI', '1.2.840.10008.5.1.4.1.1.2'],
  '0008,0018': ['UI', '1.2.3.5550123'],
  '0008,0020': ['DA', '19990101'],
  '0008,0060': ['CS', 'CT'],
  '0010,0010': ['PN', 'SECRET^PATIENT'],
  '0010,0020': ['LO', 'SECRET-ID'],
  '0020,0032': ['DS', '-12.5\\-40\\17.25'],
  '0020,0037': ['DS', '1\\0\\0\\0\\1\\0'],
  '0028,0002': ['US', [1]],
  '0028,0004': ['CS', 'MONOCHROME2'],
  '0028,0010': ['US', [picture.rows]],
  '0028,0011': ['US', [picture.columns]],
  '0028,0030': ['DS', '0.75\\0.5'],
  '0028,0100': ['US', [16]],
  '0028,0101': ['US', [12]],
  '0028,0102': ['US', [11]],
  '0028,0103': ['US', [0]],
  '0028,1052': ['DS', '-1024'],
  '0028,1053': ['DS', '1'],
}

export interface DicomOptions {
  /** UID of the transfer syntax. (Default: explicit little endian) */
  transferSyntax?: string
  /** Attributes that differ from those of `picture`; `null` leaves one out. */
  set?: Attributes
  /** Pixels of 8 or 16 bits, or fragments of a compressed image; `null` for no pixels. */
  pixels?: readonly number[] | readonly Uint8Array[] | null
  /** Variations of the encoding. */
  writing?: Writing
}

/** Variations of how a file is encoded. */
export interface Writing {
  /** Whether sequences and items state their lengths or end with delimiters. (Default: stated) */
  lengths?: 'stated' | 'open'
  /** Writes sequences as unknown (UN), as programs without a dictionary do. (Default: false) */
  unknownSequences?: boolean
  /** Writes surplus delimiters after the items of sequences and at the end of the file. (Default: false) */
  strayDelimiters?: boolean
  /** What precedes the data set. (Default: preamble, DICM and the transfer syntax) */
  start?: 'whole' | 'with group length' | 'without preamble' | 'without preamble and DICM' | 'bare'
}

/** A CT file. */
export function dicomFile(options: DicomOptions = {}): Uint8Array {
  const { transferSyntax = syntax.explicit, set = {}, pixels = picture.stored } = options
  return dicomObject({ ...attributes, ...set }, { transferSyntax, pixels })
}

/** A file of any kind. */
export function dicomObject(
  values: Attributes,
  options: Pick<DicomOptions, 'transferSyntax' | 'pixels' | 'writing'> = {},
): Uint8Array {
  const { transferSyntax = syntax.explicit, pixels = null, writing = {} } = options
  const form: Form = {
    explicit: transferSyntax !== syntax.implicit,
    little: transferSyntax !== syntax.bigEndian,
    writing,
  }
  const elements = [dataSet(values, form)]
  const bits = values['0028,0100']?.[1][0]
  if (pixels !== null) elements.push(pixelElement(pixels, Number(bits), form))
  if (writing.strayDelimiters && pixels === null) elements.push(delimiter(0xe00d, form))
  const body = Buffer.concat(elements)
  const rest = transferSyntax === syntax.deflated ? deflateRawSync(body) : body
  return new Uint8Array(Buffer.concat([...startOf(transferSyntax, writing), rest]))
}

/** The header of part 10, or a part of it. */
function startOf(transferSyntax: string, { start = 'whole' }: Writing): Buffer[] {
  const plain = { explicit: true, little: true }
  const meta = element('0002,0010', ['UI', transferSyntax], plain)
  const length = Buffer.concat([header('0002,0000', 'UL', 4, plain), words([meta.length, 0], true)])
  const [preamble, prefix] = [Buffer.alloc(128), Buffer.from('DICM')]
  switch (start) {
    case 'whole':
      return [preamble, prefix, meta]
    case 'with group length':
      return [preamble, prefix, length, meta]
    case 'without preamble':
      return [prefix, meta]
    case 'without preamble and DICM':
      return [meta]
    case 'bare':
      return []
  }
}

function dataSet(values: Attributes, form: Form): Buffer {
  const tags = Object.keys(values).sort()
  return Buffer.concat(
    tags.flatMap((tag) => {
      const value = values[tag]
      return value ? [element(tag, value, form)] : []
    }),
  )
}

interface Form {
  explicit: boolean
  little: boolean
  writing?: Writing
}

const open = 0xffffffff

function delimiter(number: number, form: Form): Buffer {
  return Buffer.concat([words([0xfffe, number], form.little), Buffer.alloc(4)])
}

/** One element with its header. */
export function element(tag: string, [vr, value]: Value, form: Form): Buffer {
  if (typeof value !== 'string' && isItems(value)) return sequence(tag, value, form)
  const bytes =
    typeof value === 'string'
      ? Buffer.from(value.length % 2 === 0 ? value : value + (vr === 'UI' ? '\0' : ' '), 'latin1')
      : words(value, form.little)
  return Buffer.concat([header(tag, vr, bytes.length, form), bytes])
}

function isItems(value: readonly unknown[]): value is readonly Attributes[] {
  return typeof value[0] === 'object'
}

function sequence(tag: string, items: readonly Attributes[], form: Form): Buffer {
  const {
    lengths = 'stated',
    unknownSequences = false,
    strayDelimiters = false,
  } = form.writing ?? {}
  // Unknown elements are implicit little endian in every transfer syntax.
  const inner = unknownSequences ? { ...form, explicit: false, little: true } : form
  const content = [
    ...items.map((item) => sequenceItem(item, inner)),
    ...(strayDelimiters ? [delimiter(0xe00d, inner)] : []),
    ...(lengths === 'open' ? [delimiter(0xe0dd, inner)] : []),
  ]
  const bytes = Buffer.concat(content)
  const length = lengths === 'open' ? open : bytes.length
  return Buffer.concat([header(tag, unknownSequences ? 'UN' : 'SQ', length, form), bytes])
}

function sequenceItem(item: Attributes, form: Form): Buffer {
  const isOpen = form.writing?.lengths === 'open'
  const content = dataSet(item, form)
  const length = Buffer.alloc(4)
  if (form.little) length.writeUInt32LE(isOpen ? open : content.length)
  else length.writeUInt32BE(isOpen ? open : content.length)
  const start = Buffer.concat([words([0xfffe, 0xe000], form.little), length, content])
  return isOpen ? Buffer.concat([start, delimiter(0xe00d, form)]) : start
}

function header(tag: string, vr: string, length: number, form: Form): Buffer {
  const [group, number] = tag.split(',').map((part) => parseInt(part, 16)) as [number, number]
  const start = words([group, number], form.little)
  const long = Buffer.alloc(4)
  if (form.little) long.writeUInt32LE(length)
  else long.writeUInt32BE(length)
  if (!form.explicit) return Buffer.concat([start, long])
  if (['OB', 'OW', 'SQ', 'UN', 'UT'].includes(vr))
    return Buffer.concat([start, Buffer.from(`${vr}\0\0`), long])
  return Buffer.concat([start, Buffer.from(vr), words([length], form.little)])
}

function words(values: readonly number[], little: boolean): Buffer {
  const bytes = Buffer.alloc(2 * values.length)
  values.forEach((value, i) => {
    if (little) bytes.writeUInt16LE(value & 0xffff, 2 * i)
    else bytes.writeUInt16BE(value & 0xffff, 2 * i)
  })
  return bytes
}

function pixelElement(
  pixels: readonly number[] | readonly Uint8Array[],
  bits: number,
  form: Form,
): Buffer {
  const tag = '7fe0,0010'
  if (isFragments(pixels))
    return Buffer.concat([header(tag, 'OB', 0xffffffff, form), encapsulate(pixels)])
  const cells =
    bits === 8
      ? Buffer.from([...pixels, ...(pixels.length % 2 ? [0] : [])])
      : words(bits === 32 ? halves(pixels, form.little) : pixels, form.little)
  return Buffer.concat([header(tag, bits === 8 ? 'OB' : 'OW', cells.length, form), cells])
}

/** Numbers of 32 bits as pairs of 16 bits. */
function halves(values: readonly number[], little: boolean): number[] {
  return values.flatMap((value) => {
    const [low, high] = [value % 65536, Math.floor(value / 65536)]
    return little ? [low, high] : [high, low]
  })
}

function isFragments(pixels: readonly unknown[]): pixels is readonly Uint8Array[] {
  return pixels[0] instanceof Uint8Array
}

/** Fragments after an empty offset table. */
function encapsulate(fragments: readonly Uint8Array[]): Buffer {
  const item = (tag: number, content: Uint8Array) => {
    const padded = Buffer.alloc(content.length + (content.length % 2))
    padded.set(content)
    const start = Buffer.alloc(8)
    start.writeUInt32LE(tag)
    start.writeUInt32LE(padded.length, 4)
    return Buffer.concat([start, padded])
  }
  const [itemTag, endTag] = [0xe000fffe, 0xe0ddfffe]
  const items = [new Uint8Array(0), ...fragments].map((content) => item(itemTag, content))
  return Buffer.concat([...items, item(endTag, new Uint8Array(0))])
}
