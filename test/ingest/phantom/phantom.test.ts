import { describe, expect, test } from 'vitest'
import type { Plan } from '../../../src/core/plan.js'
import { syntheticPlans } from '../../../src/ingest/phantom/phantom.js'

/** Few thick slices, since the plausibility of the anatomy does not depend on their number. */
const cohort = [...syntheticPlans({ patients: 6, seed: 3, sliceMm: 8 })]

function structure(plan: Plan, name: string) {
  const found = plan.structures.find((one) => one.name === name)
  if (found === undefined) throw new Error(`${plan.patient} has no ${name}`)
  return found
}

/** Number of voxels of a plan in a range of Hounsfield units. */
function voxelsIn(plan: Plan, from: number, to: number): number {
  let count = 0
  for (const { ct } of plan.slices) for (const hu of ct) if (hu >= from && hu <= to) count++
  return count
}

describe('syntheticPlans', () => {
  test('creates the same plans from the same seed, and others from another', () => {
    const [again] = syntheticPlans({ patients: 1, seed: 3, sliceMm: 8 })
    expect(again).toEqual(cohort[0])
    const [other] = syntheticPlans({ patients: 1, seed: 4, sliceMm: 8 })
    expect(other?.checksum).not.toBe(cohort[0]?.checksum)
    expect(other?.structures).not.toEqual(cohort[0]?.structures)
  })

  test('names patients and assigns every sixth to the test split', () => {
    expect(cohort.map(({ sourceKey, patient, split }) => [sourceKey, patient, split])).toEqual(
      [1, 2, 3, 4, 5, 6].map((n) => [
        `phantom/phantom-00${n}`,
        `phantom-00${n}`,
        n === 6 ? 'test' : 'train',
      ]),
    )
  })

  test('gives each patient an individual anatomy, targets and checksum', () => {
    expect(new Set(cohort.map(({ checksum }) => checksum)).size).toBe(6)
    expect(new Set(cohort.map((p) => structure(p, 'PTV70').volumeCc)).size).toBe(6)
    const targets = cohort.map(({ structures }) =>
      structures.flatMap(({ name, role }) => (role === 'target' ? [name] : [])).join(),
    )
    expect(new Set(targets).size).toBeGreaterThan(1)
  })

  test('has every organ of OpenKBP with a plausible size', () => {
    const sizes = {
      Brainstem: [8, 45],
      Esophagus: [3, 25],
      Larynx: [12, 80],
      Mandible: [30, 120],
      SpinalCord: [8, 40],
      LeftParotid: [10, 50],
      RightParotid: [10, 50],
    }
    for (const plan of cohort)
      for (const [name, [least, most]] of Object.entries(sizes) as [string, [number, number]][]) {
        const { volumeCc } = structure(plan, name)
        expect(volumeCc, `${plan.patient} ${name}`).toBeGreaterThan(least)
        expect(volumeCc, `${plan.patient} ${name}`).toBeLessThan(most)
      }
  })

  test('shows a head down to the shoulders with air, lung, fat, muscle, bone and teeth', () => {
    for (const plan of cohort) {
      const { slices } = plan
      expect(slices.length).toBeGreaterThan(28)
      expect(slices.every(({ index }, n) => index === (slices[0]?.index ?? 0) + n)).toBe(true)
      expect(slices.every(({ ct }) => ct[0] === -1024)).toBe(true)
      expect(voxelsIn(plan, -990, -900)).toBeGreaterThan(100)
      expect(voxelsIn(plan, -880, -750)).toBeGreaterThan(100)
      expect(voxelsIn(plan, -140, -60)).toBeGreaterThan(1000)
      expect(voxelsIn(plan, 0, 90)).toBeGreaterThan(10000)
      expect(voxelsIn(plan, 500, 1300)).toBeGreaterThan(2000)
      expect(voxelsIn(plan, 1500, 3071)).toBeGreaterThan(15)
    }
  })

  test('covers the targets, spares the cord, and gives no dose outside the body', () => {
    for (const plan of cohort) {
      const high = structure(plan, 'PTV70')
      expect(high.meanGy).toBeGreaterThan(66)
      expect(high.meanGy).toBeLessThan(74)
      expect(high.maxGy).toBeGreaterThan(71)
      expect(high.maxGy).toBeLessThan(82)
      // 95 % of the high target get at least 62 Gy.
      expect(high.dvh!.volume[124]).toBeGreaterThan(0.95)
      for (const [name, gy] of [
        ['PTV63', 63],
        ['PTV56', 56],
      ] as const) {
        const lower = plan.structures.find((one) => one.name === name)
        if (lower !== undefined) expect(Math.abs(lower.meanGy! - gy)).toBeLessThan(5)
      }
      expect(structure(plan, 'SpinalCord').maxGy).toBeLessThan(50)
      for (const { ct, dose } of plan.slices)
        expect(dose!.every((gy, p) => gy === 0 || (gy > 0 && ct[p] !== -1024))).toBe(true)
    }
  })

  test('has noise like that of a scanner in the brain', () => {
    for (const plan of cohort) {
      const { ct } = plan.slices[6] as (typeof plan.slices)[number]
      const inBrain = [...ct].filter((hu) => hu > -60 && hu < 130)
      const mean = inBrain.reduce((sum, hu) => sum + hu, 0) / inBrain.length
      const sd = Math.sqrt(inBrain.reduce((sum, hu) => sum + (hu - mean) ** 2, 0) / inBrain.length)
      expect(sd).toBeGreaterThan(12)
      expect(sd).toBeLessThan(32)
    }
  })

  test.each([
    ['no patients', { patients: 0 }],
    ['half a patient', { patients: 1.5 }],
    ['a seed that is not an integer', { seed: 0.5 }],
    ['slices too thin for a volume', { sliceMm: 1 }],
    ['a slice distance that is no number', { sliceMm: NaN }],
  ])('refuses %s', (_title, options) => {
    expect(() => syntheticPlans(options).next()).toThrow(
      expect.objectContaining({ code: 'bad_usage' }) as Error,
    )
  })
})
