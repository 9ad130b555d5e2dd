import { kindOf } from '../core/arguments.js'
import { LshError } from '../core/errors.js'
import { cellDistances, nearestCells } from './cells.js'
import { assertDims, centered } from './centered.js'
import { bucketMargins } from './encode.js'
import type { HashFamily } from './family.js'

interface Probe {
  readonly bucket: number
  /** Sum of the squared margins of the boundaries crossed. */
  readonly cost: number
}

/**
 * The buckets to visit for a query, best first; fewer than `n` if the family has fewer: `lsh.probes`. Cells are ordered
 * by distance; buckets of directions by the squared margins of the changed levels (Lv et al., VLDB 2007), ties by
 * number.
 */
export function probes(family: HashFamily, x: Float32Array, n: number): Int32Array {
  assertProbes(n)
  assertDims(family, x)
  const { bucket } = family
  return bucket.kind === 'voronoi'
    ? Int32Array.from(nearestCells(cellDistances(bucket, centered(family, x).values), n))
    : levelProbes(family, bucketMargins(family, x), n)
}

/**
 * Number of the n probed cells that are near enough to visit: `lsh_internal.hashed_query`. Cell i, counted from 1, is
 * visited if it is at most `√(1 + √(w/i) / 2)` times as far as the nearest, where `w = n / (1 - n / cells)`. A query
 * well inside a cell therefore costs less than one between many, more probes never visit fewer cells, and as many as
 * there are cells visit all. For a query that is the centre of a cell, the next cell counts as the nearest.
 *
 * @param distances squared distances of the cells, in their order
 * @param cells number of cells of the family (Default: so many that `w = n`)
 */
export function withinReach(distances: Float64Array, cells = Infinity): number {
  const { length } = distances
  if (length >= cells) return length
  const widened = length / (1 - length / cells)
  const nearest = distances.reduce(
    (least, distance) => (distance > 0 && distance < least ? distance : least),
    Infinity,
  )
  const far = distances.findIndex(
    (distance, i) => distance > nearest * (1 + Math.sqrt(widened / (i + 1)) / 2),
  )
  return far === -1 ? length : far
}

/** @throws LshError `bad_usage` if `n` is not a valid number of probes. */
export function assertProbes(n: number): void {
  if (Number.isInteger(n) && n >= 1) return
  const shown = typeof n === 'number' ? n : kindOf(n)
  throw new LshError('bad_usage', `the number of probes must be at least 1, not ${shown}`, {
    hint: '1 visits the bucket of the query alone.',
  })
}

/** Buckets of directions, from the margins of a query. */
export function levelProbes(
  { levels }: HashFamily,
  margins: ArrayLike<number>,
  n: number,
): Int32Array {
  // The n best combinations of changes in the first j directions contain the n best of the first j -
  // 1, so keeping n after each direction loses none.
  const directions = directionsOf(levels, margins)
  const own = directions.reduce((sum, { bucket }) => sum + bucket, 0)
  let kept: Probe[] = [{ bucket: own, cost: 0 }]
  // A stable sort: directions of equal cost keep their order.
  for (const { changes } of directions.sort((a, b) => a.changes[0]!.cost - b.changes[0]!.cost)) {
    const changed = changes.flatMap((change) =>
      kept.map((one) => ({ bucket: one.bucket + change.bucket, cost: one.cost + change.cost })),
    )
    kept = kept.concat(changed).sort(byCost).slice(0, n)
  }
  return Int32Array.from(kept, (one) => one.bucket)
}

interface Direction {
  /** Contribution of the level of the query to its bucket. */
  readonly bucket: number
  /** Change of the bucket and cost of each other level, cheapest first. */
  readonly changes: readonly Probe[]
}

/** `lsh_internal.digit_changes`. */
function directionsOf(levels: number, margins: ArrayLike<number>): Direction[] {
  const slices = levels - 1
  return Array.from({ length: margins.length / slices }, (_, direction) => {
    const place = levels ** direction
    const own = Array.from({ length: slices }, (_, slice) => margins[direction * slices + slice]!)
    const level = own.filter((margin) => margin > 0).length
    const changes = own.map((margin, slice) => ({
      // A boundary above the query leads to the level above it, one below to the level below it.
      bucket: place * ((margin > 0 ? slice : slice + 1) - level),
      cost: margin ** 2,
    }))
    return { bucket: place * level, changes: changes.sort(byCost) }
  })
}

function byCost(a: Probe, b: Probe): number {
  return a.cost - b.cost || a.bucket - b.bucket
}
