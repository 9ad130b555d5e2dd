import { quantile } from '../hash/median.js'
import { codeWords, onesIn } from '../core/code-words.js'
import type { MeasuredFamily } from './measured-family.js'

/** A bar of a histogram: from, to, and how many values lie there. */
export interface Bar {
  readonly from: number
  readonly to: number
  readonly count: number
}

/** Whether the bits of a family say as much as they could: each for half of the slices, and none what others say. */
export interface CodeHealth {
  readonly kind: string
  readonly bits: number
  readonly rows: number
  /** Share of slices for which a bit is 1; a bar for each range of shares, counting bits. */
  readonly balance: readonly Bar[]
  /** Pearson correlation of two bits over the slices; counting pairs of bits. */
  readonly correlation: readonly Bar[]
  readonly meanAbsoluteCorrelation: number
  /** Bits that are the same for all slices: they say nothing. */
  readonly constantBits: number
}

const BARS = 40

/** Measures the first bits of a family on a sample that stands end to end. */
export function codeHealth(
  { kind, family, encode }: MeasuredFamily,
  sample: Float32Array,
  bits: number,
): CodeHealth {
  const { width, words } = codeWords(encode(sample).codes, family.bits)
  const rows = words.length / width
  const columns = bitColumns(words, width, bits)
  const ones = columns.map(countOnes)
  const correlations: number[] = []
  for (let i = 0; i < bits; i++) {
    for (let j = i + 1; j < bits; j++) {
      const value = correlation(columns[i]!, columns[j]!, [ones[i]!, ones[j]!, rows])
      if (!Number.isNaN(value)) correlations.push(value)
    }
  }
  return {
    kind,
    bits,
    rows,
    balance: histogram(
      ones.map((count) => count / rows),
      0,
      1,
    ),
    correlation: histogram(correlations, -1, 1),
    meanAbsoluteCorrelation:
      correlations.reduce((sum, value) => sum + Math.abs(value), 0) / correlations.length,
    constantBits: ones.filter((count) => count === 0 || count === rows).length,
  }
}

/** How many slices share a bucket. */
export interface BucketSizes {
  /** How buckets are made. */
  readonly buckets: string
  readonly count: number
  readonly rows: number
  readonly empty: number
  /** Of the buckets that hold any. */
  readonly median: number
  readonly largest: number
  /** Slices in the bucket of a slice, on average: what a search reads of its own bucket. */
  readonly met: number
  /** Sizes of the buckets, the largest first: how many buckets have at least so many slices. */
  readonly sizes: readonly number[]
}

/** Sums up the sizes of buckets. */
export function bucketSizes(buckets: string, counts: Int32Array): BucketSizes {
  const sizes = Array.from(counts)
    .filter((size) => size > 0)
    .sort((a, b) => b - a)
  const rows = sizes.reduce((sum, size) => sum + size, 0)
  return {
    buckets,
    count: counts.length,
    rows,
    empty: counts.length - sizes.length,
    median: sizes.length > 0 ? quantile(Float64Array.from(sizes), 0.5) : 0,
    largest: sizes[0] ?? 0,
    met: rows > 0 ? sizes.reduce((sum, size) => sum + size * size, 0) / rows : 0,
    sizes,
  }
}

/** Values by bars of equal width; those beyond the ends count to the last ones. */
export function histogram(values: readonly number[], low: number, high: number): Bar[] {
  const counts = new Int32Array(BARS)
  for (const value of values) {
    const bar = Math.floor(((value - low) / (high - low)) * BARS)
    counts[Math.min(BARS - 1, Math.max(0, bar))]!++
  }
  const edge = (bar: number) => low + ((high - low) * bar) / BARS
  return Array.from(counts, (count, bar) => ({ from: edge(bar), to: edge(bar + 1), count }))
}

/** One bit of all rows, 32 rows a word: so that pairs of bits are counted as quickly as pairs of codes. */
function bitColumns(words: Int32Array, width: number, bits: number): Int32Array[] {
  const rows = words.length / width
  const bytes = new Uint8Array(words.buffer)
  return Array.from({ length: bits }, (_, bit) => {
    const column = new Int32Array(Math.ceil(rows / 32))
    const [byte, mask] = [bit >> 3, 0x80 >> (bit & 7)]
    for (let row = 0; row < rows; row++) {
      if (bytes[row * width * 4 + byte]! & mask) column[row >> 5]! |= 1 << (row & 31)
    }
    return column
  })
}

function countOnes(column: Int32Array): number {
  return column.reduce((sum, word) => sum + onesIn(word), 0)
}

/** Correlation of two bits that are 1 in so many of the rows; NaN where one of them is constant. */
function correlation(
  a: Int32Array,
  b: Int32Array,
  [onesA, onesB, rows]: readonly [number, number, number],
): number {
  let both = 0
  for (let w = 0; w < a.length; w++) both += onesIn(a[w]! & b[w]!)
  const variance = onesA * (rows - onesA) * onesB * (rows - onesB)
  return variance === 0 ? NaN : (rows * both - onesA * onesB) / Math.sqrt(variance)
}
