import { describe, expect, it } from 'vitest'
import { holm, pairedDifference } from '../../src/compare/paired.js'

const patients = (count: number) => Int32Array.from({ length: count }, (_, i) => i)

describe('pairedDifference', () => {
  it('enumerates all sign changes for few patients', () => {
    const found = pairedDifference(Float64Array.of(1, 2, 3), patients(3))
    expect(found).toMatchObject({ mean: 2, patients: 3 })
    // Of eight sign changes only two are at least as far from 0.
    expect(found.p).toBe(2 / 8)
  })

  it('samples sign changes for many patients, and detects a difference only if there is one', () => {
    const values = Float64Array.from({ length: 40 }, (_, i) => 1 + (i % 5) - 2)
    expect(pairedDifference(values, patients(40)).p).toBeLessThan(0.001)
    const none = Float64Array.from({ length: 40 }, (_, i) => (i % 2 ? 1 : -1))
    expect(pairedDifference(none, patients(40)).p).toBeGreaterThan(0.9)
  })

  it('counts each patient once, however many plans the patient has', () => {
    const values = Float64Array.of(4, 4, 4, 1, NaN)
    const found = pairedDifference(values, Int32Array.of(1, 1, 1, 2, 3))
    expect(found).toMatchObject({ patients: 2, p: 0.5 })
  })

  it('returns no test for one patient', () => {
    expect(pairedDifference(Float64Array.of(1, 2), Int32Array.of(7, 7))).toMatchObject({
      low: null,
      p: null,
    })
  })
})

describe('holm', () => {
  it('multiplies by the number of remaining comparisons and never decreases', () => {
    expect(holm([0.01, null, 0.04, 0.03])).toEqual([0.03, null, 0.06, 0.06])
    expect(holm([0.9, 0.8])).toEqual([1, 1])
    expect(holm([])).toEqual([])
  })
})
