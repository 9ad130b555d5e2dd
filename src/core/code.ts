import { refuseArgument } from './arguments.js'
import { LshError } from './errors.js'

declare const BITS: unique symbol

/**
 * A binary code. `N` is the number of bits if it is known at compile time; codes of different lengths are then
 * incompatible types. A plain `BitCode` is accepted everywhere and checked at run time.
 */
export type BitCode<N extends number = number> = number extends N ? BinaryCode : SizedCode<N>

/** A code with its length in the type. */
export type SizedCode<N extends number> = BinaryCode & { readonly [BITS]?: N }

/**
 * An immutable value. Bit 0 is the first character of its text and the highest bit of byte 0, as in the binary form of
 * PostgreSQL's `bit(n)`; unused bits of the last byte are 0.
 */
export interface BinaryCode {
  readonly bits: number
  readonly bytes: Uint8Array
  /** Positions in which two codes of equal length differ; throws LshError `LSH02` for another length. */
  hamming(other: BinaryCode): number
  /** The digits 0 and 1 that PostgreSQL reads as `bit(n)`. */
  toString(): string
  /** The same: for `JSON.stringify`. */
  toJSON(): string
  /** The same: how `pg` sends the code as a parameter. */
  toPostgres(): string
}

const texts = Array.from({ length: 256 }, (_, byte) => byte.toString(2).padStart(8, '0'))
const ones = Uint8Array.from(texts, (text) => text.replaceAll('0', '').length)

const methods = {
  hamming(this: BitCode, other: BitCode): number {
    assertEqualLength(this, other)
    let distance = 0
    for (let i = 0; i < this.bytes.length; i++) {
      distance += ones[(this.bytes[i] as number) ^ (other.bytes[i] as number)] as number
    }
    return distance
  },
  toString(this: BitCode): string {
    let text = ''
    for (const byte of this.bytes) text += texts[byte] as string
    return text.slice(0, this.bits)
  },
  toJSON(this: BitCode): string {
    return this.toString()
  },
  toPostgres(this: BitCode): string {
    return this.toString()
  },
}

/** Makes a code of the given number of bits from bytes, without copying them. */
export function bitCode(bits: number, bytes: Uint8Array): BitCode {
  // There may be millions of codes, so they share their methods.
  return { __proto__: methods, bits, bytes } as unknown as BitCode
}

/**
 * Parses a text of the digits 0 and 1, as PostgreSQL writes a value of type `bit(n)`.
 *
 * @throws LshError `bad_input` for anything else
 */
export function codeFromText(text: string): BitCode {
  if (typeof text !== 'string')
    refuseArgument('a binary code', text, 'a text', 'Write it with the digits 0 and 1: "0110".')
  if (!/^[01]+$/.test(text)) {
    throw new LshError('bad_input', `not a binary code: "${text.slice(0, 40)}"`, {
      hint: 'A code is written with the digits 0 and 1 and has at least one.',
    })
  }
  const bytes = new Uint8Array(Math.ceil(text.length / 8))
  for (let i = 0; i < text.length; i++) {
    // The digits are the characters 48 and 49.
    bytes[i >> 3]! |= (text.charCodeAt(i) & 1) << (7 - (i & 7))
  }
  return bitCode(text.length, bytes)
}

/** The positions in which two codes of equal length differ: `a # b`. */
export function xorCode(a: BitCode, b: BitCode): BitCode {
  assertEqualLength(a, b)
  return bitCode(
    a.bits,
    a.bytes.map((byte, i) => byte ^ (b.bytes[i] as number)),
  )
}

function assertEqualLength(a: BitCode, b: BitCode): void {
  if (a.bits === b.bits) return
  throw new LshError('LSH02', `code has ${b.bits} bits, the other has ${a.bits}`, {
    hint: 'Compare codes of one hash family only.',
  })
}
