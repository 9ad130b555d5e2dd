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

  it('gives what describeQuery and probes give, of cells those within reach', () => {
    for (const x of queries) {
      for (const n of [1, 3, 20, bucketCount(family)]) {
        const { buckets, by } = hash(x, n)
        const all = [...probes(family, x, n)]
        expect([...buckets]).toEqual(all.slice(0, buckets.length))
        if (buckets.length < all.length) expect(family.bucket.kind).toBe('voronoi')
        if ('planes' in by) expect(by.code).toEqual(describeQuery(family, x).code)
        else {
          // In the bucket that it falls into itself, a query has the code of a stored vector.
          const own = buckets.indexOf(bucketOf(family, x))
          if (own !== -1) expect(by.codes[own]).toEqual(encodeVector(family, x))
          if (n === bucketCount(family)) expect(own).not.toBe(-1)
        }
      }
    }
  })

  it('visits no bucket less for more probes', () => {
    for (const x of queries) {
      let before: number[] = []
      for (let n = 1; n <= bucketCount(family); n = 2 * n + 1) {
        const now = [...hash(x, n).buckets]
        // Cells are looked for among more groups then, where there may be nearer ones.
        if (family.bucket.kind === 'voronoi')
          expect(now.length).toBeGreaterThanOrEqual(before.length)
        else expect(now.slice(0, before.length)).toEqual(before)
        before = now
      }
    }
  })
})

describe('withinReach', () => {
  it('leaves out what is much farther than the nearest, sooner the later it comes', () => {
    expect(withinReach(Float64Array.of(1, 1.5, 1.5))).toBe(3)
    // A query that is the centre of the first.
    expect(withinReach(Float64Array.of(0, 1, 1.5, 9))).toBe(3)
    expect(withinReach(Float64Array.of(0, 0))).toBe(2)
    expect(withinReach(Float64Array.of(1, 1.7, 1.6))).toBe(1)
    expect(withinReach(Float64Array.of(0, 0, 1))).toBe(3)
    expect(withinReach(new Float64Array(0))).toBe(0)
  })
})
