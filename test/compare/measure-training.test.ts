import { describe, expect, it } from 'vitest'
import { measureTraining } from '../../src/compare/measure-training.js'
import { clumps } from '../hash/sample.js'

const sample = clumps({ dims: 12, rows: 400, seed: 8 })

describe('measureTraining', () => {
  const measured = measureTraining(sample, { bits: 64, seed: 2 })

  it('returns both kernels, decreasing from 1 at distance 0, with expected shares of differing bits', () => {
    const [first, ...others] = measured?.kernels ?? []
    expect(first).toMatchObject({ distance: 0, before: 1, hamming_before: 0, hamming_after: 0 })
    expect(first?.after).toBeCloseTo(1, 9)
    let last = { before: 1, after: 1 }
    for (const one of others) {
      expect(one.before).toBeLessThanOrEqual(last.before)
      expect(one.after).toBeLessThanOrEqual(last.after)
      last = one
    }
  })

  it('counts each direction once in the measure', () => {
    expect(measured?.measure.reduce((sum, { count }) => sum + count, 0)).toBe(64)
  })

  it('measures shares near the expected ones, before and after training', () => {
    const { kernels = [], means = [] } = measured ?? {}
    for (const trained of [false, true]) {
      const own = means.filter((one) => one.trained === trained)
      expect(own.length).toBeGreaterThan(3)
      for (const { distance, measured: share } of own) {
        const near = kernels.reduce((best, one) =>
          Math.abs(one.distance - distance) < Math.abs(best.distance - distance) ? one : best,
        )
        expect(Math.abs(share - (trained ? near.hamming_after : near.hamming_before))).toBeLessThan(
          0.12,
        )
      }
    }
  })

  it('returns null if there are too few rows to hold some out', () => {
    expect(measureTraining(sample.slice(0, 100), { bits: 64, seed: 2 })).toBeNull()
  })
})
