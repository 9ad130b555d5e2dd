import { describe, expect, it } from 'vitest'
import { drawBuckets } from '../../src/hash/buckets.js'
import { fitFamily } from '../../src/hash/fit.js'
import { clumps, encodeAll, endToEnd } from './sample.js'

describe('drawBuckets', () => {
  it('draws orthonormal directions', () => {
    const dims = 10
    const sample = clumps({ dims, rows: 100, seed: 1 })
    const { weight } = drawBuckets(sample, new Float32Array(dims), 6, 2)
    for (let i = 0; i < 6; i++) {
      for (let j = 0; j <= i; j++) {
        let product = 0
        for (let d = 0; d < dims; d++) product += weight[i * dims + d]! * weight[j * dims + d]!
        expect(product).toBeCloseTo(i === j ? 1 : 0, 5)
      }
    }
  })

  it.each([300, 301])('halves a sample of %i rows with each bit', (rows) => {
    const sample = clumps({ dims: 16, rows, seed: 2 })
    const family = fitFamily(sample, { name: 'halves', bits: 16, bucketBits: 8 })
    const { buckets } = encodeAll(family, endToEnd(sample))
    for (let bit = 0; bit < 8; bit++) {
      const ones = buckets.filter((bucket) => (bucket >> bit) & 1).length
      // With an odd count the row in the middle may fall on either side.
      expect([Math.floor(rows / 2), Math.ceil(rows / 2)]).toContain(ones)
    }
  })

  it('draws the same first directions, whatever their number', () => {
    const sample = clumps({ dims: 8, rows: 50, seed: 3 })
    const few = drawBuckets(sample, sample[0]!, 2, 9)
    const many = drawBuckets(sample, sample[0]!, 5, 9)
    expect(many.weight.slice(0, 16)).toEqual(few.weight)
    expect(many.threshold.slice(0, 2)).toEqual(few.threshold)
  })

  it('puts all rows into one bucket if they are equal', () => {
    const sample = Array.from({ length: 9 }, () => Float32Array.of(1, 2, 3))
    const family = fitFamily(sample, { name: 'equal', bits: 16, bucketBits: 3 })
    expect(new Set(encodeAll(family, endToEnd(sample)).buckets)).toEqual(new Set([0]))
  })
})
