import { Matrix } from 'ml-matrix'
import { classDiscriminants, mapsSideBySide } from '../core/discriminants.js'
import { LshError } from '../core/errors.js'
import type { CodeDirections } from './code-directions.js'
import { learnItq } from './itq.js'
import { multiply } from './multiply.js'
import type { Agreement } from './train-agreement.js'
import type { Learned } from './train-rank.js'
import { rowsOf, type TrainingSet } from './train-set.js'

export interface DiscriminantsOptions {
  bits: number
  /** Spread of the discriminants relative to that of the vectors to which they are added. (Default: 0.6) */
  stretch?: number
  onProgress?: (share: number) => void
  signal?: AbortSignal
}

/** Share of the scatter within classes that is assumed to be equal in all directions. */
const SHRINKAGE = 0.1
/** Most dimensions: decomposing a matrix takes the cube of its size. */
const MOST_DIMS = 1024
/** `cos(u - π/2)` has the sign of u up to π; the farthest row is scaled to half of that. */
const FARTHEST = Math.PI / 2

/**
 * Learns hyperplanes from classes. It adds Fisher's discriminants to the vectors, which stretches the vectors along
 * them, and rotates the result by iterative quantisation. If there are more bits than dimensions, it repeats the
 * rotation from other starts.
 *
 * @throws LshError `bad_usage` without classes, or for more than 1024 dimensions
 */
export function trainDiscriminants(
  set: TrainingSet,
  agreement: Agreement,
  options: DiscriminantsOptions,
): Learned {
  const { bits, stretch = 0.6, onProgress, signal } = options
  const { labels, dims, values, learned } = set
  if (!labels)
    throw new LshError('bad_usage', 'method "discriminants" learns from classes', {
      hint: 'Give --labels for a space whose items have classes, or use method "rank".',
    })
  if (dims > MOST_DIMS)
    throw new LshError(
      'bad_usage',
      `method "discriminants" takes ${MOST_DIMS} dimensions, not ${dims}`,
      {
        hint: 'Use method "particles".',
      },
    )
  const fit = (rows: Int32Array) => {
    signal?.throwIfAborted()
    const own = Int32Array.from(rows, (row) => labels[row]!)
    return directionsOf(rowsOf(values, dims, rows), own, { dims, bits, stretch, seed: set.seed })
  }
  // The figure is measured without the held-out rows; the family that is kept learns from all rows.
  const held = agreement(fit(learned))
  onProgress?.(0.5)
  const code = fit(Int32Array.from({ length: set.rows }, (_, row) => row))
  onProgress?.(1)
  return { code, steps: 1, kept: 1, agreement: held, details: { stretch } }
}

function directionsOf(
  values: Float32Array,
  labels: Int32Array,
  { dims, bits, stretch, seed }: { dims: number; bits: number; stretch: number; seed: number },
): CodeDirections {
  const count = values.length / dims
  const rows = Matrix.from1DArray(count, dims, Array.from(values))
  const discriminants = classDiscriminants(rows, labels, SHRINKAGE)
  const map = mapsSideBySide(rows, [
    { map: Matrix.eye(dims), weight: 1 },
    ...(discriminants ? [{ map: discriminants, weight: stretch }] : []),
  ])
  const stretched = rows
    .mmul(map)
    .to2DArray()
    .map((row) => Float32Array.from(row))
  const back = Float32Array.from(map.to1DArray())
  const weight = new Float32Array(bits * dims)
  for (let from = 0, turn = 0; from < bits; from += dims, turn++) {
    const { weight: turned } = learnItq(stretched, Math.min(dims, bits - from), seed + turn)
    weight.set(multiply(turned, back, map.columns), from * dims)
  }
  const farthest = multiply(values, weight, dims).reduce((far, u) => Math.max(far, Math.abs(u)), 0)
  return {
    weight: weight.map((value) => (value * FARTHEST) / farthest),
    phase: new Float64Array(bits).fill(-Math.PI / 2),
    threshold: new Float64Array(bits),
  }
}
