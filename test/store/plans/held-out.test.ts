import { beforeAll, describe, expect, it } from 'vitest'
import { addEncoder } from '../../../src/store/spaces/encoders.js'
import { choosePlan, heldOutSlices } from '../../../src/store/plans/held-out.js'
import { loadPlan } from '../../../src/store/plans/load-plan.js'
import { patientsOf } from '../../../src/store/plans/patients.js'
import { useTestDatabase } from '../../database.js'
import { madeEncoder } from '../codes/made-space.js'
import { smallPlan } from './small-plan.js'

const database = useTestDatabase()
const dataset = 'made'
const needs = { dose: false, structures: false }

beforeAll(async () => {
  const { store } = database
  for (let number = 1; number <= 6; number++) await loadPlan(store, dataset, smallPlan({ number }))
  await loadPlan(store, 'other', smallPlan({ number: 7 }))
  const patients = await patientsOf(store, dataset)
  const trainedOn = patients.slice(0, 4).map(({ id }) => id)
  await store.transaction(async (transaction) => {
    await addEncoder(transaction, madeEncoder(4), { name: 'made', dataset, trainedOn })
    const all = patients.map(({ id }) => id)
    await addEncoder(transaction, madeEncoder(4), { name: 'knows_all', dataset, trainedOn: all })
  })
})

async function plansOf(items: readonly number[]): Promise<string[]> {
  const rows = await database.store.db
    .selectFrom('cbir.slices')
    .select('plan')
    .distinct()
    .where('item_id', 'in', [...items])
    .orderBy('plan')
    .execute()
  return rows.map(({ plan }) => plan)
}

describe('heldOutSlices', () => {
  it('returns slices of patients on whom the encoder was not trained', async () => {
    const items = await heldOutSlices(database.store, 'made', { dataset, needs, count: 100 })
    expect(items.length).toBe(8)
    expect(await plansOf(items)).toEqual(['made/pt_5', 'made/pt_6'])
  })

  it('selects by seed, and returns items in the order of their keys', async () => {
    const choose = (seed: number) =>
      heldOutSlices(database.store, 'made', { dataset, needs, count: 3, seed })
    const first = await choose(1)
    expect(await choose(1)).toEqual(first)
    expect(first).toEqual([...first].sort((a, b) => a - b))
    expect(await Promise.all([2, 3, 4, 5].map(choose))).not.toEqual(Array(4).fill(first))
  })

  it('leaves out slices whose dose is below the required one', async () => {
    const { store } = database
    const rows = await store.db
      .selectFrom('cbir.slices')
      .select(['item_id', 'dose_max_gy'])
      .where('plan', 'in', ['made/pt_5', 'made/pt_6'])
      .orderBy('dose_max_gy', 'desc')
      .execute()
    const leastDose = (rows[2]!.dose_max_gy! + rows[3]!.dose_max_gy!) / 2 / 70
    const items = await heldOutSlices(store, 'made', { dataset, needs, count: 100, leastDose })
    const wanted = rows.slice(0, 3).map(({ item_id }) => item_id)
    expect(items).toEqual(wanted.sort((a, b) => a - b))
  })

  it('refuses with a hint if no held-out patient remains', async () => {
    await expect(
      heldOutSlices(database.store, 'knows_all', { dataset, needs, count: 1 }),
    ).rejects.toMatchObject({ code: 'LSH03', hint: expect.stringContaining('--plan') })
  })
})

describe('choosePlan', () => {
  it('selects by seed among plans of held-out patients', async () => {
    const plans = await Promise.all(
      [1, 2, 3, 4, 5, 6].map((seed) =>
        choosePlan(database.store, 'made', { dataset, needs, seed }),
      ),
    )
    expect(new Set(plans.map(({ key }) => key))).toEqual(new Set(['made/pt_5', 'made/pt_6']))
    expect(plans.every(({ seen }) => !seen)).toBe(true)
    expect(plans[0]).toMatchObject({ prescriptionGy: 70, voxelMm: [4, 4, 3] })
  })

  it('returns the named plan, and whether the encoder was trained on its patient', async () => {
    const plan = await choosePlan(database.store, 'made', { dataset, needs, key: 'made/pt_2' })
    expect(plan).toMatchObject({ key: 'made/pt_2', seen: true })
    expect(await plansOf(plan.items)).toEqual(['made/pt_2'])
    expect(plan.items.length).toBe(4)
  })

  it('refuses a plan that the data set does not contain', async () => {
    await expect(
      choosePlan(database.store, 'made', { dataset, needs, key: 'made/pt_7' }),
    ).rejects.toMatchObject({ code: 'bad_usage', message: expect.stringContaining('"made/pt_7"') })
  })
})
