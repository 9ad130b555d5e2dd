import { attribute } from './attribute.js'
import type { DicomElements } from './element.js'

const characterSet = attribute('0008,0005', 'Specific Character Set')

/** Single-byte character sets, by the last part of their terms: `ISO_IR 100`, `ISO 2022 IR 100`. */
const singleByte: Readonly<Record<string, string>> = {
  '100': 'iso-8859-1',
  '101': 'iso-8859-2',
  '109': 'iso-8859-3',
  '110': 'iso-8859-4',
  '126': 'iso-8859-7',
  '127': 'iso-8859-6',
  '138': 'iso-8859-8',
  '144': 'iso-8859-5',
  '148': 'iso-8859-9',
  '166': 'windows-874',
  '203': 'iso-8859-15',
}
/** Multi-byte character sets without code extensions. */
const wholeSets: Readonly<Record<string, string>> = {
  'ISO_IR 192': 'utf-8',
  GB18030: 'gb18030',
  GBK: 'gbk',
}

/** How bytes with or without the highest bit are read. */
type Plane =
  'ascii' | 'katakana' | 'jis0208' | 'jis0212' | 'ksx1001' | 'gb2312' | `single ${string}`

/**
 * Escape sequences (PS3.3 C.12.1.1.2) without the escape character, and the set that they select for low or high bytes.
 */
const escapes: readonly (readonly [string, 'low' | 'high', Plane])[] = [
  ['(B', 'low', 'ascii'],
  ['(J', 'low', 'ascii'],
  [')I', 'high', 'katakana'],
  ['-A', 'high', 'single 100'],
  ['-B', 'high', 'single 101'],
  ['-C', 'high', 'single 109'],
  ['-D', 'high', 'single 110'],
  ['-F', 'high', 'single 126'],
  ['-G', 'high', 'single 127'],
  ['-H', 'high', 'single 138'],
  ['-L', 'high', 'single 144'],
  ['-M', 'high', 'single 148'],
  ['-T', 'high', 'single 166'],
  ['-b', 'high', 'single 203'],
  ['$@', 'low', 'jis0208'],
  ['$B', 'low', 'jis0208'],
  ['$(D', 'low', 'jis0212'],
  ['$)C', 'high', 'ksx1001'],
  ['$)A', 'high', 'gb2312'],
]
const escape = 0x1b

/** The character sets of a data set; none means ASCII. */
export function characterSetsOf(content: Uint8Array, elements: DicomElements): readonly string[] {
  const element = elements[characterSet.key]
  if (element === undefined) return []
  const { dataOffset, length } = element
  return latin(content.subarray(dataOffset, dataOffset + length))
    .split('\\')
    .map((term) => term.replace(/[\0 ]+$/, '').trim())
}

/**
 * Decodes text in the character sets of its data set, with all code extensions of PS3.3 C.12.1.1.2. A byte that no set
 * defines is read as Latin-1.
 */
export function decodeText(bytes: Uint8Array, sets: readonly string[]): string {
  const [first = ''] = sets
  const whole = wholeSets[first]
  if (whole !== undefined) return new TextDecoder(whole).decode(bytes)
  if (!bytes.some((byte) => byte >= 0x80 || byte === escape)) return latin(bytes)
  const number = /(\d+)$/.exec(first)?.[1] ?? ''
  const start: Plane =
    number === '13' ? 'katakana' : `single ${number in singleByte ? number : '100'}`
  let [low, high]: [Plane, Plane] = ['ascii', start]
  let text = ''
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at]!
    if (byte === escape) {
      const sequence = escapes.find(([letters]) =>
        Buffer.from(letters).every((letter, i) => bytes[at + 1 + i] === letter),
      )
      if (sequence !== undefined) {
        if (sequence[1] === 'low') low = sequence[2]
        else high = sequence[2]
        at += 1 + sequence[0].length
        continue
      }
    }
    const plane = byte >= 0x80 ? high : low
    // Delimiters and line ends are ASCII in every set.
    if (byte < 0x21 || (plane === 'ascii' && byte < 0x80)) {
      text += String.fromCharCode(byte)
      at++
      continue
    }
    const end = runEnd(bytes, at)
    text += decodeRun(bytes.subarray(at, end), plane)
    at = end
  }
  return text
}

/** End of a run of bytes that are all low or all high, without an escape. */
function runEnd(bytes: Uint8Array, from: number): number {
  const isHigh = bytes[from]! >= 0x80
  let end = from
  while (end < bytes.length && bytes[end]! >= 0x80 === isHigh && bytes[end]! >= 0x21) end++
  return Math.max(end, from + 1)
}

function decodeRun(bytes: Uint8Array, plane: Plane): string {
  const high = bytes.map((byte) => byte | 0x80)
  switch (plane) {
    case 'ascii':
      return latin(bytes)
    case 'katakana':
      // Half-width katakana, in the order of JIS X 0201.
      return [...bytes].map((byte) => String.fromCharCode(0xff61 + byte - 0xa1)).join('')
    case 'jis0208':
      return new TextDecoder('euc-jp').decode(high)
    case 'jis0212':
      return new TextDecoder('euc-jp').decode(prefixed(high))
    case 'ksx1001':
      return new TextDecoder('euc-kr').decode(high)
    case 'gb2312':
      return new TextDecoder('gb18030').decode(high)
    default:
      return new TextDecoder(singleByte[plane.slice('single '.length)]).decode(bytes)
  }
}

/** Each pair with a prefix byte that distinguishes JIS X 0212 from JIS X 0208. */
function prefixed(pairs: Uint8Array): Uint8Array {
  const out = new Uint8Array((pairs.length * 3) / 2)
  for (let i = 0, j = 0; i < pairs.length; i += 2) {
    out[j++] = 0x8f
    out[j++] = pairs[i]!
    out[j++] = pairs[i + 1]!
  }
  return out
}

/**
 * All possible readings of bytes: in the sets of their data set and, because these are often wrong, in UTF-8 and
 * Latin-1.
 */
export function readings(bytes: Uint8Array, sets: readonly string[]): string[] {
  const found = [decodeText(bytes, sets)]
  if (bytes.some((byte) => byte >= 0x80)) {
    found.push(latin(bytes))
    try {
      found.push(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    } catch (error) {
      // The bytes are not valid UTF-8.
      if (!(error instanceof TypeError)) throw error
    }
  }
  return [...new Set(found)]
}

function latin(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}
