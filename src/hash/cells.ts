import type { BucketCells } from './family.js'

/** Groups whose cells are looked through for the nearest: a nearer cell is seldom in another one. */
export const SPREAD = 4

/** A cell or group and its squared distance. */
interface Near {
  readonly ordinal: number
  readonly distance: number
}

/** The nearest cell among those of the nearest groups to a centered vector: `lsh._bucket`. */
export function nearestCell(cells: BucketCells, dims: number, x: Float32Array): number {
  let best: Near = { ordinal: 0, distance: Infinity }
  for (const cell of cellsOf(cells, dims, x, nearestGroups(cells, dims, x, SPREAD))) {
    if (byDistance(cell, best) < 0) best = cell
  }
  return best.ordinal
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
  const ranked = nearestGroups(cells, dims, x, total)
  const listed = new Set<number>()
  for (let groups = SPREAD; ; groups *= 2) {
    const wanted = Math.min(n, groups < total ? 4 * groups : Infinity)
    const near = [...cellsOf(cells, dims, x, ranked.slice(0, groups))].sort(byDistance)
    for (const { ordinal } of near) if (listed.size < wanted) listed.add(ordinal)
    if (groups >= total || listed.size >= n) return [...listed]
  }
}

function nearestGroups(cells: BucketCells, dims: number, x: Float32Array, count: number): Near[] {
  const all = Array.from({ length: cells.groups.length / dims }, (_, ordinal) => ({
    ordinal,
    distance: squaredDistance(cells.groups, ordinal * dims, x),
  }))
  return all.sort(byDistance).slice(0, count)
}

function* cellsOf(
  { weight, parent }: BucketCells,
  dims: number,
  x: Float32Array,
  groups: readonly Near[],
): Generator<Near> {
  for (const group of groups) {
    for (let cell = firstCell(parent, group.ordinal); parent[cell] === group.ordinal; cell++) {
      yield { ordinal: cell, distance: squaredDistance(weight, cell * dims, x) }
    }
  }
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

function squaredDistance(centres: Float32Array, at: number, x: Float32Array): number {
  let sum = 0
  for (let d = 0; d < x.length; d++) {
    const difference = centres[at + d]! - x[d]!
    sum += difference * difference
  }
  return sum
}

function byDistance(a: Near, b: Near): number {
  return a.distance - b.distance || a.ordinal - b.ordinal
}
