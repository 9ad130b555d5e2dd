import { describe, expect, it } from 'vitest'
import {
  choosePairs,
  hammingCurve,
  hammingDeviation,
  type HammingDeviation,
} from '../../src/compare/hamming-curve.js'
import { fitFamilies, type MeasuredFamily } from '../../src/compare/measured-family.js'
import { vectorDistance } from '../../src/core/vector.js'
import { clumps, endToEnd } from '../hash/sample.js'

const sample = clumps({ dims: 16, rows: 600, seed: 8 })
const pairs = choosePairs(sample, 1)
const [kernel, cosine, sign] = fitFamilies(sample, {
  kinds: ['kernel', 'cosine', 'sign'],
  bits: [512, 4096],
  seed: 1,
}) as [MeasuredFamily, MeasuredFamily, MeasuredFamily]

describe('choosePairs', () => {
  it('returns near and random pairs of distinct rows without repetition, with their distances', () => {
    const keys = Array.from(pairs.left, (left, i) => `${left} ${pairs.right[i]}`)
    expect(new Set(keys).size).toBe(keys.length)
    for (let i = 0; i < keys.length; i += 97) {
      const [left, right] = [pairs.left[i] as number, pairs.right[i] as number]
      expect(left).not.toBe(right)
      expect(pairs.distances[i]).toBe(vectorDistance(sample[left]!, sample[right]!))
    }
    expect(choosePairs(sample, 1)).toEqual(pairs)
    expect(choosePairs(sample, 2)).not.toEqual(pairs)
  })
})

describe('hammingCurve', () => {
  it.each([
    ['kernel', kernel],
    ['cosine', cosine],
  ])('of %s codes differs from theory by less than 0.01', (_, family) => {
    const curve = hammingCurve(family, endToEnd(sample), pairs, { bits: 4096 })
    const { means } = curve
    expect(means.length).toBeGreaterThan(10)
    const { mean, worst } = hammingDeviation(curve) as HammingDeviation
    expect(worst).toBeLessThan(0.01)
    expect(mean).toBeLessThan(worst)
    for (const { measured, expected } of means)
      expect(Math.abs(measured - (expected as number))).toBeLessThan(0.01)
  })

  it('has no expected values for kinds without a closed form', () => {
    const { means, bandwidth } = hammingCurve(sign, endToEnd(sample), pairs, { bits: 512 })
    expect(bandwidth).toBeNull()
    expect(hammingDeviation(hammingCurve(sign, endToEnd(sample), pairs, { bits: 512 }))).toBeNull()
    expect(means.every(({ expected }) => expected === null)).toBe(true)
  })

  it('counts every pair in one cell', () => {
    const { cells, pairs: count } = hammingCurve(kernel, endToEnd(sample), pairs, { bits: 512 })
    expect(cells.reduce((sum, cell) => sum + cell.pairs, 0)).toBe(count)
    expect(count).toBe(pairs.left.length)
  })
})
