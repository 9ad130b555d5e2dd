import type { Refuse } from '../elements/refusal.js'

/** A Huffman code in the form of JPEG: the symbols in the order of their codes. */
export interface HuffmanTable {
  /** For each code length, the first 16 bits, left-aligned, that belong to longer codes. */
  readonly limits: Int32Array
  /** For each code length, the offset from a code to the index of its symbol. */
  readonly offsets: Int32Array
  readonly symbols: Uint8Array
}

/** A code from the number of symbols of each length, 1 to 16, and the symbols. */
export function huffmanTable(
  counts: Uint8Array,
  symbols: Uint8Array,
  refuse: Refuse,
): HuffmanTable {
  const limits = new Int32Array(17)
  const offsets = new Int32Array(17)
  let code = 0
  let place = 0
  for (let length = 1; length <= 16; length++) {
    const count = counts[length - 1] as number
    offsets[length] = place - code
    code += count
    place += count
    if (code > 1 << length)
      refuse('is damaged: a Huffman table of its JPEG stream has too many codes')
    limits[length] = code << (16 - length)
    code <<= 1
  }
  return { limits, offsets, symbols }
}

/** Reads the bits between two markers. */
export interface BitReader {
  /** Up to 16 bits as an unsigned number. */
  bits(count: number): number
  /** A number of `size` bits; it is negative if its highest bit is 0. */
  signed(size: number): number
  symbol(table: HuffmanTable): number
  /** Continues after the restart marker, which must follow. */
  restart(): void
  /** End of the bytes read so far; the next marker is at or after it. */
  readonly position: number
}

/** Reads the entropy-coded bits of a JPEG stream from a position. */
export function bitReader(stream: Uint8Array, position: number, refuse: Refuse): BitReader {
  let at = position
  /** The lowest `held` bits are unread; the lowest `padded` of those are padding. */
  let buffer = 0
  let held = 0
  let padded = 0

  function fill() {
    while (held <= 16) {
      let byte = stream[at]
      const ended = byte === undefined || (byte === 0xff && stream[at + 1] !== 0)
      if (ended) {
        byte = 0
        padded += 8
      } else at += byte === 0xff ? 2 : 1
      buffer = (buffer << 8) | (byte as number)
      held += 8
    }
  }

  function take(count: number): number {
    held -= count
    if (held < padded) refuse('is cut off: its JPEG stream ends before the image')
    return (buffer >>> held) & ((1 << count) - 1)
  }

  function bits(count: number): number {
    fill()
    return take(count)
  }

  return {
    bits,
    signed(size) {
      if (size === 0) return 0
      const value = bits(size)
      return value < 1 << (size - 1) ? value - (1 << size) + 1 : value
    },
    symbol({ limits, offsets, symbols }) {
      fill()
      const ahead = (buffer >>> (held - 16)) & 0xffff
      let length = 1
      while (length <= 16 && ahead >= (limits[length] as number)) length++
      if (length > 16) refuse('is damaged: its JPEG stream has an unknown code')
      return symbols[take(length) + (offsets[length] as number)] as number
    },
    restart() {
      const code = stream[at + 1] as number
      if (held - padded >= 8 || stream[at] !== 0xff || code < 0xd0 || code > 0xd7)
        refuse('is damaged: its JPEG stream lacks a restart marker')
      at += 2
      buffer = held = padded = 0
    },
    get position() {
      return at
    },
  }
}
