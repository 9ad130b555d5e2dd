import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { distortions, gaussianOf, idealFinder } from '../../src/compare/rate-distortion.js'
import { clumps, endToEnd } from '../hash/sample.js'

const variance = fc.double({ min: 1e-3, max: 1e3, noNaN: true })

describe('distortions', () => {
  it('spends all bits, and leaves equal distortion wherever any are spent', () => {
    const lists = fc.array(variance, { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 200 }), (list, bits) => {
        const variances = Float64Array.from(list)
        const left = distortions(variances, bits)
        const spent = left.map((one, i) => Math.log2(variances[i]! / one) / 2)
        expect(spent.reduce((sum, one) => sum + one, 0)).toBeCloseTo(bits, 6)
        const level = Math.max(...left)
        left.forEach((one, i) => expect(one).toBeCloseTo(Math.min(level, variances[i]!), 9))
      }),
    )
  })

  it('spends no bits where there is no variance', () => {
    const [some, none] = distortions(Float64Array.of(4, 0), 1)
    expect(some).toBeCloseTo(1, 9)
    expect(none).toBe(0)
  })
})

describe('idealFinder', () => {
  it('finds nearer rows with many bits than with few', () => {
    const sample = clumps({ dims: 6, rows: 300, seed: 3 })
    const all = (from: number, to: number) => {
      const items = Int32Array.from({ length: to - from }, (_, i) => from + i)
      return { items, patients: items, vectors: endToEnd(sample.slice(from, to)) }
    }
    const options = { k: 5, bits: [4, 200], seed: 1 }
    const { visit, found } = idealFinder(all(0, 20), gaussianOf(sample), options)
    visit(all(0, 300))
    const far = found.map(({ lists }) => lists.distances.reduce((sum, one) => sum + one, 0))
    const [few, plenty] = found.map(({ lists }) => lists)
    plenty!.ranks.forEach((rank, i) => expect(rank).toBeCloseTo(plenty!.distances[i]!, 5))
    expect(Array.from(plenty!.keys.subarray(0, 5))).not.toContain(0)
    expect(far[0]).toBeGreaterThan(1.1 * far[1]!)
    expect(few!.keys).not.toEqual(plenty!.keys)
  })
})
