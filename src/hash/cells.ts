import type { BucketCells } from './family.js'

/** Groups that are searched for the nearest cell; a nearer cell is seldom in another group. */
export const SPREAD = 2
/** Least number of groups that a query searches; its nearest cells are often not in the nearest group. */
const FIRST = 4
/** Cells to list per searched group; with more, a search would miss nearer cells in other groups. */
const LISTED = 2
/**
 * Beyond the first four, only groups within this many times the smallest squared distance are searched, unless there
 * are too few cells.
 */
const REACH = 2

/** Cells or groups with their distances, in any measure that grows with the distance; infinite once taken. */
export interface MeasuredCells {
  readonly ordinals: Int32Array
  readonly distances: Float64Array
}

/** Cells of some groups, one group after the other, and the end of each group. */
export interface Listed {
  readonly ordinals: Int32Array
  readonly ends: Int32Array
}

/** Distances of a vector from the centres of groups and cells. */
export interface CellDistances {
  readonly groups: MeasuredCells
  /** Added to the measure of a group, gives a fixed multiple of its squared distance. */
  readonly offset: number
  /** The cells of some groups, with their distances. */
  cells(groups: readonly number[]): MeasuredCells
}

/** The nearest cell to a centered vector, among the cells of the nearest groups: `lsh_internal.bucket`. */
export function nearestCell(cells: BucketCells, x: Float32Array): number {
  const distances = cellDistances(cells, x)
  const groups = takeNearest(distances.groups, SPREAD)
  return takeNearest(distances.cells(groups), 1)[0] ?? 0
}

/**
 * The nearest `n` cells, nearest first, or all if there are fewer: `lsh_internal.near_cells`. Searches half as many
 * groups as cells are wanted, and at least four. Groups after the fourth that are much farther than the nearest are
 * only searched if there are too few cells.
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

/** Squared distances of a centered vector from the centres of groups and cells. */
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

/** The first cell of each group, then the number of all cells. Cells are sorted by group. */
export function groupBounds(parent: Int32Array, groups: number): Int32Array {
  const bounds = new Int32Array(groups + 1)
  for (const group of parent) bounds[group + 1]!++
  for (let group = 0; group < groups; group++) bounds[group + 1]! += bounds[group]!
  return bounds
}

/** Takes the nearest `count`, nearest first, ties by number; marks them so that they are not taken again. */
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

/** The `count`-th smallest number; if there are fewer, a number above all finite ones. */
function smallest(numbers: Float64Array, count: number): number {
  if (count < 1 || count > numbers.length) return Number.MAX_VALUE
  return Math.min(select(numbers.slice(), count - 1), Number.MAX_VALUE)
}

/** The number at a place of the sorted order; reorders the array (Hoare, CACM 1961). */
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

/** Sums in double precision, in four independent sums that the processor computes in parallel. */
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
