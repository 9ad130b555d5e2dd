import { describe, expect, it } from 'vitest'
import type { SliceStructures } from '../../../src/core/slice-structures.js'
import { frame, needsOf, preprocessingOf } from '../../../src/encode/frames/frame.js'
import { STRUCTURE_CHANNELS, structureMap } from '../../../src/encode/frames/structure-map.js'

const [rows, columns] = [8, 20]
const size = { rows, columns }

/** A rectangle of pixels, excluding the last row and column. */
function box(top: number, bottom: number, left: number, right: number): Uint8Array {
  return Uint8Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns]
    return row >= top && row < bottom && column >= left && column < right ? 1 : 0
  })
}

const structures: SliceStructures = {
  masks: [
    { name: 'PTV56', role: 'target', inside: box(0, 8, 0, 6) },
    { name: 'PTV_7000', role: 'target', inside: box(0, 8, 0, 2) },
    { name: 'Cord', role: 'organ', inside: box(0, 8, 18, 20) },
  ],
  pixelMm: [3, 2],
  prescriptionGy: 66,
}
const rowOf = (map: Float32Array) => Array.from(map.subarray(0, columns))

describe('structureMap', () => {
  it('returns the depth in the union of all targets in mm, negative outside', () => {
    const map = rowOf(structureMap('targets', size, structures))
    expect(map.slice(0, 6)).toEqual([12, 10, 8, 6, 4, 2])
    expect(map.slice(6, 9)).toEqual([-2, -4, -6])
    expect(map.at(-1)).toBe(-28)
  })

  it('returns the depth in organs, with pixels that are not square', () => {
    const flat = { ...structures, masks: [{ name: 'A', role: 'organ', inside: box(7, 8, 0, 20) }] }
    const map = structureMap('organs', size, flat as SliceStructures)
    expect(map[0]).toBe(-21)
    expect(map[7 * columns]).toBe(3)
    expect(rowOf(structureMap('organs', size, structures)).slice(16)).toEqual([-4, -2, 2, 4])
  })

  it('returns the lowest depth if there is no structure, and a dose of 0', () => {
    const none = { ...structures, masks: [] }
    for (const channel of ['targets', 'organs'] as const)
      expect(new Set(structureMap(channel, size, none))).toEqual(new Set([-40]))
    expect(new Set(structureMap('levels', size, none))).toEqual(new Set([0]))
  })

  it('returns the dose of the highest target, by its name or the prescription', () => {
    expect(rowOf(structureMap('levels', size, structures)).slice(0, 8)).toEqual([
      70, 70, 56, 56, 56, 56, 0, 0,
    ])
    const named = (name: string, prescriptionGy: number | null) => ({
      ...structures,
      prescriptionGy,
      masks: [{ name, role: 'target', inside: box(0, 8, 0, 1) }] as const,
    })
    expect(structureMap('levels', size, named('GTV', 66))[0]).toBe(66)
    expect(structureMap('levels', size, named('GTV', null))[0]).toBe(0)
    // PTV_2 is the stored name of the second target without a dose in its name.
    for (const name of ['PTV_2', 'PTV1', '0', '1e400', `PTV${'9'.repeat(400)}`])
      expect(structureMap('levels', size, named(name, 66))[0]).toBe(66)
    expect(structureMap('levels', size, named('PTV2_6000', 66))[0]).toBe(60)
    for (const name of ['PTV70_2', 'PTV70/63'])
      expect(structureMap('levels', size, named(name, 66))[0]).toBe(70)
  })

  it('takes any value but 0 as inside', () => {
    const masks = structures.masks.map((mask) => ({
      ...mask,
      inside: mask.inside.map((one) => 255 * one),
    }))
    for (const channel of STRUCTURE_CHANNELS)
      expect(structureMap(channel, size, { ...structures, masks })).toEqual(
        structureMap(channel, size, structures),
      )
  })

  it('refuses a mask of another size, and pixels without a size', () => {
    const wrong = {
      ...structures,
      masks: [{ name: 'Cord', role: 'organ', inside: new Uint8Array(3) }] as const,
    }
    expect(() => structureMap('organs', size, wrong)).toThrow(
      'the mask of Cord has 3 values, not 8 times 20',
    )
    for (const mm of [0, -1, NaN, Infinity])
      expect(() => structureMap('targets', size, { ...structures, pixelMm: [1, mm] })).toThrow(
        `the pixels of the slice cannot be 1 × ${mm} mm`,
      )
  })
})

describe('frame', () => {
  const preprocessing = preprocessingOf(['ct', 'targets', 'levels', 'organs'], { size: 4 })
  const slice = { rows, columns, ct: new Int16Array(rows * columns).fill(-1000) }

  it('contains structures beside images, with 0 far from all structures', () => {
    const seen = frame({ ...slice, structures }, preprocessing)
    const plane = (p: number) => Array.from({ length: 4 }, (_, i) => seen[4 * i + p]!)
    expect(plane(0)).toEqual([0, 0, 0, 0])
    // Means over five columns, as of depths from 12 to 4 mm, scaled from -40 to 20 mm.
    expect(plane(1)[0]).toBeCloseTo((8 + 40) / 60)
    expect(plane(2)[0]).toBeCloseTo((2 * 70 + 3 * 56) / 5 / 80)
    expect(plane(3)[3]).toBeCloseTo(((-6 - 4 - 2 + 2 + 4) / 5 + 40) / 60)
    const none = frame({ ...slice, structures: { ...structures, masks: [] } }, preprocessing)
    expect(Math.max(...none)).toBe(0)
  })

  it('refuses a slice without structures', () => {
    expect(needsOf(preprocessing)).toEqual({ dose: false, structures: true })
    expect(() => frame(slice, preprocessing)).toThrow('the slice has no structures')
  })
})
