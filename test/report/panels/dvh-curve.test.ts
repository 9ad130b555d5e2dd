import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { doseAt, dvhCurve } from '../../../src/report/panels/dvh-curve.js'

describe('dvhCurve', () => {
  it('keeps only the corners of a histogram', () => {
    const volume = Float32Array.from({ length: 101 }, (_, bin) =>
      bin <= 60 ? 1 : Math.max(0, (80 - bin) / 20),
    )
    expect(dvhCurve({ binGy: 0.5, volume })).toEqual([
      [0, 100],
      [30, 100],
      [40, 0],
      [50, 0],
    ])
  })

  it('differs from every bin by at most its tolerance', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2 }),
        (drawn) => {
          const volume = Float32Array.from(drawn.sort((a, b) => b - a))
          const curve = dvhCurve({ binGy: 1, volume }, 2)
          volume.forEach((share, bin) => {
            const next = curve.findIndex(([gy]) => gy >= bin)
            const [b, a] = [curve[next]!, curve[Math.max(0, next - 1)]!]
            const part = b[0] === a[0] ? 0 : (bin - a[0]) / (b[0] - a[0])
            expect(Math.abs(a[1] + part * (b[1] - a[1]) - 100 * share)).toBeLessThanOrEqual(
              2 + 1e-9,
            )
          })
        },
      ),
    )
  })
})

describe('doseAt', () => {
  it('interpolates between the points of a curve', () => {
    const curve = [
      [0, 100],
      [30, 100],
      [40, 0],
    ] as const
    expect(doseAt(curve, 50)).toBe(35)
    expect(doseAt(curve, 100)).toBe(30)
  })
})
