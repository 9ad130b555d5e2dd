import { permutation, random } from '../core/random.js'
import { vectorDistance } from '../core/vector.js'
import { kindNamed } from '../hash/kinds.js'
import { codeWords, onesIn } from '../core/code-words.js'
import type { MeasuredFamily } from './measured-family.js'

/** A cell of the scatter plot of pairs of slices: their distance against the share of differing bits. */
export interface HammingCell {
  /** Centre of the cell along both axes, and the number of its pairs. */
  readonly distance: number
  readonly hamming: number
  readonly pairs: number
}

/**
 * Mean share of differing bits of pairs at similar distances, and its expectation from the kernel for the same pairs.
 */
export interface HammingMean {
  readonly distance: number
  readonly pairs: number
  readonly measured: number
  /** Null for kinds without a closed form. */
  readonly expected: number | null
}

/** Normalised Hamming distance against Euclidean distance. */
export interface HammingCurve {
  readonly kind: string
  readonly bits: number
  readonly bandwidth: number | null
  /** Name of the bandwidth setting. */
  readonly setting: 'calibrated' | 'gamma-1'
  readonly pairs: number
  readonly farthest: number
  readonly cells: readonly HammingCell[]
  readonly means: readonly HammingMean[]
}

/** Pairs of rows of a sample, with their distances. */
export interface SamplePairs {
  readonly left: Int32Array
  readonly right: Int32Array
  readonly distances: Float64Array
}

/** Per anchor, the nearest rows, which cover the steep part of the curve, and as many random rows. */
const NEAREST = 60
const ANCHORS = 300

/** Chooses near pairs and random pairs of a sample, by a seed. */
export function choosePairs(sample: readonly Float32Array[], seed: number): SamplePairs {
  const source = random(seed)
  const anchors = permutation(sample.length, source).subarray(0, ANCHORS)
  const chosen: [number, number, number][] = []
  for (const anchor of anchors) {
    const far = Float64Array.from(sample, (row) => vectorDistance(row, sample[anchor]!))
    const order = Array.from(far.keys())
      .filter((row) => row !== anchor)
      .sort((a, b) => far[a]! - far[b]! || a - b)
    const any = permutation(order.length, source).subarray(0, NEAREST)
    const rows = new Set([...order.slice(0, NEAREST), ...Array.from(any, (i) => order[i]!)])
    for (const row of rows) chosen.push([anchor, row, far[row]!])
  }
  return {
    left: Int32Array.from(chosen, ([left]) => left),
    right: Int32Array.from(chosen, ([, right]) => right),
    distances: Float64Array.from(chosen, ([, , distance]) => distance),
  }
}

const COLUMNS = 60
const ROWS = 50
/** Least number of pairs for a mean. */
const FEWEST = 30

/** Measures the codes of pairs at one length; `sample` is concatenated. */
export function hammingCurve(
  { kind, family, encode }: MeasuredFamily,
  sample: Float32Array,
  pairs: SamplePairs,
  options: { bits: number; setting?: HammingCurve['setting'] },
): HammingCurve {
  const { bits, setting = 'calibrated' } = options
  const { width, words } = codeWords(encode(sample).codes, family.bits)
  const end = Math.ceil(bits / 32)
  const shares = Float64Array.from(pairs.left, (left, i) => {
    let differing = 0
    for (let w = 0; w < end; w++)
      differing += onesIn(words[left * width + w]! ^ words[pairs.right[i]! * width + w]!)
    return differing / bits
  })
  const { distances } = pairs
  const farthest = distances.reduce((most, distance) => Math.max(most, distance), 0)
  const expected = (distance: number) => expectedShare(kind, family.bandwidth, distance)
  return {
    kind,
    bits,
    bandwidth: family.bandwidth,
    setting,
    pairs: distances.length,
    farthest,
    cells: cellsOf(distances, shares, farthest),
    means: meansOf(distances, shares, farthest, expected),
  }
}

/** Deviation of the measured means from the expectation of the kernel: mean over the pairs, and largest value. */
export interface HammingDeviation {
  readonly mean: number
  readonly worst: number
}

/** Null for kinds without a closed form. */
export function hammingDeviation({ means }: HammingCurve): HammingDeviation | null {
  const known = means.flatMap(({ pairs, measured, expected }) =>
    expected === null ? [] : [{ pairs, gap: Math.abs(measured - expected) }],
  )
  if (known.length === 0) return null
  const pairs = known.reduce((sum, one) => sum + one.pairs, 0)
  return {
    mean: known.reduce((sum, one) => sum + one.pairs * one.gap, 0) / pairs,
    worst: Math.max(...known.map(({ gap }) => gap)),
  }
}

/** The expected share of differing bits; null for kinds without a closed form. */
export function expectedShare(
  kind: string,
  bandwidth: number | null,
  distance: number,
): number | null {
  if (bandwidth === null) return null
  return kindNamed(kind)?.expected?.(bandwidth, distance) ?? null
}

function cellsOf(distances: Float64Array, shares: Float64Array, farthest: number): HammingCell[] {
  const highest = shares.reduce((most, share) => Math.max(most, share), 0)
  const counts = new Int32Array(COLUMNS * ROWS)
  distances.forEach((distance, i) => {
    counts[binOf(distance, farthest, COLUMNS) * ROWS + binOf(shares[i]!, highest, ROWS)]!++
  })
  return Array.from(counts, (pairs, at) => ({
    distance: ((Math.floor(at / ROWS) + 0.5) * farthest) / COLUMNS,
    hamming: (((at % ROWS) + 0.5) * highest) / ROWS,
    pairs,
  })).filter(({ pairs }) => pairs > 0)
}

function meansOf(
  distances: Float64Array,
  shares: Float64Array,
  farthest: number,
  expected: (distance: number) => number | null,
): HammingMean[] {
  const bins = Array.from({ length: COLUMNS / 2 }, () => ({
    pairs: 0,
    distance: 0,
    measured: 0,
    expected: 0,
  }))
  distances.forEach((distance, i) => {
    const bin = bins[binOf(distance, farthest, COLUMNS / 2)]!
    bin.pairs++
    bin.distance += distance
    bin.measured += shares[i]!
    // Summed per pair, because the curve is not linear within a bin.
    bin.expected += expected(distance) ?? NaN
  })
  return bins
    .filter(({ pairs }) => pairs >= FEWEST)
    .map((bin) => ({
      pairs: bin.pairs,
      distance: bin.distance / bin.pairs,
      measured: bin.measured / bin.pairs,
      expected: Number.isNaN(bin.expected) ? null : bin.expected / bin.pairs,
    }))
}

function binOf(value: number, highest: number, bins: number): number {
  return highest > 0 ? Math.min(bins - 1, Math.floor((value / highest) * bins)) : 0
}
