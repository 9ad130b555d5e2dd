import type { BitReader, HuffmanTable } from './jpeg-bits.js'
import type { Refuse } from '../elements/refusal.js'

/** Parameters of a coefficient scan, from its header and earlier segments. */
export interface DctScan {
  readonly reader: BitReader
  /** Codes of the first coefficient of a block, and of the others. */
  readonly dc: HuffmanTable | undefined
  readonly ac: HuffmanTable | undefined
  /** First and last coefficient in zigzag order. */
  readonly from: number
  readonly to: number
  /** Lowest bit from earlier scans; 0 if there were none. */
  readonly high: number
  /** Lowest bit of this scan. */
  readonly low: number
  /** Blocks between two restart markers; 0 if there are none. */
  readonly restartInterval: number
}

/** The coefficients of an image, block by block in zigzag order, as scans fill them. */
export interface Coefficients {
  readonly blocks: Int16Array
  /** For each coefficient, the lowest known bit; -1 before its first scan. */
  readonly known: Int8Array
}

export function noCoefficients(blockCount: number): Coefficients {
  return { blocks: new Int16Array(64 * blockCount), known: new Int8Array(64).fill(-1) }
}

/** Decodes one scan, sequential (whole blocks) or progressive, into the coefficients. */
export function decodeDctScan(
  { blocks, known }: Coefficients,
  scan: DctScan,
  progressive: boolean,
  refuse: Refuse,
): void {
  const { reader, from, to, high, low, restartInterval } = scan
  const whole = from === 0 && to === 63 && high === 0 && low === 0
  const partial = from <= to && to < 64 && (from > 0 || to === 0) && low < 14
  if (!(progressive ? partial : whole)) refuse('is damaged: a scan of its JPEG stream is invalid')
  // Scans must come in this order; otherwise a small stream could repeat scans and keep the decoder
  // busy.
  for (let k = from; k <= to; k++) {
    if (high === 0 ? known[k] !== -1 : known[k] !== high || low !== high - 1)
      refuse('is damaged: the scans of its JPEG stream are not in order')
    known[k] = low
  }
  const missing = () => refuse('is damaged: its JPEG stream lacks a Huffman table')
  const dc = scan.dc ?? (from === 0 && high === 0 ? missing() : nothing)
  const ac = scan.ac ?? (to > 0 ? missing() : nothing)
  /** First coefficient of the previous block. */
  let last = 0
  /** Number of following blocks without coefficients in this scan. */
  let empty = 0

  for (let block = 0; block < blocks.length; block += 64) {
    if (restartInterval > 0 && block > 0 && (block / 64) % restartInterval === 0) {
      reader.restart()
      last = empty = 0
    }
    if (from === 0) first(block)
    if (to > 0) {
      if (high === 0) spectrum(block)
      else refine(block)
    }
  }

  function first(at: number) {
    if (high === 0) {
      last += reader.signed(sizeOf(reader.symbol(dc)))
      blocks[at] = last << low
    } else blocks[at]! |= reader.bits(1) << low
  }

  /** First scan of coefficients. */
  function spectrum(at: number) {
    if (empty > 0) {
      empty--
      return
    }
    for (let k = Math.max(1, from); k <= to; k++) {
      const symbol = reader.symbol(ac)
      const run = symbol >> 4
      const size = symbol & 15
      if (size === 0 && run < 15) {
        empty = endOfBand(run)
        return
      }
      k += run
      if (k > to) refuse('is damaged: a block of its JPEG stream is too long')
      if (size > 0) blocks[at + k] = reader.signed(size) << low
    }
  }

  /** One more bit of nonzero coefficients, and new nonzero ones among the others. */
  function refine(at: number) {
    let k = from
    if (empty === 0)
      while (k <= to) {
        const symbol = reader.symbol(ac)
        let zeros = symbol >> 4
        const size = symbol & 15
        if (size === 0 && zeros < 15) {
          empty = endOfBand(zeros) + 1
          break
        }
        if (size > 1) refuse('is damaged: a refinement in its JPEG stream has over one bit')
        const value = size === 0 ? 0 : reader.bits(1) === 1 ? 1 << low : -1 << low
        for (; k <= to; k++) {
          if (blocks[at + k] !== 0) sharpen(at + k)
          else if (zeros-- === 0) break
        }
        if (value !== 0) {
          if (k > to) refuse('is damaged: a block of its JPEG stream is too long')
          blocks[at + k] = value
        }
        k++
      }
    if (empty > 0) {
      for (; k <= to; k++) if (blocks[at + k] !== 0) sharpen(at + k)
      empty--
    }
  }

  function sharpen(at: number) {
    if (reader.bits(1) === 1) blocks[at]! += (blocks[at] as number) > 0 ? 1 << low : -1 << low
  }

  /** Number of blocks after this one without further coefficients in the scan. */
  function endOfBand(run: number): number {
    if (!progressive && run > 0) refuse('is damaged: a block of its JPEG stream has no end')
    return (1 << run) - 1 + reader.bits(run)
  }

  function sizeOf(symbol: number): number {
    return symbol < 16
      ? symbol
      : refuse('is damaged: a coefficient in its JPEG stream is too large')
  }
}

/** Placeholder for a table that the scan does not use. */
const nothing: HuffmanTable = {
  limits: new Int32Array(17),
  offsets: new Int32Array(17),
  symbols: new Uint8Array(0),
}
