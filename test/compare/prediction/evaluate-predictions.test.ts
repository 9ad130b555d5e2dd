import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { evaluatePredictions } from '../../../src/compare/prediction/evaluate-predictions.js'
import { outliers } from '../../../src/compare/prediction/outliers.js'
import { predictPlan } from '../../../src/compare/prediction/plan-prediction.js'
import type { PredictionEvaluation } from '../../../src/compare/prediction/prediction-quality.js'
import { loadPlan } from '../../../src/store/plans/load-plan.js'
import { patientsOf } from '../../../src/store/plans/patients.js'
import { useTestDatabase } from '../../database.js'
import { ballPlan } from './ball-plan.js'
import { SPOILINGS, spoil } from './spoil.js'

const database = useTestDatabase()
const PLANS = 12
const k = 4
const searched = { against: ['balls'] }

beforeAll(async () => {
  for (let number = 1; number <= PLANS; number++)
    await loadPlan(database.store, 'balls', ballPlan(number, number > 9 ? 'test' : 'train'))
  for (let number = 21; number <= 24; number++)
    await loadPlan(database.store, 'few', ballPlan(number, number > 22 ? 'test' : 'train'))
})

function methodOf({ methods }: PredictionEvaluation, by: string) {
  const found = methods.find((one) => one.by === by)
  if (!found) throw new Error(`${by} was not measured`)
  return found
}

describe('evaluatePredictions', () => {
  it('measures each way to predict on held-out patients with intervals, and compares it with the default', async () => {
    const found = (await evaluatePredictions(database.store, 'balls', { ...searched, k }))!
    expect(found).toMatchObject({ folds: null, k, reference: 'plan_structures' })
    expect(found.methods.map(({ by }) => by)).toEqual([
      'plan_structures',
      'plan_ovh',
      'plan_ovh, rigid',
      'structure volumes',
      'target volumes',
      'random',
      'mean dose',
      'oracle',
    ])
    expect(found.comparisons).toBe(3 * 7)
    for (const { by, plans, dose_score_gy: dose, less } of found.methods) {
      expect(plans).toBe(3)
      expect(dose.low).toBeLessThanOrEqual(dose.mean)
      expect(dose.high).toBeGreaterThanOrEqual(dose.mean)
      if (by === 'plan_structures') expect(less).toBeNull()
      else expect(less!.dose.patients).toBe(3)
    }
    const best = methodOf(found, 'plan_structures')
    expect(best.dose_score_gy.mean).toBeLessThan(methodOf(found, 'mean dose').dose_score_gy.mean)
    expect(best).toMatchObject({ sees_dose: false, groups: { head: {}, from_1_gy: {} } })
    expect(methodOf(found, 'oracle').sees_dose).toBe(true)
  })

  it('separates the parts of the body wherever positions of slices begin', async () => {
    const groups = async () => {
      const found = (await evaluatePredictions(database.store, 'few', { ...searched, k }))!
      return methodOf(found, 'plan_ovh').groups
    }
    const before = await groups()
    await sql`
      update cbir.slice set position_mm = position_mm + 110
      where plan_id in (select id from cbir.plan where patient_id in (
        select id from cbir.patient where dataset = 'few'))`.execute(database.store.db)
    expect(await groups()).toEqual(before)
  })

  it('uses each patient once as query in folds, without searching the same fold', async () => {
    const found = (await evaluatePredictions(database.store, 'balls', {
      ...searched,
      k,
      folds: 3,
    }))!
    expect(found.folds).toBe(3)
    for (const { plans, by } of found.methods) {
      expect(plans).toBe(PLANS)
      if (by === 'mean dose') expect(methodOf(found, by).k).toBe(8)
    }
    const { less } = methodOf(found, 'mean dose')
    expect(less!.dose.mean).toBeGreaterThan(0)
    expect(less!.dose.p).toBeLessThan(0.05)
    await expect(
      evaluatePredictions(database.store, 'balls', { folds: PLANS + 1 }),
    ).rejects.toMatchObject({
      code: 'bad_usage',
      message: `${PLANS} patients cannot be divided into 13 folds`,
    })
  })

  it('gives the reason why the learned distance is unavailable for a small archive', async () => {
    const refused: string[] = []
    const found = (await evaluatePredictions(database.store, 'few', {
      k,
      against: ['few'],
      onRefused: (space, reason) => refused.push(`${space}: ${reason}`),
    }))!
    expect(found.reference).toBe('plan_ovh')
    expect(refused).toEqual([
      expect.stringMatching(/^plan_structures: 2 plans with dose are too few/),
    ])
  })
})

describe('predictPlan', () => {
  it('uses the learned distance, and overlap volume histograms for a small archive', async () => {
    const { store } = database
    const { id } = (await store.db
      .selectFrom('cbir.plan')
      .select('id')
      .where('source_key', '=', 'balls/pt_10')
      .executeTakeFirst())!
    const found = await predictPlan(store, id, { k, against: ['balls'] })
    expect(found.space).toBe('plan_structures')
    expect(found.neighbours).toHaveLength(k)
    const target = found.structures.find(({ name }) => name === 'PTV70')!
    const d95 = target.objectives.find(({ criterion }) => criterion === 'D95')!
    expect(d95.predicted).toBeGreaterThan(60)
    // The neighbours cover their own targets completely.
    expect(d95).toMatchObject({ p10: 70, p50: 70, p90: 70 })
    expect(target.dvh.p10[69]).toBe(1)
    expect((await predictPlan(store, id, { k, against: ['few'] })).space).toBe('plan_ovh')
    await expect(
      predictPlan(store, id, { space: 'plan_structures', against: ['few'] }),
    ).rejects.toMatchObject({ code: 'LSH03', hint: expect.stringContaining('plan_ovh') })
  })
})

describe('outliers', () => {
  it('ranks plans first whose dose was shifted, scaled or mirrored', async () => {
    const { store } = database
    const patients = (await patientsOf(store, 'balls')).map(({ id }) => id)
    const as = await store.db
      .selectFrom('cbir.plan')
      .select('id')
      .where('source_key', 'in', ['balls/pt_2', 'balls/pt_5', 'balls/pt_9'])
      .orderBy('id')
      .execute()
    const how = new Map(as.map(({ id }, i) => [id, SPOILINGS[i]!]))
    const found = await outliers(store, {
      patients,
      k: 6,
      change: (anatomy) => spoil(anatomy, how.get(anatomy.volume.id) ?? null),
    })
    expect(found).toHaveLength(PLANS)
    expect(found.slice(0, 3).map(({ plan_id }) => plan_id)).toEqual(
      expect.arrayContaining([...how.keys()]),
    )
  })
})
