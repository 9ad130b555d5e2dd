import { LshError } from '../core/errors.js'
import { nearestCells } from './cells.js'
import { assertDims, centered } from './centered.js'
import { bucketMargins, bucketOf } from './encode.js'
import type { HashFamily } from './family.js'

interface Probe {
  readonly bucket: number
  /** Sum of the squared margins of the boundaries crossed. */
  readonly cost: number
}

/**
 * The buckets to visit for a query, best first, fewer than asked for where there are no more:
 * `lsh.probes`. Of cells the nearest; of bucket directions by the squared margins of the changed levels
 * (Lv et al., VLDB 2007), ties by number.
 */
export function probes(family: HashFamily, x: Float32Array, n: number): Int32Array {
  if (!(Number.isInteger(n) && n >= 1)) {
    throw new LshError('bad_usage', `the number of probes is at least 1, not ${n}`, {
      hint: '1 visits the bucket of the query alone.',
    })
  }
  const { bucket, dims } = family
  assertDims(family, x)
  if (bucket.kind === 'voronoi') {
    return Int32Array.from(nearestCells(bucket, dims, centered(family, x).values, n))
  }
  // The best changes among the first j directions contain the best among the first j - 1, so that
  // keeping n of them after each direction loses none.
  let kept: Probe[] = [{ bucket: bucketOf(family, x), cost: 0 }]
  for (const changes of changesOf(family, x)) {
    const changed = changes.flatMap((change) =>
      kept.map((one) => ({ bucket: one.bucket + change.bucket, cost: one.cost + change.cost })),
    )
    kept = kept.concat(changed).sort(byCost).slice(0, n)
  }
  return Int32Array.from(kept, (one) => one.bucket)
}

/** What the other levels of each direction change and cost, the cheapest direction first: `lsh._digit_changes`. */
function changesOf(family: HashFamily, x: Float32Array): Probe[][] {
  const margins = bucketMargins(family, x)
  const slices = family.levels - 1
  const directions = Array.from({ length: margins.length / slices }, (_, direction) => {
    const place = family.levels ** direction
    const own = margins.subarray(direction * slices, (direction + 1) * slices)
    const level = own.reduce((sum, margin) => sum + (margin > 0 ? 1 : 0), 0)
    return Array.from(own, (margin, slice) => ({
      // A boundary that lies above leads to the level above it, one below to the level below.
      bucket: place * ((margin > 0 ? slice : slice + 1) - level),
      cost: margin ** 2,
    })).sort(byCost)
  })
  // Stable: directions of equal cost stay in their order.
  return directions.sort((a, b) => a[0]!.cost - b[0]!.cost)
}

function byCost(a: Probe, b: Probe): number {
  return a.cost - b.cost || a.bucket - b.bucket
}
