import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { doseStatistics } from '../../../src/ingest/volume/dvh.js'

describe('doseStatistics', () => {
  test('returns figures that were computed by hand', () => {
    const dose = Float32Array.of(0, 0.25, 0.5, 1.75, 99)
    const mask = Uint8Array.of(1, 1, 1, 1, 0)
    const { amount, meanGy, maxGy, dvh } = doseStatistics(dose, mask)
    expect({ amount, meanGy, maxGy }).toEqual({ amount: 4, meanGy: 0.625, maxGy: 1.75 })
    expect(dvh.binGy).toBe(0.5)
    expect([...dvh.volume]).toEqual([1, 0.5, 0.25, 0.25, 0])
  })

  test('counts a dose on the edge of a bin as reaching it despite errors of division', () => {
    const { dvh } = doseStatistics(Float32Array.of(70), Uint8Array.of(1))
    expect(dvh.volume).toHaveLength(142)
    expect(dvh.volume[140]).toBe(1)
    expect(dvh.volume[141]).toBe(0)
    const tenth = doseStatistics(Float32Array.of(0.75), Uint8Array.of(1), { binGy: 0.05 })
    expect(tenth.dvh.volume.lastIndexOf(1) * 0.05).toBeCloseTo(0.75, 10)
  })

  test('returns one bin and an end for a histogram without dose', () => {
    const { meanGy, maxGy, dvh } = doseStatistics(new Float32Array(3), Uint8Array.of(1, 1, 0))
    expect({ meanGy, maxGy }).toEqual({ meanGy: 0, maxGy: 0 })
    expect([...dvh.volume]).toEqual([1, 0])
  })

  test('agrees with its definition for any dose', () => {
    const voxels = fc.array(fc.tuple(fc.float({ min: 0, max: 80, noNaN: true }), fc.boolean()), {
      minLength: 1,
      maxLength: 60,
    })
    fc.assert(
      fc.property(voxels, (rows) => {
        const dose = Float32Array.from(rows, ([gy]) => gy)
        const mask = Uint8Array.from(rows, ([, inside]) => Number(inside))
        const inside = dose.filter((_, v) => mask[v] === 1)
        if (inside.length === 0) return
        const { dvh } = doseStatistics(dose, mask)
        dvh.volume.forEach((part, bin) => {
          const reached = inside.filter((gy) => gy >= bin * dvh.binGy).length
          expect(part).toBe(Math.fround(reached / inside.length))
        })
        expect(dvh.volume.indexOf(0)).toBe(dvh.volume.length - 1)
      }),
      { seed: 21, numRuns: 200 },
    )
  })
})
