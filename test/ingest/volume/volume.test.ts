import { unpackMask } from '../../../src/core/pixel-mask.js'
import { describe, expect, test } from 'vitest'
import { bodySlices, emptyVolume, planFromVolume } from '../../../src/ingest/volume/volume.js'
import { tinyVolume, voxel } from '../fixtures.js'

const identity = {
  sourceKey: 'here/pt_1',
  patient: 'pt_1',
  split: null,
  checksum: '00',
  site: null,
} as const

describe('planFromVolume', () => {
  const plan = planFromVolume(tinyVolume({ targets: ['PTV56', 'PTV63'] }), identity)

  test('returns the slices that show body, with their numbers and positions', () => {
    expect(plan.slices.map(({ index, positionMm }) => [index, positionMm])).toEqual([
      [60, 150],
      [61, 152.5],
    ])
  })

  test('puts anterior rows first and the right side of the patient in the first columns', () => {
    const [slice] = plan.slices
    expect(slice?.rows).toBe(128)
    expect(slice?.columns).toBe(128)
    expect(slice?.ct[50 * 128 + 60]).toBe(-100)
    expect(slice?.ct[51 * 128 + 60]).toBe(100)
    expect(slice?.ct[51 * 128 + 71]).toBe(111)
    expect(slice?.ct[49 * 128 + 60]).toBe(-1024)
    expect(slice?.dose?.[59 * 128 + 65]).toBe(20)
    expect(slice?.dose?.[65 * 128 + 59]).toBe(0)
  })

  test('measures structures in the order of their names', () => {
    expect(plan.structures.map(({ name, role }) => [name, role])).toEqual([
      ['PTV56', 'target'],
      ['PTV63', 'target'],
      ['SpinalCord', 'organ'],
    ])
    const cord = plan.structures[2]
    expect(cord).toMatchObject({ volumeCc: 2, meanGy: 20, maxGy: 20 })
    expect(cord?.dvh?.volume).toHaveLength(42)
    // One cross-section for each slice with body.
    expect([...(cord?.areasCm2 ?? [])]).toEqual([4, 4])
    expect(plan.structures[0]?.volumeCc).toBe(8)
  })

  test('returns the pixels of a structure on each slice', () => {
    const cord = plan.structures[2]
    expect(cord?.masks).toHaveLength(2)
    for (const mask of cord?.masks ?? []) {
      const inside = unpackMask(mask!, 128 * 128)
      const set = [...inside.keys()].filter((pixel) => inside[pixel] === 1)
      expect(set).toEqual([59 * 128 + 65, 59 * 128 + 66, 60 * 128 + 65, 60 * 128 + 66])
    }
  })

  test('sets the prescription to the dose of the highest target', () => {
    expect(plan.prescriptionGy).toBe(63)
  })

  test('refuses a plan without target', () => {
    expect(() => planFromVolume(tinyVolume({ targets: [] }), identity)).toThrow(
      'here/pt_1 has no target structure',
    )
  })

  test('refuses a plan without body', () => {
    const volume = { ...tinyVolume(), ct: emptyVolume([10, 10, 2.5]).ct }
    expect(() => planFromVolume(volume, identity)).toThrow('here/pt_1 shows no body')
  })

  test.each([
    ['a dose of NaN', NaN, 1, 'has a dose of NaN Gy'],
    ['a dose without end', Infinity, 1, 'has a dose of Infinity Gy'],
    ['a negative dose', -0.5, 1, 'has a dose of -0.5 Gy'],
    ['a mask of other values than 0 and 1', 20, 255, 'has the value 255 in SpinalCord'],
  ])('refuses %s, which cannot be stored', (_title, gy, inside, message) => {
    const volume = tinyVolume()
    volume.dose![voxel(60, 66, 61)] = gy
    volume.masks.get('SpinalCord')![voxel(60, 66, 61)] = inside
    expect(() => planFromVolume(volume, identity)).toThrow(`here/pt_1 ${message}`)
  })
})

describe('bodySlices', () => {
  test('ignores a ring, a mask and a couch of any size', () => {
    const volume = emptyVolume([4, 4, 3])
    for (let at = 10; at < 118; at++)
      for (const edge of [10, 11, 116, 117]) {
        volume.ct[voxel(at, edge, 7)] = 300
        volume.ct[voxel(edge, at, 7)] = 300
      }
    expect(bodySlices(volume)).toEqual([])
    for (let i = 40; i < 60; i++) for (let j = 40; j < 60; j++) volume.ct[voxel(i, j, 8)] = 30
    expect(bodySlices(volume).map(({ index }) => index)).toEqual([8])
  })
})
