import { quantile } from '../hash/median.js'
import { codeWords, onesIn } from '../core/code-words.js'
import type { MeasuredFamily } from './measured-family.js'

/** A bar of a histogram: its limits and its number of values. */
export interface Bar {
  readonly from: number
  readonly to: number
  readonly count: number
}

/** Information in the bits of a family: ideally, each bit is 1 for half of the slices and independent of the others. */
export interface CodeHealth {
  readonly kind: string
  readonly bits: number
  readonly rows: number
  /** Histogram of the bits by the share of slices for which they are 1. */
  readonly balance: readonly Bar[]
  /** Histogram of pairs of bits by their Pearson correlation over the slices. */
  readonly correlation: readonly Bar[]
  readonly meanAbsoluteCorrelation: number
  /** Number of bits that are equal for all slices and therefore carry no information. */
  readonly constantBits: number
}

const BARS = 40

/** Measures the first bits of a family on a sample of concatenated vectors. */
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

/** Distribution of slices over buckets. */
export interface BucketSizes {
  /** The kind of buckets. */
  readonly buckets: string
  readonly count: number
  readonly rows: number
  readonly empty: number
  /** Median size of the buckets that are not empty. */
  readonly median: number
  readonly largest: number
  /** Mean size of the bucket of a slice: what a search reads of its own bucket. */
  readonly met: number
  /** Sizes of the buckets, largest first. */
  readonly sizes: readonly number[]
}

/** Summarises the sizes of buckets. */
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

/** Histogram with bars of equal width; values beyond the ends count in the outermost bars. */
export function histogram(values: readonly number[], low: number, high: number): Bar[] {
  const counts = new Int32Array(BARS)
  for (const value of values) {
    const bar = Math.floor(((value - low) / (high - low)) * BARS)
    counts[Math.min(BARS - 1, Math.max(0, bar))]!++
  }
  const edge = (bar: number) => low + ((high - low) * bar) / BARS
  return Array.from(counts, (count, bar) => ({ from: edge(bar), to: edge(bar + 1), count }))
}

/** One bit of all rows, 32 rows per word, so that pairs of bits can be counted as fast as pairs of codes. */
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

/** Correlation of two bits, from the numbers of rows in which they are 1; NaN if one of them is constant. */
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
