import type { BucketCells } from './family.js'

/** Groups whose cells are looked through for the nearest: a nearer cell is seldom in another one. */
export const SPREAD = 2
/** Groups that a query looks through at least: its nearest cells are often in other groups than the nearest. */
const FIRST = 4
/** Cells that are listed for each group that is looked through: with more, nearer ones elsewhere are missed. */
const LISTED = 2
/** Past the first four, groups are searched only within this many times the squared distance of the nearest, unless cells lack. */
const REACH = 2

/** Cells or groups and how far they are, in any measure that grows with the distance; infinite once taken. */
export interface MeasuredCells {
  readonly ordinals: Int32Array
  readonly distances: Float64Array
}

/** Cells of some groups, one group after the other, and where those of each end. */
export interface Listed {
  readonly ordinals: Int32Array
  readonly ends: Int32Array
}

/** How far a vector is from the centres of groups and of cells. */
export interface CellDistances {
  readonly groups: MeasuredCells
  /** Added to the measure of a group, it gives a fixed multiple of its squared distance. */
  readonly offset: number
  /** Of the cells of some groups. */
  cells(groups: readonly number[]): MeasuredCells
}

/** The nearest cell among those of the nearest groups to a centered vector: `lsh_internal.bucket`. */
export function nearestCell(cells: BucketCells, x: Float32Array): number {
  const distances = cellDistances(cells, x)
  const groups = takeNearest(distances.groups, SPREAD)
  return takeNearest(distances.cells(groups), 1)[0] ?? 0
}

/**
 * The nearest `n` cells, the nearest first, fewer where there are no more: `lsh_internal.near_cells`. Looked for among
 * those of half as many groups, and of four at least; of groups past the fourth that are much farther than the nearest only
 * where cells lack.
 */
export function nearestCells(distances: CellDistances, n: number): number[] {
  const total = distances.groups.ordinals.length
  const nearest: number[] = []
  const first = groupsFor(n)
  let groups = Math.min(first, groupsWithin(distances))
  for (;;) {
    nearest.push(...takeNearest(distances.groups, Math.min(groups, total) - nearest.length))
    const listed = takeNearest(distances.cells(nearest), n)
    if (groups >= total || listed.length >= n) return listed
    groups = groups < first ? first : 2 * groups
  }
}

function groupsWithin({ groups: { distances }, offset }: CellDistances): number {
  const edge = REACH * (Math.min(...distances) + offset) - offset
  return Math.max(FIRST, distances.filter((distance) => distance <= edge).length)
}

function groupsFor(n: number): number {
  let groups = FIRST
  while (LISTED * groups < n) groups *= 2
  return groups
}

/** Squared distances of a centered vector. */
export function cellDistances(
  { weight, parent, groups }: BucketCells,
  x: Float32Array,
): CellDistances {
  const count = groups.length / x.length
  const bounds = groupBounds(parent, count)
  return {
    groups: near(groups, upTo(count), x),
    offset: 0,
    cells: (chosen) => near(weight, cellsOf(bounds, chosen).ordinals, x),
  }
}

export function upTo(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i)
}

/** Numbers of the cells of some groups. */
export function cellsOf(bounds: Int32Array, groups: readonly number[]): Listed {
  const ends = new Int32Array(groups.length)
  let size = 0
  groups.forEach((group, i) => (ends[i] = size += bounds[group + 1]! - bounds[group]!))
  const ordinals = new Int32Array(size)
  let at = 0
  for (const group of groups)
    for (let cell = bounds[group]!; cell < bounds[group + 1]!; cell++) ordinals[at++] = cell
  return { ordinals, ends }
}

/** The first cell of each group, and the number of all; cells stand in the order of their groups. */
export function groupBounds(parent: Int32Array, groups: number): Int32Array {
  const bounds = new Int32Array(groups + 1)
  for (const group of parent) bounds[group + 1]!++
  for (let group = 0; group < groups; group++) bounds[group + 1]! += bounds[group]!
  return bounds
}

/** The nearest `count`, nearest first, ties by number; they are not taken again. */
function takeNearest({ ordinals, distances }: MeasuredCells, count: number): number[] {
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

/** The `count`-th smallest of some numbers; where there are fewer, more than all but the infinite ones. */
function smallest(numbers: Float64Array, count: number): number {
  if (count < 1 || count > numbers.length) return Number.MAX_VALUE
  return Math.min(select(numbers.slice(), count - 1), Number.MAX_VALUE)
}

/** What would stand at a place if the numbers were sorted; mixes them up (Hoare, CACM 1961). */
function select(numbers: Float64Array, place: number): number {
  let [low, high] = [0, numbers.length - 1]
  while (low < high) {
    const pivot = numbers[place]!
    let [i, j] = [low, high]
    while (i <= j) {
      while (numbers[i]! < pivot) i++
      while (numbers[j]! > pivot) j--
      if (i > j) break
      const left = numbers[i]!
      numbers[i++] = numbers[j]!
      numbers[j--] = left
    }
    if (j < place) low = i
    if (i > place) high = j
  }
  return numbers[place]!
}

function near(centres: Float32Array, ordinals: Int32Array, x: Float32Array): MeasuredCells {
  return { ordinals, distances: squaredDistances(centres, ordinals, x) }
}

/** Squared distances of a vector to some of the centres. */
export function squaredDistances(
  centres: Float32Array,
  ordinals: Int32Array,
  x: Float32Array,
): Float64Array {
  const distances = new Float64Array(ordinals.length)
  for (let i = 0; i < distances.length; i++)
    distances[i] = squaredDistance(x, centres, ordinals[i]! * x.length)
  return distances
}

/** In double precision; four sums at a time, which do not wait for each other. */
function squaredDistance(x: Float32Array, others: Float32Array, at: number): number {
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  let d = 0
  for (const end = x.length - 3; d < end; d += 4) {
    const e0 = others[at + d]! - x[d]!
    const e1 = others[at + d + 1]! - x[d + 1]!
    const e2 = others[at + d + 2]! - x[d + 2]!
    const e3 = others[at + d + 3]! - x[d + 3]!
    s0 += e0 * e0
    s1 += e1 * e1
    s2 += e2 * e2
    s3 += e3 * e3
  }
  for (; d < x.length; d++) s0 += (others[at + d]! - x[d]!) ** 2
  return s0 + s1 + s2 + s3
}
