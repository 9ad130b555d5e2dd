import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bucketMargins, bucketOf } from '../../src/hash/encode.js'
import type { HashFamily } from '../../src/hash/family.js'
import { fitFamily } from '../../src/hash/fit.js'
import { probes } from '../../src/hash/probes.js'
import { clumps, thrownBy } from './sample.js'

const sample = clumps({ dims: 9, rows: 100, seed: 6 })
const families = [0, 1, 3, 8].map((bucketBits) =>
  fitFamily(sample, { name: `${bucketBits} bits`, bits: 16, bucketBits }),
)

/** All buckets by the cost of a visit, ties by number. */
function enumerated(family: HashFamily, x: Float32Array) {
  const sides = bucketMargins(family, x)
  const own = bucketOf(family, x)
  return Array.from({ length: 2 ** sides.length }, (_, bucket) => ({
    bucket,
    cost: sides.reduce((sum, m, bit) => sum + (((bucket ^ own) >> bit) & 1 ? m * m : 0), 0),
  })).sort((a, b) => a.cost - b.cost || a.bucket - b.bucket)
}

describe('probes', () => {
  it('are the cheapest buckets in the order of an exhaustive enumeration', () => {
    const element = fc.float({ min: -8, max: 8, noNaN: true })
    const property = fc.property(
      fc.constantFrom(...families),
      fc.array(element, { minLength: 9, maxLength: 9 }).map((values) => Float32Array.from(values)),
      fc.integer({ min: 1, max: 300 }),
      (family, x, n) => {
        const all = enumerated(family, x)
        const costs = new Map(all.map(({ bucket, cost }) => [bucket, cost]))
        const visited = [...probes(family, x, n)]
        expect(visited).toHaveLength(Math.min(n, all.length))
        expect(visited[0]).toBe(bucketOf(family, x))
        expect(new Set(visited).size).toBe(visited.length)
        // The costs are summed in another order here, so the last digits may differ.
        visited.forEach((bucket, i) => expect(costs.get(bucket)).toBeCloseTo(all[i]!.cost, 9))
      },
    )
    fc.assert(property, { seed: 7, numRuns: 300 })
  })

  it('are all buckets if the number is large enough', () => {
    const visited = probes(families[3]!, sample[0]!, 1000)
    expect([...visited].sort((a, b) => a - b)).toEqual(Array.from({ length: 256 }, (_, i) => i))
  })

  it('begin with the same buckets, whatever their number', () => {
    const many = probes(families[3]!, sample[1]!, 100)
    for (const n of [1, 2, 17, 64]) {
      expect(probes(families[3]!, sample[1]!, n)).toEqual(many.slice(0, n))
    }
  })

  it('are ordered by number if their costs are equal', () => {
    const equal = {
      ...families[2]!,
      center: new Float32Array(9),
      bucket: {
        kind: 'bits' as const,
        weight: new Float32Array(27),
        threshold: Float64Array.of(2, -2, 2),
      },
    }
    expect([...probes(equal, new Float32Array(9), 8)]).toEqual([5, 1, 4, 7, 0, 3, 6, 2])
  })

  it.each([0, -1, 1.5, NaN])('refuse a number of %d', (n) => {
    expect(thrownBy(() => probes(families[1]!, sample[0]!, n))).toMatchObject({ code: 'bad_usage' })
  })

  it('refuse a vector of other dimensions', () => {
    const call = () => probes(families[1]!, new Float32Array(8), 1)
    expect(thrownBy(call)).toMatchObject({ code: 'LSH02' })
  })
})
