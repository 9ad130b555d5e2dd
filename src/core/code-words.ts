import { LshError } from './errors.js'

/** Codes as words of 32 bits, `width` a row, so that Hamming distances are counted 32 bits at a time. */
export interface CodeWords {
  readonly width: number
  readonly words: Int32Array
}

/** Packs codes of `ceil(bits / 8)` bytes a row; the last word of a row is filled up with zeros. */
export function codeWords(codes: Uint8Array, bits: number): CodeWords {
  const bytes = Math.ceil(bits / 8)
  const rows = codes.length / bytes
  if (!Number.isInteger(rows)) {
    throw new LshError('LSH02', `${codes.length} bytes are not codes of ${bits} bits`, {
      hint: 'Give all codes of one family, one after the other.',
    })
  }
  const width = Math.ceil(bytes / 4)
  const padded = new Uint8Array(rows * width * 4)
  for (let row = 0; row < rows; row++)
    padded.set(codes.subarray(row * bytes, (row + 1) * bytes), row * width * 4)
  return { width, words: new Int32Array(padded.buffer) }
}

/** Number of ones in a word. */
export function onesIn(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555)
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}
