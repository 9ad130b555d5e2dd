import { describe, expect, it } from 'vitest'
import { bootstrapMean, bootstrapMedian, intervalOf } from '../../src/compare/bootstrap.js'
import { random } from '../../src/core/random.js'

describe('bootstrapMean', () => {
  it('is the mean over all values instead of over patients', () => {
    const { mean } = bootstrapMean(Float64Array.of(1, 1, 1, 5), Int32Array.of(1, 1, 1, 2))
    expect(mean).toBe(2)
  })

  it('has an interval that reflects the spread of the patients, not that of the slices', () => {
    const source = random(3)
    const middles = Array.from({ length: 40 }, () => source.normal())
    const patients = Int32Array.from({ length: 4000 }, (_, i) => i % 40)
    const values = Float64Array.from(
      patients,
      (p) => (middles[p] as number) + 0.01 * source.normal(),
    )
    const [low, high] = intervalOf(bootstrapMean(values, patients))!
    const spread = Math.sqrt(middles.reduce((sum, m) => sum + m * m, 0) / 40)
    // 2 · 1.96 standard errors of a mean of 40; with 4000 it would be a tenth.
    expect((high - low) / ((3.92 * spread) / Math.sqrt(40))).toBeGreaterThan(0.8)
    expect((high - low) / ((3.92 * spread) / Math.sqrt(40))).toBeLessThan(1.2)
  })

  it('is the same for the same seed, and ignores NaN', () => {
    const values = Float64Array.of(1, NaN, 3)
    const patients = Int32Array.of(1, 1, 2)
    expect(bootstrapMean(values, patients)).toEqual(bootstrapMean(values, patients))
    expect(bootstrapMean(values, patients).mean).toBe(2)
    expect(bootstrapMean(Float64Array.of(NaN), Int32Array.of(1)).mean).toBeNaN()
  })

  it('has no interval for one patient, as every resample is the same', () => {
    const [values, alone] = [Float64Array.of(1, 2, 6), Int32Array.of(7, 7, 7)]
    expect(bootstrapMean(values, alone)).toEqual({ mean: 3, low: null, high: null })
    expect(bootstrapMedian(values, alone)).toEqual({ mean: 2, low: null, high: null })
    expect(intervalOf(bootstrapMean(values, alone))).toBeNull()
    // Nor for two patients if one has no value.
    const other = bootstrapMean(Float64Array.of(1, NaN), Int32Array.of(1, 2))
    expect(other).toEqual({ mean: 1, low: null, high: null })
  })
})

describe('bootstrapMedian', () => {
  it('resamples whole patients and takes the median of all their values', () => {
    const source = random(5)
    const values = Float64Array.from({ length: 61 }, () => Math.round(10 * source.normal()))
    const patients = Int32Array.from(values, () => source.integer(1, 9))
    const groups = [...new Set(patients)]
      .sort((a, b) => a - b)
      .map((patient) => Array.from(values).filter((_, i) => patients[i] === patient))
    const median = (drawn: number[][]) => {
      const all = drawn.flat().sort((a, b) => a - b)
      return (all[(all.length - 1) >> 1]! + all[all.length >> 1]!) / 2
    }
    const draws = random(4)
    const medians = Array.from({ length: 200 }, () =>
      median(groups.map(() => groups[draws.integer(0, groups.length - 1)]!)),
    ).sort((a, b) => a - b)
    expect(bootstrapMedian(values, patients, { seed: 4, resamples: 200 })).toEqual({
      mean: median(groups),
      low: medians[Math.round(0.025 * 199)],
      high: medians[Math.round(0.975 * 199)],
    })
  })
})
