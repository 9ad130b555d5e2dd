import { describe, expect, it } from 'vitest'
import { bucketOf, encodeVector } from '../../src/hash/encode.js'
import { bucketCount } from '../../src/hash/family.js'
import { fitFamily } from '../../src/hash/fit.js'
import { probes, withinReach } from '../../src/hash/probes.js'
import { queryHasher } from '../../src/hash/query-hasher.js'
import { describeQuery } from '../../src/hash/query.js'
import { clumps } from './sample.js'
import type { FamilyKind } from '../../src/hash/kinds.js'

const dims = 10
const sample = clumps({ dims, rows: 900, seed: 8 })
const queries = clumps({ dims, rows: 30, seed: 9 })

describe.each<[FamilyKind, 'directions' | 'voronoi']>([
  ['kernel', 'directions'],
  ['qary', 'directions'],
  ['sign', 'voronoi'],
  ['residual', 'voronoi'],
  ['scalar', 'voronoi'],
])('a query hasher of kind %s with %s', (kind, buckets) => {
  const family = fitFamily(sample, { name: 'made', kind, buckets, bits: 40, cells: 300 })
  const hash = queryHasher(family)

  it('returns the codes of describeQuery and the buckets of probes, only those within reach for cells', () => {
    for (const x of queries) {
      for (const n of [1, 3, 20, bucketCount(family)]) {
        const { buckets, by } = hash(x, n)
        const all = [...probes(family, x, n)]
        expect([...buckets]).toEqual(all.slice(0, buckets.length))
        if (buckets.length < all.length) expect(family.bucket.kind).toBe('voronoi')
        if ('planes' in by) expect(by.code).toEqual(describeQuery(family, x).code)
        else {
          // In the bucket of its own, a query has the code that a stored vector would have.
          const own = buckets.indexOf(bucketOf(family, x))
          if (own !== -1) expect(by.codes[own]).toEqual(encodeVector(family, x))
          if (n === bucketCount(family)) expect(own).not.toBe(-1)
        }
      }
    }
  })

  it('visits at least as many buckets with more probes', () => {
    for (const x of queries) {
      let before: number[] = []
      for (let n = 1; n <= bucketCount(family); n = 2 * n + 1) {
        const now = [...hash(x, n).buckets]
        // With more probes cells are looked up in more groups, which may contain nearer ones.
        if (family.bucket.kind === 'voronoi')
          expect(now.length).toBeGreaterThanOrEqual(before.length)
        else expect(now.slice(0, before.length)).toEqual(before)
        before = now
      }
    }
  })
})

describe('withinReach', () => {
  it('leaves out cells much farther than the nearest, with a stricter limit for later cells', () => {
    expect(withinReach(Float64Array.of(1, 1.5, 1.5))).toBe(3)
    // The query is the centre of the first cell.
    expect(withinReach(Float64Array.of(0, 1, 1.5, 9))).toBe(3)
    expect(withinReach(Float64Array.of(0, 0))).toBe(2)
    expect(withinReach(Float64Array.of(1, 1.7, 1.6))).toBe(1)
    expect(withinReach(Float64Array.of(0, 0, 1))).toBe(3)
    expect(withinReach(new Float64Array(0))).toBe(0)
  })

  it('reaches farther the larger the share of the cells is, up to all', () => {
    const distances = Float64Array.of(1, 1.7, 2)
    expect(withinReach(distances, 100)).toBe(1)
    expect(withinReach(distances, 6)).toBe(2)
    expect(withinReach(distances, 4)).toBe(3)
    expect(withinReach(Float64Array.of(1, 1000, 1000), 3)).toBe(3)
  })
})
