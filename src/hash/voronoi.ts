import { random, permutation } from '../core/random.js'
import { endToEnd } from '../core/vector.js'
import { centresOf, nearestCentres } from './centres.js'
import type { BucketCells } from './family.js'

export interface CellOptions {
  /** Cells wanted; approximate, because each group gets its share, and at least one. */
  cells: number
  /** Same seed, same centres. */
  seed: number
  dims: number
}

/** Rounds of k-means; further rounds move the centres little. */
const ROUNDS = 5
/** Rows per group for learning; more take longer and learn no better. */
const PER_GROUP = 256

/**
 * Learns buckets: k-means of a sample into about √cells groups, then into cells within each group, so that finding a
 * cell takes about √cells distances instead of all.
 *
 * @param sample vectors less the center of the family, concatenated, in random order
 */
export function learnCells(
  sample: Float32Array,
  options: CellOptions,
): Omit<BucketCells, 'images'> {
  const { seed, dims } = options
  const rows = sample.length / dims
  const wanted = Math.min(options.cells, rows)
  const count = Math.max(1, Math.round(Math.sqrt(wanted)))
  const learned = kMeans(sample.subarray(0, count * PER_GROUP * dims), count, options)
  const groups = assigned(learned.centres, sample, dims)
  const members = membersOf(sample, groups, dims)
  const cells = members.map((inside, group) => {
    const count = Math.max(1, Math.round((wanted * inside.length) / sample.length))
    return kMeans(inside, count, { ...options, seed: seed + 1 + group }).centres
  })
  return {
    kind: 'voronoi',
    weight: endToEnd(cells),
    parent: Int32Array.from(
      cells.flatMap((inside, group) => new Array<number>(inside.length / dims).fill(group)),
    ),
    groups: endToEnd(
      members.map((_, group) => {
        const number = groups.filled[group]!
        return groups.centres.subarray(number * dims, (number + 1) * dims)
      }),
    ),
  }
}

interface Clustered {
  /** Concatenated. */
  readonly centres: Float32Array
  /** Nearest centre of each row. */
  readonly nearest: Int32Array
  /** Centres with at least one row. */
  readonly filled: readonly number[]
}

/** Lloyd's k-means, started from rows that the seed picks. A centre without rows does not move. */
function kMeans(rows: Float32Array, count: number, options: CellOptions): Clustered {
  const { seed, dims } = options
  const total = rows.length / dims
  const order = permutation(total, random(seed)).subarray(0, Math.min(count, total))
  const centres = new Float32Array(order.length * dims)
  order.forEach((row, i) => centres.set(rows.subarray(row * dims, (row + 1) * dims), i * dims))
  let nearest: Int32Array = new Int32Array(total)
  for (let round = 0; round < ROUNDS; round++) {
    nearest = nearestCentres(rows, centresOf(centres, dims), 1).numbers
    moveToMeans(centres, rows, nearest, dims)
  }
  return clustered(centres, nearest)
}

/** Assigns rows to centres that other rows were used to learn. */
function assigned(centres: Float32Array, rows: Float32Array, dims: number): Clustered {
  return clustered(centres, nearestCentres(rows, centresOf(centres, dims), 1).numbers)
}

function clustered(centres: Float32Array, nearest: Int32Array): Clustered {
  return { centres, nearest, filled: [...new Set(nearest)].sort((a, b) => a - b) }
}

function moveToMeans(
  centres: Float32Array,
  rows: Float32Array,
  nearest: Int32Array,
  dims: number,
): void {
  const sums = new Float64Array(centres.length)
  const sizes = new Int32Array(centres.length / dims)
  for (let row = 0, at = 0; row < nearest.length; row++) {
    const centre = nearest[row]!
    sizes[centre]!++
    for (let to = centre * dims, end = to + dims; to < end; to++, at++) sums[to]! += rows[at]!
  }
  for (let centre = 0, at = 0; centre < sizes.length; centre++) {
    const size = sizes[centre]!
    for (const end = (centre + 1) * dims; at < end; at++)
      if (size > 0) centres[at] = sums[at]! / size
  }
}

/** For each centre with rows, these rows, concatenated. */
function membersOf(rows: Float32Array, { nearest, filled }: Clustered, dims: number) {
  const places = new Map(filled.map((centre, place) => [centre, place]))
  const sizes = filled.map(() => 0)
  for (const centre of nearest) sizes[places.get(centre)!]!++
  const members = sizes.map((size) => new Float32Array(size * dims))
  const ends = sizes.map(() => 0)
  nearest.forEach((centre, row) => {
    const place = places.get(centre)!
    members[place]!.set(rows.subarray(row * dims, (row + 1) * dims), ends[place])
    ends[place]! += dims
  })
  return members
}
