import { endToEnd } from '../core/vector.js'
import { fitFamily } from '../hash/fit.js'
import { trainFamily } from '../hash/train-family.js'
import { expectedCosineHamming, gaussianKernel } from '../hash/expected-hamming.js'
import type { Bar } from './code-health.js'
import { choosePairs, hammingCurve } from './hamming-curve.js'
import { measuredAsItIs } from './measured-family.js'

/** A kernel before and after training, with the Hamming curves of its codes. */
export interface TrainedKernel {
  readonly method: string
  readonly bits: number
  /** gamma of the calibrated kernel. */
  readonly bandwidth: number
  /** Histogram of the directions after training by bandwidth, relative to the calibrated one. */
  readonly measure: readonly Bar[]
  /** Both kernels, with the share of differing bits that each predicts. */
  readonly kernels: readonly {
    readonly distance: number
    readonly before: number
    readonly after: number
    readonly hamming_before: number
    readonly hamming_after: number
  }[]
  /** Mean measured share of differing bits of pairs at similar distances. */
  readonly means: readonly {
    readonly trained: boolean
    readonly distance: number
    readonly pairs: number
    readonly measured: number
  }[]
  /** Number of held-out rows, and the share of their ten nearest that codes found before and after training. */
  readonly held_out: number
  readonly untrained: number
  readonly trained: number
}

/** Bars of the histogram. */
const BARS = 24
const POINTS = 60

/**
 * Trains the Schönberg measure of a space on a sample and measures the change; null if there are too few rows or all
 * are equal.
 */
export function measureTraining(
  sample: readonly Float32Array[],
  { bits, seed }: { bits: number; seed: number },
): TrainedKernel | null {
  if (sample.length < LEAST) return null
  const kind = 'cosine'
  const before = fitFamily(sample, { name: 'before', kind, bits, seed, bucketBits: 0 })
  const bandwidth = before.bandwidth ?? 1
  const { family: after, figures } = trainFamily(sample, {
    name: 'after',
    method: 'schoenberg',
    kind,
    bits,
    seed,
    bucketBits: 0,
  })
  const learned = bandwidthsOf(after.code.weight, bits)
  const vectors = endToEnd(sample)
  const pairs = choosePairs(sample, seed)
  const curves = [before, after].map((family) =>
    hammingCurve(measuredAsItIs(family), vectors, pairs, { bits }),
  )
  const farthest = curves[0]?.farthest ?? 0
  const mean = (of: (bandwidth: number) => number) =>
    learned.reduce((sum, one) => sum + of(one), 0) / bits
  return {
    method: figures.method,
    bits,
    bandwidth,
    measure: barsOf(learned.map((one) => one / bandwidth)),
    kernels: Array.from({ length: POINTS + 1 }, (_, i) => {
      const distance = (i / POINTS) * farthest
      return {
        distance,
        before: gaussianKernel(bandwidth, distance),
        after: mean((one) => gaussianKernel(one, distance)),
        hamming_before: expectedCosineHamming(bandwidth, distance),
        hamming_after: mean((one) => expectedCosineHamming(one, distance)),
      }
    }),
    means: curves.flatMap(({ means }, i) =>
      means.map(({ distance, pairs, measured }) => ({
        trained: i === 1,
        distance,
        pairs,
        measured,
      })),
    ),
    held_out: figures.held_out,
    untrained: figures.untrained,
    trained: figures.trained,
  }
}

/** Least number of rows that leaves enough to hold out. */
const LEAST = 200

/** `|w|² / dims` of each direction: the bandwidth of the Gaussian kernel that would draw it. */
function bandwidthsOf(weight: Float32Array, bits: number): number[] {
  const dims = weight.length / bits
  return Array.from({ length: bits }, (_, bit) => {
    const own = weight.subarray(bit * dims, (bit + 1) * dims)
    return own.reduce((sum, value) => sum + value * value, 0) / dims
  })
}

function barsOf(values: readonly number[]): Bar[] {
  const most = Math.max(...values, 1) * 1.001
  const counts = new Int32Array(BARS)
  for (const value of values) counts[Math.floor((value / most) * BARS)]!++
  return Array.from(counts, (count, i) => ({
    from: (i * most) / BARS,
    to: ((i + 1) * most) / BARS,
    count,
  }))
}
