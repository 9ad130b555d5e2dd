import { describe, expect, it } from 'vitest'
import { calibrate } from '../../src/hash/calibrate.js'
import { assertFamily } from '../../src/hash/assert-family.js'
import type { BucketDirections } from '../../src/hash/family.js'
import { fitFamily } from '../../src/hash/fit.js'
import { clumps, thrownBy } from './sample.js'

const sample = clumps({ dims: 6, rows: 300, seed: 8 })

describe('fitFamily', () => {
  it('creates a family with a matching checksum, and the same family for the same seed', () => {
    const family = fitFamily(sample, { name: 'fit', bits: 64 })
    expect(() => assertFamily(family)).not.toThrow()
    expect(fitFamily(sample, { name: 'fit', bits: 64 })).toEqual(family)
    expect(fitFamily(sample, { name: 'fit', bits: 64, seed: 2 }).checksum).not.toBe(family.checksum)
  })

  it('calibrates the bandwidth unless it is given', () => {
    expect(fitFamily(sample, { name: 'fit', bits: 16 }).bandwidth).toBe(calibrate(sample).bandwidth)
    expect(fitFamily(sample, { name: 'fit', bits: 16, bandwidth: 2 }).bandwidth).toBe(2)
    const equal = Array.from({ length: 3 }, () => Float32Array.of(1, 2))
    expect(fitFamily(equal, { name: 'equal', bits: 16 }).bandwidth).toBe(1)
  })

  it.each([
    [10, 0],
    [60, 3],
    [300, 5],
    [100_000, 6],
  ])('chooses for %i rows %i bucket bits, at most one per dimension', (rows, bits) => {
    const { bucket } = fitFamily(sample, { name: 'fit', bits: 16, rows })
    expect((bucket as BucketDirections).threshold).toHaveLength(bits)
  })

  it('refuses fewer than two vectors, vectors of different dimensions, and numbers out of range', () => {
    const refused = (vectors: Float32Array[], options: object) =>
      thrownBy(() => fitFamily(vectors, { name: 'fit', ...options }))
    expect(refused(sample.slice(0, 1), {})).toMatchObject({ code: 'LSH03' })
    expect(refused([...sample, new Float32Array(5)], {})).toMatchObject({ code: 'LSH02' })
    for (const wrong of [{ bits: 15 }, { bits: 8193 }, { bucketBits: 17 }, { bits: 16.5 }]) {
      expect(refused(sample, wrong)).toMatchObject({ code: 'bad_usage' })
    }
  })
})
