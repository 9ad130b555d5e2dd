import { inflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packImage, unpackImage } from '../../../src/store/plans/images.js'

const image = fc
  .record({
    rows: fc.integer({ min: 1, max: 9 }),
    columns: fc.integer({ min: 1, max: 9 }),
    scale: fc.constantFrom(0, 1e-6, 0.3, 70, 5000),
  })
  .chain(({ rows, columns, scale }) => {
    const size = { minLength: rows * columns, maxLength: rows * columns }
    return fc.record({
      rows: fc.constant(rows),
      columns: fc.constant(columns),
      ct: fc.int16Array(size),
      dose: fc
        .float32Array({ ...size, min: 0, max: 1, noNaN: true })
        .map((dose) => dose.map((share) => (share > 1e-20 ? share * scale : 0))),
    })
  })

describe('packImage and unpackImage', () => {
  it('restore CT exactly and dose within half a unit, for every raster', () => {
    fc.assert(
      fc.property(image, (original) => {
        const stored = packImage(original)
        const back = unpackImage(stored)
        expect([back.rows, back.columns]).toEqual([original.rows, original.columns])
        expect(back.ct).toEqual(original.ct)
        expect(back.dose!.length).toBe(original.dose.length)
        // The unit itself is rounded to 4 bytes, as in its column.
        const within = stored.dose_unit_gy! * 0.51
        back.dose!.forEach((gy, i) => {
          expect(Math.abs(gy - (original.dose[i] as number))).toBeLessThanOrEqual(within)
        })
      }),
      { seed: 20250102, numRuns: 300 },
    )
  })

  it('use all 65,535 steps for the dose range of the slice', () => {
    const stored = packImage({
      rows: 1,
      columns: 3,
      ct: new Int16Array(3),
      dose: Float32Array.of(0, 35, 70),
    })
    expect(stored.dose_unit_gy).toBe(Math.fround(70 / 65535))
    expect(unpackImage(stored).dose![2]).toBeCloseTo(70, 5)
    expect(unpackImage(stored).dose![0]).toBe(0)
  })

  it('use a unit above 0 for a slice whose dose is 0', () => {
    const stored = packImage({
      rows: 1,
      columns: 2,
      ct: Int16Array.of(-1024, 3071),
      dose: new Float32Array(2),
    })
    expect(stored.dose_unit_gy).toBeGreaterThan(0)
    expect([...unpackImage(stored).dose!]).toEqual([0, 0])
  })

  it('use a unit above 0 for the smallest dose that a file can contain', () => {
    const stored = packImage({
      rows: 1,
      columns: 1,
      ct: new Int16Array(1),
      dose: Float32Array.of(1e-44),
    })
    expect(stored.dose_unit_gy).toBeGreaterThan(0)
  })

  it('accept views into larger arrays', () => {
    const ct = Int16Array.of(1, 2, 3, 4, 5, 6).subarray(2, 4)
    const dose = Float32Array.of(9, 9, 1, 2, 9, 9).subarray(2, 4)
    const back = unpackImage(packImage({ rows: 1, columns: 2, ct, dose }))
    expect([...back.ct]).toEqual([3, 4])
    expect(back.dose![1]).toBeCloseTo(2, 4)
  })

  it('write the bytes that the comments on the columns describe', () => {
    const stored = packImage({
      rows: 1,
      columns: 2,
      ct: Int16Array.of(-1000, 258),
      dose: Float32Array.of(0, 65535),
    })
    expect([...inflateSync(stored.ct)]).toEqual([0x18, 0xfc, 2, 1])
    expect([...inflateSync(stored.dose!)]).toEqual([0, 0, 255, 255])
  })
})
