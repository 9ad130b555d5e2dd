import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { evaluatePlans } from '../../../src/compare/evaluate-plans.js'
import { measureSpaces } from '../../../src/compare/space-quality.js'
import { renderTile } from '../../../src/report/panels/tile.js'
import { similarPlans } from '../../../src/search/similar-plans.js'
import { patientsOf } from '../../../src/store/plans/patients.js'
import { addEncoder } from '../../../src/store/spaces/encoders.js'
import { encodeSpace, pendingItems } from '../../../src/store/encode/features.js'
import { choosePlan, heldOutSlices } from '../../../src/store/plans/held-out.js'
import { loadPlan } from '../../../src/store/plans/load-plan.js'
import { planDifferences } from '../../../src/store/verify/plan-differences.js'
import { preparePlan } from '../../../src/store/plans/prepared-plan.js'
import { createJointSpace, needsOfSpace } from '../../../src/store/spaces/spaces.js'
import { picturedSlices } from '../../../src/store/plans/tiles.js'
import { trainSpaces } from '../../../src/store/encode/train-spaces.js'
import { trainingFrames } from '../../../src/store/encode/training-frames.js'
import { preprocessingOf } from '../../../src/encode/frames/frame.js'
import { useTestDatabase } from '../../database.js'
import { rowsOf } from '../../sql/asking.js'
import { makeIndex } from '../codes/made-space.js'
import { smallPlan } from './small-plan.js'
import { smallPixels } from '../encode/trained.js'

const database = useTestDatabase()
const dataset = 'made'
const [plans, slices] = [16, 6]
/** Patients without dose: one for training and one as query. */
const undosed = [3, 15]
const planOf = (number: number) =>
  smallPlan({
    number,
    slices,
    side: 16,
    split: number > 12 ? 'test' : 'train',
    dosed: !undosed.includes(number),
  })

beforeAll(async () => {
  for (let number = 1; number <= plans; number++)
    await loadPlan(database.store, dataset, planOf(number))
})

async function idOf(number: number): Promise<number> {
  const { id } = await database.store.db
    .selectFrom('cbir.plan')
    .select('id')
    .where('source_key', '=', `made/pt_${number}`)
    .executeTakeFirstOrThrow()
  return id
}

async function itemsOf(number: number): Promise<number[]> {
  const rows = await database.store.db
    .selectFrom('cbir.slice')
    .select('item_id')
    .where('plan_id', '=', await idOf(number))
    .orderBy('index')
    .execute()
  return rows.map(({ item_id }) => item_id)
}

// Each test continues after the previous one.
describe('a plan without dose', () => {
  it('is stored with null instead of 0 in every column of dose', async () => {
    const { db } = database.store
    const slice = await db
      .selectFrom('cbir.slices')
      .select(['dose_mean_gy', 'dose_max_gy', 'prescription_gy'])
      .where('plan', '=', 'made/pt_3')
      .executeTakeFirstOrThrow()
    expect(slice).toEqual({ dose_mean_gy: null, dose_max_gy: null, prescription_gy: null })
    const structure = await db
      .selectFrom('cbir.structures')
      .select(['volume_cc', 'mean_gy', 'max_gy', 'dosed_share'])
      .where('plan', '=', 'made/pt_3')
      .executeTakeFirstOrThrow()
    expect(structure).toEqual({ volume_cc: 33, mean_gy: null, max_gy: null, dosed_share: null })
    const bins = await db
      .selectFrom('cbir.dvh')
      .selectAll()
      .where('plan_id', '=', await idOf(3))
      .execute()
    expect(bins).toEqual([])
    const plan = await db
      .selectFrom('cbir.plans')
      .select(['target_volume_cc', 'structures', 'prescription_gy'])
      .where('plan', '=', 'made/pt_3')
      .executeTakeFirstOrThrow()
    expect(plan).toEqual({ target_volume_cc: 33, structures: ['PTV70'], prescription_gy: null })
  })

  it('is compared with the database like any other plan', async () => {
    const { store } = database
    expect(await planDifferences(store, await idOf(3), preparePlan(planOf(3)))).toEqual([])
    const dosed = preparePlan(smallPlan({ number: 3, slices, side: 16 }))
    const found = await planDifferences(store, await idOf(3), dosed)
    expect(found.map(({ part, problem }) => `${part}: ${problem}`)).toContain(
      'slice 0 dose: is only in the files',
    )
  })

  it('trains only encoders that need no dose', async () => {
    const { store } = database
    const patients = await rowsOf<{ id: number }>(store, 'select id from cbir.patient order by id')
    const ids = patients.map(({ id }) => id)
    const [ct, dose, joint] = await trainingFrames(
      store,
      { train: ids.slice(0, 10), validation: ids.slice(10, 12) },
      ([['ct'], ['dose'], ['ct', 'dose']] as const).map((planes) => ({
        preprocessing: preprocessingOf(planes),
      })),
      { every: 1 },
    )
    expect(ct!.levels!.train.mm).toHaveLength(10 * slices)
    expect(dose!.levels!.train.mm).toHaveLength(9 * slices)
    expect(joint!.levels!.train.mm).toHaveLength(9 * slices)
    expect(dose!.train).toHaveLength(9 * slices * 64 * 64)
    expect(dose!.validation).toHaveLength(2 * slices * 64 * 64)
  })

  it('is left out of the training of doses, which fails if no plan has one', async () => {
    const { store } = database
    for (const number of [21, 22, 23, 24])
      await loadPlan(store, 'new', smallPlan({ number, slices, side: 16, dosed: false }))
    await expect(trainSpaces(store, 'new', ['dose_shallow'], { size: 16 })).rejects.toThrow(
      'too few patients of data set "new" have a dose to train space "dose_shallow" on',
    )
    await store.db.deleteFrom('cbir.item').where('dataset', '=', 'new').execute()
    await store.db.deleteFrom('cbir.plan').where('source_key', 'like', 'made/pt_2_').execute()
  })

  it('has features only in spaces of CT', async () => {
    const { store } = database
    const seen = await rowsOf<{ id: number }>(
      store,
      "select id from cbir.patient where dataset = 'made' and split = 'train'",
    )
    const trainedOn = seen.map(({ id }) => id)
    for (const plane of ['ct', 'dose'] as const) {
      const trained = await smallPixels(plane)
      await store.transaction((transaction) =>
        addEncoder(transaction, trained, { name: `${plane}_small`, dataset, trainedOn }),
      )
    }
    expect(await needsOfSpace(store, 'ct_small')).toEqual({ dose: false, structures: false })
    expect(await needsOfSpace(store, 'dose_small')).toEqual({ dose: true, structures: false })
    const dosed = (plans - undosed.length) * slices
    expect(await pendingItems(store, 'dose_small')).toBe(dosed)
    expect(await encodeSpace(store, 'ct_small')).toBe(plans * slices)
    expect(await encodeSpace(store, 'dose_small')).toBe(dosed)
    expect(await pendingItems(store, 'dose_small')).toBe(0)
    await createJointSpace(store, 'joint_small', [
      { space: 'ct_small', weight: 1 },
      { space: 'dose_small', weight: 1 },
    ])
    expect(await needsOfSpace(store, 'joint_small')).toEqual({ dose: true, structures: false })
    expect(await pendingItems(store, 'joint_small')).toBe(dosed)
    expect(await encodeSpace(store, 'joint_small')).toBe(dosed)
    expect(await pendingItems(store, 'joint_small')).toBe(0)
  })

  it('can be a query and a result in spaces of CT', async () => {
    const { store } = database
    for (const space of ['ct_small', 'dose_small']) await makeIndex(store, space)
    const [item] = await itemsOf(3)
    const similar = `select item_id from cbir.similar_slices($1, 'ct_small', k => 5)`
    expect(await rowsOf(store, similar, [item])).toHaveLength(5)
    const found = await similarPlans(store.db, await idOf(15), {
      space: 'ct_small',
      k: 3,
      weights: 'dose',
    }).execute()
    expect(found).toHaveLength(3)
    await expect(
      similarPlans(store.db, await idOf(15), { space: 'dose_small', k: 3 }).execute(),
    ).rejects.toThrow(/has no features in space "dose_small"/)
  })

  it('is measured only by what it has', { timeout: 240_000 }, async () => {
    const { store } = database
    const measured = await measureSpaces(store, dataset, ['ct_small', 'dose_small'], {
      seed: 1,
    })
    const figures = new Map(measured.map((one) => [one.space, one]))
    for (const space of ['ct_small', 'dose_small', 'random', 'oracle'])
      expect(figures.get(space)!.dose_gap_gy, space).toBeGreaterThanOrEqual(0)
    expect(figures.get('dose_small')!.psnr_body_db).toBeGreaterThan(0)
    const others = (await patientsOf(store, dataset)).map(({ id }) => id)
    const evaluated = await evaluatePlans(store, 'ct_small', {
      plans: [await idOf(15), await idOf(14)],
      searched: others,
      seed: 1,
    })
    // The plan without dose has no dose to compare.
    expect(evaluated!.queries).toBe(1)
  })

  it('is chosen only if no dose is needed', async () => {
    const { store } = database
    const own = new Set([...(await itemsOf(15)), ...(await itemsOf(3))])
    const ct = { dose: false, structures: false }
    const dose = { dose: true, structures: false }
    const any = await heldOutSlices(store, 'ct_small', { dataset, needs: ct, count: 1000 })
    expect(any.some((item) => own.has(item))).toBe(true)
    const dosed = await heldOutSlices(store, 'dose_small', {
      dataset,
      needs: dose,
      count: 1000,
      leastDose: 0.01,
    })
    expect(dosed.some((item) => own.has(item))).toBe(false)
    const key = 'made/pt_15'
    expect(
      (await choosePlan(store, 'ct_small', { dataset, needs: ct, key })).prescriptionGy,
    ).toBeNull()
    await expect(choosePlan(store, 'dose_small', { dataset, needs: dose, key })).rejects.toThrow(
      'has no plan "made/pt_15" with slices and a dose',
    )
  })

  it('is drawn without isodose lines', async () => {
    const [item] = await itemsOf(3)
    const slice = (await picturedSlices(database.store, [item!])).get(item!)!
    const tile = { ...slice, outlined: null }
    expect(tile.prescriptionGy).toBeNull()
    const { markup } = renderTile(tile)
    expect(markup).toContain('slice 0, without dose')
    expect(markup).not.toContain('<title>')
  })

  it('cannot be given a part of its dose', async () => {
    const { db } = database.store
    await expect(
      sql`update cbir.slice set dose_max_gy = 1 where item_id = ${(await itemsOf(3))[0]}`.execute(
        db,
      ),
    ).rejects.toThrow(/slice_check/)
    await expect(
      sql`update cbir.structure set mean_gy = 1 where plan_id = ${await idOf(3)}`.execute(db),
    ).rejects.toThrow(/structure_check/)
  })
})
