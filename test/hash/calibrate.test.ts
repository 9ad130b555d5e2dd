import { describe, expect, it } from 'vitest'
import { calibrate } from '../../src/hash/calibrate.js'
import { clumps, thrownBy } from './sample.js'

describe('calibrate', () => {
  it('returns the known figures of a regular grid', () => {
    // Rows 0, 1, … 99: the k-th neighbour of an inner row is at distance k / 2, rounded up.
    const line = Array.from({ length: 100 }, (_, i) => Float32Array.of(i))
    const { sampled, radius, meanDistance, contrast, bandwidth } = calibrate(line, 4)
    expect(sampled).toBe(100)
    expect(radius).toBe(2)
    expect(meanDistance).toBeCloseTo(101 / 3, 12)
    expect(contrast).toBeCloseTo(101 / 6, 12)
    expect(bandwidth).toBeCloseTo(0.375 ** 2, 12)
  })

  it('limits k to a quarter of the sample', () => {
    const line = Array.from({ length: 21 }, (_, i) => Float32Array.of(i))
    expect(calibrate(line, 50)).toEqual(calibrate(line, 5))
    const two = [Float32Array.of(0, 0), Float32Array.of(3, 4)]
    expect(calibrate(two)).toMatchObject({ sampled: 2, radius: 5, meanDistance: 5, contrast: 1 })
  })

  it('measures distances from the first 200 rows to all others', () => {
    const near = clumps({ dims: 4, rows: 200, seed: 1 })
    const far = Array.from({ length: 300 }, (_, i) => Float32Array.of(1000 + 100 * i, 0, 0, 0))
    const { radius, meanDistance } = calibrate([...near, ...far], 20)
    expect(radius).toBeLessThan(5)
    expect(meanDistance).toBeGreaterThan(5000)
  })

  it('scales with the data', () => {
    const sample = clumps({ dims: 6, rows: 120, seed: 2 })
    const once = calibrate(sample)
    const twice = calibrate(sample.map((vector) => vector.map((value) => 2 * value)))
    expect(twice.radius).toBeCloseTo(2 * once.radius!, 10)
    expect(twice.contrast).toBeCloseTo(once.contrast!, 10)
    expect(twice.bandwidth).toBeCloseTo(once.bandwidth! / 4, 10)
  })

  it('returns no bandwidth for rows that are all equal or too few', () => {
    const equal = Array.from({ length: 9 }, () => Float32Array.of(1, 2))
    const none = { radius: null, contrast: null, bandwidth: null }
    expect(calibrate(equal)).toEqual({ ...none, sampled: 9, meanDistance: 0 })
    expect(calibrate(equal.slice(0, 1))).toEqual({ ...none, sampled: 1, meanDistance: null })
    expect(calibrate([])).toEqual({ ...none, sampled: 0, meanDistance: null })
  })

  it.each([0, 1.5, NaN])('refuses a k of %d', (k) => {
    expect(thrownBy(() => calibrate([], k))).toMatchObject({ code: 'bad_usage' })
  })
})
