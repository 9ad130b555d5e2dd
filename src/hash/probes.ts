import { LshError } from '../core/errors.js'
import { bucketMargins } from './encode.js'
import type { HashFamily } from './family.js'

interface Probe {
  readonly bucket: number
  /** Sum of the squared margins of the flipped bits. */
  readonly cost: number
}

/**
 * The buckets to visit for a query, best first, fewer than asked for where there are no more:
 * `lsh.probes`. Cost: squared margins of the flipped bits (Lv et al., VLDB 2007); ties by number.
 */
export function probes(family: HashFamily, x: Float32Array, n: number): Int32Array {
  if (!(Number.isInteger(n) && n >= 1)) {
    throw new LshError('bad_usage', `the number of probes is at least 1, not ${n}`, {
      hint: '1 visits the bucket of the query alone.',
    })
  }
  const sides = bucketMargins(family, x)
  const own = sides.reduce((bucket, margin, bit) => (margin > 0 ? bucket | (1 << bit) : bucket), 0)
  const flips = Array.from(sides, (margin, bit) => ({ bucket: 1 << bit, cost: margin ** 2 }))
  // The best sets of flips among the first j bits contain the best among the first j - 1, so that
  // keeping n of them after each bit loses none.
  let kept: Probe[] = [{ bucket: own, cost: 0 }]
  for (const flip of flips.sort(byCost)) {
    const flipped = kept.map(({ bucket, cost }) => ({
      bucket: bucket ^ flip.bucket,
      cost: cost + flip.cost,
    }))
    kept = kept.concat(flipped).sort(byCost).slice(0, n)
  }
  return Int32Array.from(kept, ({ bucket }) => bucket)
}

function byCost(a: Probe, b: Probe): number {
  return a.cost - b.cost || a.bucket - b.bucket
}
