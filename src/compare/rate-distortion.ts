import { EigenvalueDecomposition, Matrix } from 'ml-matrix'
import { random } from '../core/random.js'
import { multiply } from '../hash/multiply.js'
import { distanceMeter, type KeyedRows, type QueryDistances } from './block-distances.js'
import { enter, nearestLists, wouldEnter, type NearestLists } from './nearest-lists.js'

/** A Gaussian model of data: its mean, concatenated principal axes, and the variances along them. */
export interface Gaussian {
  readonly mean: Float32Array
  readonly axes: Float32Array
  readonly variances: Float64Array
}

/** Fits a Gaussian to vectors. */
export function gaussianOf(sample: readonly Float32Array[]): Gaussian {
  const dims = sample[0]!.length
  const mean = new Float64Array(dims)
  for (const vector of sample) vector.forEach((value, d) => (mean[d]! += value / sample.length))
  // Column-major: one dimension of all vectors after the other.
  const columns = new Float32Array(dims * sample.length)
  sample.forEach((vector, row) => {
    vector.forEach((value, d) => (columns[d * sample.length + row] = value - mean[d]!))
  })
  const scatter = multiply(columns, columns, sample.length)
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(
    Matrix.from1DArray(dims, dims, scatter),
    { assumeSymmetric: true },
  )
  return {
    mean: Float32Array.from(mean),
    axes: Float32Array.from(eigenvectorMatrix.transpose().to1DArray()),
    variances: Float64Array.from(realEigenvalues, (sum) => Math.max(0, sum / sample.length)),
  }
}

/**
 * Distortion along each axis if a Gaussian is described in so many bits, by reverse water-filling: the distortion is
 * equal on all axes whose variance exceeds it (Cover and Thomas, Elements of Information Theory, 10.3.3).
 */
export function distortions(variances: Float64Array, bits: number): Float64Array {
  let [low, high] = [-1000, Math.log2(Math.max(...variances, Number.MIN_VALUE))]
  for (let step = 0; step < 200; step++) {
    const level = (low + high) / 2
    let rate = 0
    for (const variance of variances)
      if (variance > 0) rate += Math.max(0, (Math.log2(variance) - level) / 2)
    if (rate > bits) low = level
    else high = level
  }
  return variances.map((variance) => Math.min(variance, 2 ** high))
}

/**
 * Ranks rows by the information that an optimal code of each length would keep if the data were Gaussian: rows pass
 * through the test channel with that distortion, and are ranked by their distance to the exact query.
 */
export function idealFinder(
  queries: KeyedRows,
  gaussian: Gaussian,
  { k, bits, seed }: { k: number; bits: readonly number[]; seed: number },
) {
  const { mean, axes, variances } = gaussian
  const dims = mean.length
  const source = random(seed)
  const turn = (vectors: Float32Array) =>
    multiply(
      vectors.map((value, i) => value - mean[i % dims]!),
      axes,
      dims,
    )
  const meter = distanceMeter(queries)
  const turned = { ...queries, vectors: turn(queries.vectors) }
  const ideal = distanceMeter(turned)
  const found = bits.map((length) => ({
    bits: length,
    lists: nearestLists(queries.items.length, k),
    channel: channelOf(variances, distortions(variances, length)),
  }))

  const visit = (block: KeyedRows): void => {
    const exactOf = meter(block)
    const vectors = turn(block.vectors)
    for (const { lists, channel } of found) {
      const noisy = vectors.map((value, i) => {
        const { keep, noise } = channel[i % dims]!
        return keep * value + noise * source.normal()
      })
      const rankOf = ideal({ ...block, vectors: noisy })
      queries.items.forEach((_, query) => {
        addNearest(lists, queries, query, block, { rank: rankOf(query), exact: exactOf(query) })
      })
    }
  }
  return { visit, found }
}

function addNearest(
  lists: NearestLists,
  queries: KeyedRows,
  query: number,
  block: KeyedRows,
  by: { rank: QueryDistances; exact: QueryDistances },
): void {
  const last = (query + 1) * lists.k - 1
  block.items.forEach((key, row) => {
    if (key === queries.items[query] || block.patients[row] === queries.patients[query]) return
    if (by.rank.least[row]! > lists.ranks[last]! ** 2) return
    const rank = by.rank.exact(row)
    if (wouldEnter(lists, query, rank, key))
      enter(lists, query, { rank, key, distance: by.exact.exact(row) })
  })
}

/** The test channel of a Gaussian: the factor of a value along each axis, and the noise that is added. */
function channelOf(
  variances: Float64Array,
  distortion: Float64Array,
): { keep: number; noise: number }[] {
  return Array.from(variances, (variance, d) => {
    const keep = variance > 0 ? 1 - distortion[d]! / variance : 0
    return { keep, noise: Math.sqrt(distortion[d]! * keep) }
  })
}
