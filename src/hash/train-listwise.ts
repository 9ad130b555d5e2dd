import { multiply } from './multiply.js'
import { transposed } from './train-axes.js'

/** A batch of vectors, some of them queries, with the rows that each query must find. */
export interface ListBatch {
  readonly dims: number
  /** Concatenated. */
  readonly values: Float32Array
  /** Rows that are queries. */
  readonly queries: Int32Array
  /** For each query and row: 1 if the query must find the row, 0 if not, -1 if the row is ignored. */
  readonly wanted: Int8Array
}

export interface ListwiseOptions {
  /** How sharply a soft bit `tanh(steepness cos(<w, x> + b))` goes from -1 to 1. (Default: 3) */
  steepness?: number
  /** The score of a list is multiplied by this and the square root of the bits. (Default: 3) */
  sharpness?: number
}

/** Loss of directions on a batch, and its gradient. */
export interface ListwiseLoss {
  readonly loss: number
  readonly weight: Float32Array
  readonly phase: Float64Array
}

/**
 * Listwise loss (ListNet; Cao et al., ICML 2007) of cosine codes. The score of a row is the inner product of its soft
 * bits and those of the query, `softmax` turns scores into shares, and the loss is the mean of `-log` of the shares of
 * the rows to be found.
 */
export function listwiseLoss(
  weight: Float32Array,
  phase: Float64Array,
  batch: ListBatch,
  { steepness = 3, sharpness = 3 }: ListwiseOptions = {},
): ListwiseLoss {
  const { dims, values, queries } = batch
  const [bits, rows] = [phase.length, values.length / dims]
  const products = multiply(values, weight, dims)
  const soft = new Float32Array(rows * bits)
  const slope = new Float32Array(rows * bits)
  for (let at = 0; at < soft.length; at++) {
    const angle = products[at]! + phase[at % bits]!
    const value = Math.tanh(steepness * Math.cos(angle))
    soft[at] = value
    slope[at] = -steepness * (1 - value * value) * Math.sin(angle)
  }
  const asking = new Float32Array(queries.length * bits)
  queries.forEach((row, i) => asking.set(soft.subarray(row * bits, (row + 1) * bits), i * bits))
  const factor = sharpness / Math.sqrt(bits)
  const { loss, change } = shares(multiply(asking, soft, bits), batch, factor)

  // The score of a pair depends on the bits of the row and on those of the query.
  const back = multiply(transposed(change, rows), transposed(asking, bits), queries.length)
  const own = multiply(change, transposed(soft, bits), rows)
  queries.forEach((row, i) => {
    for (let bit = 0; bit < bits; bit++) back[row * bits + bit]! += own[i * bits + bit]!
  })
  const byPhase = new Float64Array(bits)
  for (let at = 0; at < back.length; at++) {
    back[at]! *= slope[at]!
    byPhase[at % bits]! += back[at]!
  }
  const byWeight = multiply(transposed(back, bits), transposed(values, dims), rows)
  return { loss, weight: byWeight, phase: byPhase }
}

/** The loss, and its derivative by each score. */
function shares(
  scores: Float32Array,
  { queries, wanted }: ListBatch,
  factor: number,
): { loss: number; change: Float32Array } {
  const rows = scores.length / queries.length
  const change = new Float32Array(scores.length)
  let loss = 0
  for (let query = 0; query < queries.length; query++) {
    const [from, to] = [query * rows, (query + 1) * rows]
    let [most, hits, sum] = [-Infinity, 0, 0]
    for (let at = from; at < to; at++) {
      if (wanted[at]! < 0) continue
      most = Math.max(most, factor * scores[at]!)
      hits += wanted[at]!
    }
    for (let at = from; at < to; at++)
      if (wanted[at]! >= 0) sum += Math.exp(factor * scores[at]! - most)
    for (let at = from; at < to; at++) {
      if (wanted[at]! < 0 || hits === 0) continue
      const share = Math.exp(factor * scores[at]! - most) / sum
      const target = wanted[at]! / hits
      change[at] = (factor * (share - target)) / queries.length
      if (target > 0) loss -= (target * Math.log(share)) / queries.length
    }
  }
  return { loss, change }
}
