import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SliceImage } from '../../../src/core/plan.js'
import { frame, frameAll, preprocessingOf, type Plane } from '../../../src/encode/frames/frame.js'

const ct = preprocessingOf('ct', { size: 2 })
const [{ low, high }] = ct.planes as [Plane]
const dose = preprocessingOf('dose', { size: 2 })

describe('frame', () => {
  it('clips and scales Hounsfield units before it averages', () => {
    const middle = (low + high) / 2
    const image = slice(4, 4, [
      low, low - 500, high, 32000,
      low, low, high, high,
      middle, middle, low, high,
      middle, middle, high, low,
    ]) // prettier-ignore
    expect([...frame(image, ct)]).toEqual([0, 1, 0.5, 0.5])
  })

  it('keeps rows from anterior to posterior and columns from right to left', () => {
    const image = slice(2, 2, [low, high, low, low])
    expect([...frame(image, ct)]).toEqual([0, 1, 0, 0])
    const wide = slice(2, 4, [0, 0, 80, 80, 40, 40, 20, 20])
    expect([...frame(wide, dose)]).toEqual([0, 1, 0.5, 0.25])
  })

  it('scales the dose by 80 Gy and keeps hot spots up to 96 Gy', () => {
    const image = slice(2, 2, [0, 80, 90, 200])
    expect([...frame(image, dose)]).toEqual([0, 1, 1.125, 1.2].map(Math.fround))
  })

  it('divides pixels that lie across a border between pixels of the frame', () => {
    const image = slice(3, 3, [80, 0, 0, 0, 0, 0, 0, 0, 80])
    const corner = Math.fround(1 / 2.25)
    const out = frame(image, dose)
    expect(out[0]).toBeCloseTo(corner, 6)
    expect(out[1]).toBe(0)
    expect(out[2]).toBe(0)
    expect(out[3]).toBeCloseTo(corner, 6)
  })

  it('enlarges a raster that is smaller than the frame', () => {
    const image = slice(1, 1, [40])
    expect([...frame(image, dose)]).toEqual([0.5, 0.5, 0.5, 0.5])
  })

  it('keeps the mean of any raster', () => {
    const rasters = fc
      .tuple(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 9 }),
      )
      .chain(([rows, columns, size]) =>
        fc.record({
          rows: fc.constant(rows),
          columns: fc.constant(columns),
          size: fc.constant(size),
          values: fc.array(fc.integer({ min: 0, max: 80 }), {
            minLength: rows * columns,
            maxLength: rows * columns,
          }),
        }),
      )
    fc.assert(
      fc.property(rasters, ({ rows, columns, size, values }) => {
        const out = frame(slice(rows, columns, values), preprocessingOf('dose', { size }))
        expect(mean(out)).toBeCloseTo(mean(values) / 80, 5)
      }),
      { seed: 1, numRuns: 100 },
    )
  })

  it('concatenates the frames of several slices', () => {
    const images = [slice(2, 2, [0, 0, 0, 80]), slice(2, 2, [80, 0, 0, 0])]
    expect([...frameAll(images, dose)]).toEqual([0, 0, 0, 1, 1, 0, 0, 0])
  })
})

function slice(rows: number, columns: number, values: number[]): SliceImage {
  return { rows, columns, ct: Int16Array.from(values), dose: Float32Array.from(values) }
}

function mean(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length
}
