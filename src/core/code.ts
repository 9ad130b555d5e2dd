import { LshError } from './errors.js'

/**
 * A binary code. Bit 0 is the first character of its text and the highest bit of byte 0, as in the
 * binary form of PostgreSQL's `bit(n)`; unused bits of the last byte are 0. Never changed once made.
 */
export interface BitCode {
  readonly bits: number
  readonly bytes: Uint8Array
}

const texts = Array.from({ length: 256 }, (_, byte) => byte.toString(2).padStart(8, '0'))
const ones = Uint8Array.from(texts, (text) => text.replaceAll('0', '').length)

/** Reads what PostgreSQL writes for a value of type `bit(n)`. */
export function codeFromText(text: string): BitCode {
  if (!/^[01]+$/.test(text)) {
    throw new LshError('bad_input', `not a binary code: "${text.slice(0, 40)}"`, {
      hint: 'A code is written with the digits 0 and 1 and has at least one.',
    })
  }
  const bytes = new Uint8Array(Math.ceil(text.length / 8))
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Number.parseInt(text.slice(8 * i, 8 * i + 8).padEnd(8, '0'), 2)
  }
  return { bits: text.length, bytes }
}

/** The digits that PostgreSQL reads as `bit(n)`. */
export function codeToText(code: BitCode): string {
  let text = ''
  for (const byte of code.bytes) text += texts[byte] as string
  return text.slice(0, code.bits)
}

/** Number of positions in which two codes of equal length differ: `lsh.hamming(a, b)`. */
export function hammingDistance(a: BitCode, b: BitCode): number {
  assertEqualLength(a, b)
  let distance = 0
  for (let i = 0; i < a.bytes.length; i++) {
    distance += ones[(a.bytes[i] as number) ^ (b.bytes[i] as number)] as number
  }
  return distance
}

/** The positions in which two codes of equal length differ: `a # b`. */
export function xorCode(a: BitCode, b: BitCode): BitCode {
  assertEqualLength(a, b)
  return { bits: a.bits, bytes: a.bytes.map((byte, i) => byte ^ (b.bytes[i] as number)) }
}

function assertEqualLength(a: BitCode, b: BitCode): void {
  if (a.bits === b.bits) return
  throw new LshError('LSH02', `code has ${b.bits} bits, the other has ${a.bits}`, {
    hint: 'Compare codes of one hash family only.',
  })
}
