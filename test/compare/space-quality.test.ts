import { beforeAll, describe, expect, it } from 'vitest'
import { measureSpaces, type SpaceQuality } from '../../src/compare/space-quality.js'
import { encodeSpace } from '../../src/store/encode/features.js'
import { loadPlan } from '../../src/store/plans/load-plan.js'
import { trainSpaces } from '../../src/store/encode/train-spaces.js'
import { useTestDatabase } from '../database.js'
import { makeSpace } from '../store/codes/made-space.js'
import { smallPlan } from '../store/plans/small-plan.js'

const database = useTestDatabase()
const options = { seed: 1 }

beforeAll(async () => {
  const { store } = database
  for (let number = 1; number <= 9; number++) {
    const plan = smallPlan({ number, slices: 12, side: 16, split: number > 7 ? 'test' : 'train' })
    const [target] = plan.structures
    await loadPlan(store, 'plans', {
      ...plan,
      structures: [
        ...plan.structures,
        { ...target!, name: 'Mandible', role: 'organ', areasCm2: new Float32Array(12).fill(1) },
      ],
    })
  }
  await trainSpaces(store, 'plans', ['pixels'], { size: 16 })
  await encodeSpace(store, 'pixels')
})

describe('measureSpaces', () => {
  it('returns figures between those of a random choice and the best one', async () => {
    const measured = await measureSpaces(database.store, 'plans', ['pixels'], options)
    const of = (space: string) => measured.find((one) => one.space === space) as SpaceQuality
    const [pixels, random, oracle] = [of('pixels'), of('random'), of('oracle')]
    expect(measured.map(({ space }) => space)).toEqual(['pixels', 'random', 'oracle'])
    for (const figure of ['level_error_mm', 'dose_gap_gy', 'dvh_gap_gy'] as const) {
      expect(pixels[figure], figure).toBeGreaterThanOrEqual(oracle[figure] as number)
      expect(random[figure], figure).toBeGreaterThanOrEqual(oracle[figure] as number)
      const [low, high] = pixels.intervals[figure] as [number, number]
      expect(low).toBeLessThanOrEqual(pixels[figure] as number)
      expect(high).toBeGreaterThanOrEqual(pixels[figure] as number)
    }
    expect(pixels.level_error_mm).toBeLessThan(random.level_error_mm as number)
    // All plans have one organ of the same shape, so one organ is as good as all.
    expect(pixels.level_error_one_organ_mm).toBeCloseTo(pixels.level_error_mm as number, 4)
    expect(oracle.level_error_mm).toBeCloseTo(0, 4)
    expect(pixels).toMatchObject({
      dims: 256,
      psnr_body_db: 100,
      psnr_whole_db: 100,
      ssim_body: 1,
      ssim_whole: 1,
    })
    expect(pixels.encode_per_s).toBeGreaterThan(0)
    expect(pixels.same_patient_share).toBeGreaterThanOrEqual(0)
    expect(pixels.same_patient_share).toBeLessThanOrEqual(1)
  })

  it('uses all patients as queries in folds for pixels, which need no training', async () => {
    const remarks: string[] = []
    const inFolds = { seed: 1, folds: 3, onRemark: (space: string) => remarks.push(space) }
    const measured = await measureSpaces(database.store, 'plans', ['pixels'], inFolds)
    expect(measured.map(({ space, patients }) => [space, patients])).toEqual([
      ['pixels', 9],
      ['random', 9],
      ['oracle', 9],
    ])
    expect(remarks).toEqual([])
  })

  it('refuses an encoder that was trained on a patient of the measurement', async () => {
    await makeSpace(database.store, { patients: 9, slices: 4, seen: 9 })
    await expect(measureSpaces(database.store, 'made', ['made'], options)).rejects.toThrow(
      expect.objectContaining({ code: 'LSH03', message: expect.stringMatching(/trained on/) }),
    )
  })
})
