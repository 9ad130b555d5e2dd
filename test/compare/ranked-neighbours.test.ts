import { describe, expect, it } from 'vitest'
import { vectorDistance } from '../../src/core/vector.js'
import { measuredAsItIs } from '../../src/compare/measured-family.js'
import { rankedFinder } from '../../src/compare/ranked-neighbours.js'
import type { HashFamily } from '../../src/hash/family.js'
import { fitFamily } from '../../src/hash/fit.js'
import { asymmetricHamming, describeQuery, estimatedDistance } from '../../src/hash/query.js'
import { clumps, encodeAll, endToEnd } from '../hash/sample.js'
import { FAMILY_KINDS } from '../../src/hash/kinds.js'

const vectors = clumps({ dims: 24, rows: 200, seed: 9 })
const rows = (from: number, to: number) => {
  const items = Int32Array.from({ length: to - from }, (_, i) => from + i)
  return {
    items,
    patients: items.map((item) => item % 20),
    vectors: endToEnd(vectors.slice(from, to)),
  }
}

/** Inner product of a vector, relative to the center of the family, with the centre of a cell. */
function productWithCentre({ center, bucket }: HashFamily, x: Float32Array, cell: number): number {
  return x.reduce(
    (sum, value, d) => sum + (value - center[d]!) * bucket.weight[cell * x.length + d]!,
    0,
  )
}

describe.each(FAMILY_KINDS)('rankedFinder of kind %s', (kind) => {
  const family = fitFamily(vectors, { name: kind, kind, bits: 24, seed: 1, cells: 4 })
  const { visit, found } = rankedFinder(rows(0, 5), { k: 8, families: [measuredAsItIs(family)] })
  visit(rows(0, 90))
  visit(rows(90, 200))
  const [{ lists } = { lists: null }] = found

  it('excludes rows of the patient of the query, and ranks the best first', () => {
    for (let query = 0; query < 5; query++) {
      const own = lists!.keys.subarray(8 * query, 8 * query + 8)
      expect(own.every((key) => key % 20 !== query)).toBe(true)
      const ranks = lists!.ranks.subarray(8 * query, 8 * query + 8)
      expect(ranks).toEqual(ranks.toSorted())
    }
  })

  it.skipIf(kind === 'residual')('ranks like describeQuery', () => {
    const { codes, buckets, norms, scales } = encodeAll(family, endToEnd(vectors))
    const query = describeQuery(family, vectors[0]!)
    const ranks = codes.map((code, i) => {
      if (!norms || !scales) return asymmetricHamming(query, code) / query.step
      const beside = kind === 'scalar' ? productWithCentre(family, vectors[0]!, buckets[i]!) : 0
      return estimatedDistance(query, { code, norm: norms[i]!, scale: scales[i]! }, beside)
    })
    const others = ranks.filter((_, i) => i % 20 !== 0).sort((a, b) => a - b)
    // One sums products of a query in 4-byte numbers, the other in 8-byte numbers.
    others.slice(0, 8).forEach((rank, i) => {
      expect(Math.abs(lists!.ranks[i]! - rank)).toBeLessThan(1e-4 * (1 + Math.abs(rank)))
    })
  })

  it.runIf(kind === 'residual')('ranks rows of all cells by their distance', () => {
    const mean = (values: ArrayLike<number>) =>
      Array.from(values).reduce((sum, one) => sum + one, 0) / values.length
    const all = vectors.slice(20).map((vector) => vectorDistance(vector, vectors[0]!))
    expect(mean(lists!.distances.subarray(0, 8))).toBeLessThan(0.8 * mean(all))
    const cells = new Set(encodeAll(family, endToEnd(vectors)).buckets)
    expect(cells.size).toBeGreaterThan(1)
  })
})
