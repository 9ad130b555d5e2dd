import quickselect from 'quickselect'
import type { BucketCells } from './family.js'

/** Groups whose cells are looked through for the nearest: a nearer cell is seldom in another one. */
export const SPREAD = 2

/** Cells or groups and their squared distances, which become infinite once they are taken. */
interface Near {
  readonly ordinals: Int32Array
  readonly distances: Float64Array
}

/** The nearest cell among those of the nearest groups to a centered vector: `lsh._bucket`. */
export function nearestCell(cells: BucketCells, dims: number, x: Float32Array): number {
  const groups = takeNearest(groupsOf(cells, dims, x), SPREAD)
  return takeNearest(cellsOf(cells, dims, x, groups), 1)[0] ?? 0
}

/**
 * Cells nearest to a centered vector, the nearest first: `lsh._cell_probes`. In rounds of twice as many
 * groups, each of which lists four cells a group: so the sequence does not depend on `n`.
 */
export function nearestCells(
  cells: BucketCells,
  dims: number,
  x: Float32Array,
  n: number,
): number[] {
  const total = cells.groups.length / dims
  const ranked = takeNearest(groupsOf(cells, dims, x), total)
  const listed: number[] = []
  let seen = cellsOf(cells, dims, x, ranked.slice(0, SPREAD))
  for (let groups = SPREAD; ; groups *= 2) {
    const wanted = Math.min(n, groups < total ? 4 * groups : Infinity)
    listed.push(...takeNearest(seen, wanted - listed.length))
    if (groups >= total || listed.length >= n) return listed
    seen = joined(seen, cellsOf(cells, dims, x, ranked.slice(groups, 2 * groups)))
  }
}

function groupsOf({ groups }: BucketCells, dims: number, x: Float32Array): Near {
  const ordinals = Int32Array.from(new Int32Array(groups.length / dims).keys())
  return { ordinals, distances: squaredDistances(groups, ordinals, x) }
}

function cellsOf(
  { weight, parent }: BucketCells,
  dims: number,
  x: Float32Array,
  groups: readonly number[],
): Near {
  const ranges = groups.map(
    (group) => [firstCell(parent, group), firstCell(parent, group + 1)] as const,
  )
  const ordinals = new Int32Array(ranges.reduce((sum, [first, end]) => sum + end - first, 0))
  let at = 0
  for (const [first, end] of ranges)
    for (let cell = first; cell < end; cell++) ordinals[at++] = cell
  return { ordinals, distances: squaredDistances(weight, ordinals, x) }
}

/** Place of the first cell of a group; cells stand in the order of their groups. */
export function firstCell(parent: Int32Array, group: number): number {
  let [low, high] = [0, parent.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (parent[middle]! < group) low = middle + 1
    else high = middle
  }
  return low
}

/** The nearest `count`, nearest first, ties by number; they are not taken again. */
function takeNearest({ ordinals, distances }: Near, count: number): number[] {
  const limit = smallest(distances, count)
  const places: number[] = []
  for (let place = 0; place < distances.length; place++)
    if (distances[place]! <= limit) places.push(place)
  places.sort((a, b) => distances[a]! - distances[b]! || ordinals[a]! - ordinals[b]!)
  return places.slice(0, count).map((place) => {
    distances[place] = Infinity
    return ordinals[place]!
  })
}

/** The `count`-th smallest of some numbers; more than all where there are fewer. */
function smallest(numbers: Float64Array, count: number): number {
  if (count > numbers.length) return Number.MAX_VALUE
  const copy = Array.from(numbers)
  quickselect(copy, count - 1)
  return copy[count - 1] ?? Number.MAX_VALUE
}

function joined(a: Near, b: Near): Near {
  const ordinals = new Int32Array(a.ordinals.length + b.ordinals.length)
  ordinals.set(a.ordinals)
  ordinals.set(b.ordinals, a.ordinals.length)
  const distances = new Float64Array(ordinals.length)
  distances.set(a.distances)
  distances.set(b.distances, a.distances.length)
  return { ordinals, distances }
}

function squaredDistances(
  centres: Float32Array,
  ordinals: Int32Array,
  x: Float32Array,
): Float64Array {
  const distances = new Float64Array(ordinals.length)
  for (let i = 0; i < distances.length; i++)
    distances[i] = squaredDistance(centres, ordinals[i]! * x.length, x)
  return distances
}

/** Four sums at a time, which do not wait for each other. */
function squaredDistance(centres: Float32Array, at: number, x: Float32Array): number {
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  let d = 0
  for (const end = x.length - 3; d < end; d += 4) {
    const e0 = centres[at + d]! - x[d]!
    const e1 = centres[at + d + 1]! - x[d + 1]!
    const e2 = centres[at + d + 2]! - x[d + 2]!
    const e3 = centres[at + d + 3]! - x[d + 3]!
    s0 += e0 * e0
    s1 += e1 * e1
    s2 += e2 * e2
    s3 += e3 * e3
  }
  for (; d < x.length; d++) s0 += (centres[at + d]! - x[d]!) ** 2
  return s0 + s1 + s2 + s3
}
