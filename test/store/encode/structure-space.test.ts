import { beforeAll, describe, expect, it } from 'vitest'
import { measureEncoder } from '../../../src/compare/measure-encoder.js'
import { encoderQuality } from '../../../src/compare/encoder-quality.js'
import { nearPlans } from '../../../src/compare/prediction/near-plans.js'
import { measureSpaces } from '../../../src/compare/space-quality.js'
import { packMask } from '../../../src/core/pixel-mask.js'
import type { Plan } from '../../../src/core/plan.js'
import { openFeatures } from '../../../src/search/open-features.js'
import { encodeSpace, pendingItems } from '../../../src/store/encode/features.js'
import { trainSpaces } from '../../../src/store/encode/train-spaces.js'
import { encodedSpace, spacePreprocessing } from '../../../src/store/encode/known-spaces.js'
import { trainingFrames } from '../../../src/store/encode/training-frames.js'
import { heldOutSlices } from '../../../src/store/plans/held-out.js'
import { loadPlan } from '../../../src/store/plans/load-plan.js'
import { sliceOutlines } from '../../../src/store/plans/outlines.js'
import { patientsOf } from '../../../src/store/plans/patients.js'
import { preparePlan } from '../../../src/store/plans/prepared-plan.js'
import { needsOfSpace } from '../../../src/store/spaces/spaces.js'
import { openFeatureCheck } from '../../../src/store/verify/feature-differences.js'
import { useTestDatabase } from '../../database.js'
import { rowsOf } from '../../sql/asking.js'
import { smallPlan } from '../plans/small-plan.js'

const database = useTestDatabase()
const dataset = 'made'
const space = 'ct_structures'
const [plans, slices, side] = [13, 18, 16]
/** A plan without dose, as that of a new patient, one without masks, and one whose target was not drawn. */
const [undosed, unmasked, undrawn] = [11, 12, 13]

/** A target whose right edge depends on the patient and the slice, and one organ. */
function planOf(number: number): Plan {
  const plan = smallPlan({
    number,
    slices,
    side,
    dosed: number !== undosed,
    split: number > 9 && number !== undrawn ? 'test' : 'train',
  })
  if (number === unmasked) return plan
  const [target] = plan.structures as [Plan['structures'][number]]
  const maskOf = (inside: (row: number, column: number) => boolean) =>
    packMask(
      Array.from({ length: side ** 2 }, (_, i) => Number(inside(Math.floor(i / side), i % side))),
    )
  const masks = plan.slices.map(({ index }) =>
    index === 0 ? null : maskOf((row, column) => row > 3 && column < 2 + (number % 5) + index),
  )
  const organ = { ...target, name: 'SpinalCord', role: 'organ' as const }
  const cord = plan.slices.map(() => maskOf((row, column) => row > 12 && column > 12))
  const drawn = number === undrawn ? target : { ...target, masks }
  return { ...plan, structures: [drawn, { ...organ, masks: cord }] }
}

beforeAll(async () => {
  const { store } = database
  for (let number = 1; number <= plans; number++) await loadPlan(store, dataset, planOf(number))
  const bare = (number: number) => smallPlan({ number, slices, side, split: 'test' })
  for (const number of [21, 22]) await loadPlan(store, 'bare', bare(number))
  await trainSpaces(store, dataset, [space], { size: 16, epochs: 2 })
})

const planId = async (number: number) =>
  (
    await rowsOf<{ id: number }>(
      database.store,
      `select id from cbir.plan where source_key = 'made/pt_${number}'`,
    )
  )[0]!.id

describe('a space whose encoder sees structures', () => {
  it('needs structures, but no dose', async () => {
    expect(await needsOfSpace(database.store, space)).toEqual({ dose: false, structures: true })
  })

  it('holds all slices of plans with a drawn target, also those of a plan without dose', async () => {
    const { store } = database
    expect(await pendingItems(store, space)).toBe((plans - 2) * slices)
    expect(await encodeSpace(store, space)).toBe((plans - 2) * slices)
    expect(await pendingItems(store, space)).toBe(0)
    const held = await rowsOf<{ plan: string }>(
      store,
      `select distinct source_key as plan from space.ct_structures as feature
         join cbir.slice on slice.item_id = feature.item_id
         join cbir.plan on plan.id = slice.plan_id`,
    )
    for (const number of [unmasked, undrawn])
      expect(held.map(({ plan }) => plan)).not.toContain(`made/pt_${number}`)
    expect(held.map(({ plan }) => plan)).toContain(`made/pt_${undosed}`)
  })

  it('gets the same features from a query with the masks of its slice', async () => {
    const { store } = database
    const plan = planOf(undosed)
    const [item] = await rowsOf<{ item_id: number; embedding: Float32Array }>(
      store,
      `select slice.item_id, embedding from space.ct_structures as feature
         join cbir.slice on slice.item_id = feature.item_id
       where slice.plan_id = ${await planId(undosed)} and slice.index = 3`,
    )
    const masks = (await sliceOutlines(store, [item!.item_id])).get(item!.item_id)!
    expect(masks.map(({ name }) => name)).toEqual(['PTV70', 'SpinalCord'])
    const { rows, columns, ct } = plan.slices[3]!
    const structures = { masks, pixelMm: [4, 4] as const, prescriptionGy: null }
    const opened = await openFeatures(store.db, space)
    try {
      const query = await opened.features({ rows, columns, ct, structures })
      expect(Array.from(query)).toEqual(Array.from(item!.embedding, (value) => value))
      const moved = { ...structures, masks: masks.slice(1) }
      const other = await opened.features({ rows, columns, ct, structures: moved })
      expect(Array.from(other)).not.toEqual(Array.from(query))
      await expect(opened.features({ rows, columns, ct })).rejects.toThrow(
        'the slice has no structures',
      )
    } finally {
      await opened.close()
    }
  })

  it('is verified against the files of a plan, with or without a drawn target', async () => {
    const check = await openFeatureCheck(database.store)
    try {
      for (const number of [1, undosed, unmasked, undrawn])
        expect(await check.differences(await planId(number), preparePlan(planOf(number)))).toEqual(
          [],
        )
      const moved = { ...planOf(1), structures: planOf(2).structures }
      const found = await check.differences(await planId(1), preparePlan(moved))
      expect(found.map(({ part }) => part)).toContain('features in ct_structures, slice 3')
    } finally {
      await check.close()
    }
  })

  it('finds plans for one without dose', async () => {
    const stored = await Promise.all([1, 2, 3, unmasked].map(planId))
    const asking = [await planId(undosed), await planId(unmasked)]
    const near = await nearPlans(database.store, space, { plans: asking, stored, seed: 1 })
    expect([...near.keys()]).toEqual([asking[0]])
    expect(
      near
        .get(asking[0]!)!
        .map(({ plan }) => plan)
        .sort(),
    ).toEqual(stored.slice(0, 3).sort())
  })

  it('is measured by its images, on the slices that it holds', async () => {
    const { store } = database
    const [ct, ...rest] = await measureEncoder(store, space, { dataset })
    expect(rest).toEqual([])
    expect(ct).toMatchObject({ channel: 'ct', slices: 2 * slices, patients: 2 })
    const asking = (await patientsOf(store, dataset)).map(({ id }) => id)
    const quality = await encoderQuality(store, space, { dataset, asking: asking.slice(-2) })
    expect(quality.encode_per_s).toBeGreaterThan(0)
    const measured = await measureSpaces(store, dataset, [space], { encoders: false })
    const own = measured.find((one) => one.space === space)!
    expect(own.level_error_mm).toBeGreaterThanOrEqual(0)
    expect(own.patients).toBe(2)
  })

  it('is neither trained nor measured on plans without a drawn target', async () => {
    const { store } = database
    const plans = await Promise.all([unmasked, undrawn].map(planId))
    const rows = await rowsOf<{ id: number }>(
      store,
      `select distinct patient_id as id from cbir.plan where id in (${plans.join()})`,
    )
    const asking = rows.map(({ id }) => id)
    const preprocessing = spacePreprocessing(encodedSpace(space), 16)
    const input = [{ preprocessing, learnsDose: true }]
    const [frames] = await trainingFrames(store, { train: asking, validation: [] }, input, {
      every: 1,
    })
    expect(frames!.train).toHaveLength(0)
    const message = `no plan of the query patients has slices and a drawn target, which space "${space}" needs`
    await expect(encoderQuality(store, space, { dataset, asking })).rejects.toThrow(message)
    const refused: string[] = []
    for (const encoders of [true, false])
      await measureSpaces(store, 'bare', [space], {
        encoders,
        onRefused: (_, reason) => refused.push(reason),
      })
    expect(refused).toEqual([message, message])
    const needs = await needsOfSpace(store, space)
    await expect(heldOutSlices(store, space, { dataset: 'bare', needs, count: 1 })).rejects.toThrow(
      'has no plans with slices and a drawn target of patients',
    )
  })
})
