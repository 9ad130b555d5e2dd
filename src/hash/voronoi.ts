import { random, permutation } from '../core/random.js'
import type { BucketCells } from './family.js'

export interface CellOptions {
  /** Cells wanted. (About so many are made: each group has its share, at least one.) */
  cells: number
  /** Same seed, same centres. */
  seed: number
}

/** Rounds of k-means; more move the centres little. */
const ROUNDS = 8

/**
 * Learned buckets: k-means of a sample into about √cells groups, then into cells within each, so that
 * finding a cell takes √cells distances, not all.
 *
 * @param sample vectors less the center of the family
 */
export function learnCells(sample: readonly Float32Array[], options: CellOptions): BucketCells {
  const { seed } = options
  const dims = sample[0]?.length ?? 0
  const wanted = Math.min(options.cells, sample.length)
  const groups = kMeans(sample, Math.max(1, Math.round(Math.sqrt(wanted))), seed)
  const members = groups.centres.map((): Float32Array[] => [])
  sample.forEach((vector, i) => members[groups.nearest[i]!]!.push(vector))
  const filled = groups.centres.filter((_, group) => members[group]!.length > 0)
  const cells = members
    .filter((inside) => inside.length > 0)
    .map(
      (inside, group) =>
        kMeans(
          inside,
          Math.max(1, Math.round((wanted * inside.length) / sample.length)),
          seed + 1 + group,
        ).centres,
    )
  return {
    kind: 'voronoi',
    weight: together(cells.flat(), dims),
    parent: Int32Array.from(cells.flatMap((inside, group) => inside.map(() => group))),
    groups: together(filled, dims),
  }
}

/** Lloyd's k-means, started from rows that the seed picks. A centre that nothing is near stays where it is. */
function kMeans(rows: readonly Float32Array[], count: number, seed: number) {
  const dims = rows[0]?.length ?? 0
  const order = permutation(rows.length, random(seed))
  let centres = Array.from(order.subarray(0, Math.min(count, rows.length)), (i) => rows[i]!)
  let nearest = new Int32Array(rows.length)
  for (let round = 0; round < ROUNDS; round++) {
    const flat = together(centres, dims)
    const halves = centres.map((centre) => centre.reduce((sum, v) => sum + v * v, 0) / 2)
    nearest = Int32Array.from(rows, (row) => nearestOf(flat, halves, row))
    centres = means(rows, nearest, centres)
  }
  return { centres, nearest }
}

/** Number of the nearest centre, by half its squared length less the inner product. */
function nearestOf(centres: Float32Array, halves: readonly number[], row: Float32Array): number {
  const dims = row.length
  let best = 0
  let least = Infinity
  for (let c = 0; c < halves.length; c++) {
    const at = c * dims
    let [s0, s1, s2, s3] = [0, 0, 0, 0]
    let d = 0
    for (; d + 4 <= dims; d += 4) {
      s0 += centres[at + d]! * row[d]!
      s1 += centres[at + d + 1]! * row[d + 1]!
      s2 += centres[at + d + 2]! * row[d + 2]!
      s3 += centres[at + d + 3]! * row[d + 3]!
    }
    for (; d < dims; d++) s0 += centres[at + d]! * row[d]!
    const distance = halves[c]! - (s0 + s1 + s2 + s3)
    if (distance < least) {
      least = distance
      best = c
    }
  }
  return best
}

function means(
  rows: readonly Float32Array[],
  nearest: Int32Array,
  before: readonly Float32Array[],
): Float32Array[] {
  const sums = before.map((centre) => new Float64Array(centre.length))
  const sizes = new Int32Array(before.length)
  rows.forEach((row, i) => {
    const sum = sums[nearest[i]!]!
    sizes[nearest[i]!]!++
    for (let d = 0; d < row.length; d++) sum[d]! += row[d]!
  })
  return before.map((centre, c) =>
    sizes[c] === 0 ? centre : Float32Array.from(sums[c]!, (sum) => sum / sizes[c]!),
  )
}

function together(vectors: readonly Float32Array[], dims: number): Float32Array {
  const all = new Float32Array(vectors.length * dims)
  vectors.forEach((vector, i) => all.set(vector, i * dims))
  return all
}
