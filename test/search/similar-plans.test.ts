import { LshError } from '../../src/core/errors.js'
import type { Kysely } from 'kysely'
import { beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import {
  matchedSlices,
  similarPlans,
  type MatchedSlice,
  type PlanCondition,
  type SimilarPlan,
} from '../../src/search/similar-plans.js'
import type { Database } from '../../src/store/connection/database.js'
import { useTestDatabase } from '../database.js'
import { makePlans, similarPlansByLoops, type PlanSlice } from '../store/plans/made-plans.js'

const database = useTestDatabase()
let slices: PlanSlice[]
let plans: number[]

beforeAll(async () => {
  slices = await makePlans(database.store, { plans: 18 })
  plans = [...new Set(slices.map(({ plan_id }) => plan_id))]
})

const oneLine = (text: string) => text.replace(/\s+/g, ' ')

describe('similarPlans', () => {
  it('compiles to one call with parameters, joined to the plans', () => {
    const compiled = similarPlans(database.store.db, 7, {
      space: 'made',
      weights: 'dose',
    }).compile()
    expect(oneLine(compiled.sql)).toBe(
      'select "found".* from cbir.similar_plans($1::int, $2::text, k => $3::int, ' +
        'exclude_same_patient => $4::boolean, weights => $5::text, candidates => $6::int, ' +
        'allowed => null, one_per_patient => $7::boolean) as "found" ' +
        'inner join "cbir"."plans" as "plans" on "plans"."plan_id" = "found"."plan_id" ' +
        'order by "found"."distance", "found"."plan_id"',
    )
    expect(compiled.parameters).toEqual([7, 'made', 10, true, 'dose', null, false])
  })

  it('passes conditions on plans to the search', () => {
    const { sql, parameters } = similarPlans(database.store.db, 7, {
      space: 'made',
      k: 3,
      where: (plan) =>
        plan.and([
          plan('site', '=', 'thorax'),
          plan(plan.val('PTV70'), '=', plan.fn.any('structures')),
        ]),
    }).compile()
    expect(oneLine(sql)).toContain(
      'allowed => array(select "plan_id" from "cbir"."plans" ' +
        'where ("site" = $7 and $8 = any("structures"))), one_per_patient => $9::boolean) as "found"',
    )
    expect(parameters).toEqual([7, 'made', 3, true, 'equal', null, 'thorax', 'PTV70', false])
  })

  it('finds the same plans as brute force', async () => {
    for (const plan of plans) {
      const others = plans.filter((other) => other !== plan && (other > 2 || plan > 2))
      const rows = await similarPlans(database.store.db, plan, { space: 'made', k: 5 }).execute()
      const expected = similarPlansByLoops(slices, plan, others).slice(0, 5)
      expect(rows.map(({ plan_id }) => plan_id)).toEqual(expected.map(({ plan_id }) => plan_id))
      expect(rows[0]).toEqual({
        plan_id: expected[0]?.plan_id,
        distance: expect.closeTo(expected[0]?.distance as number, 5),
        forward: expect.closeTo(expected[0]?.forward as number, 5),
        backward: expect.closeTo(expected[0]?.backward as number, 5),
        matched: expect.any(Number),
        patient: slices.find(({ plan_id }) => plan_id === expected[0]?.plan_id)?.patient,
        plan: `made/pt_${expected[0]?.plan_id}`,
      })
    }
  })

  it.each<{ what: string; where: PlanCondition; passing: (plan: number) => boolean }>([
    {
      what: 'a site',
      where: (plan) => plan('site', '=', 'head and neck'),
      passing: () => true,
    },
    {
      what: 'another site',
      where: (plan) => plan('site', 'is', null),
      passing: () => false,
    },
    {
      what: 'the target volume',
      where: (plan) => plan('target_volume_cc', '>=', 42),
      passing: (plan) => plan >= 12,
    },
    {
      what: 'structures and number of slices',
      where: (plan) =>
        plan.and([plan(plan.val('PTV70'), '=', plan.fn.any('structures')), plan('slices', '<', 6)]),
      passing: (plan) => (plan - 1) % 4 < 2,
    },
  ])('returns k plans that pass a condition if there are k: $what', async ({ where, passing }) => {
    for (const candidates of [1, 100]) {
      const asked = { space: 'made', k: 4, candidates, where }
      const rows = await similarPlans(database.store.db, 5, asked).execute()
      const expected = plans.filter((plan) => plan !== 5).filter(passing)
      expect(rows).toHaveLength(Math.min(4, expected.length))
      expect(rows.filter(({ plan_id }) => !passing(plan_id))).toEqual([])
      if (candidates === 100) {
        const nearest = similarPlansByLoops(slices, 5, expected).slice(0, 4)
        expect(rows.map(({ plan_id }) => plan_id)).toEqual(nearest.map(({ plan_id }) => plan_id))
      }
    }
  })

  it('leaves out the patient of the query unless excludeSamePatient is false', async () => {
    const ask = async (excludeSamePatient: boolean) => {
      const asked = { space: 'made', k: 100, excludeSamePatient }
      return (await similarPlans(database.store.db, 1, asked).execute()).map((row) => row.plan_id)
    }
    expect(await ask(true)).not.toContain(2)
    expect(await ask(false)).toContain(2)
  })

  it('can be filtered, joined and selected from like any query', async () => {
    const query = similarPlans(database.store.db, 9, { space: 'made', k: 6 })
    const all = await query.execute()
    const rows = await query
      .innerJoin('cbir.structures as organ', 'organ.plan_id', 'found.plan_id')
      .where('plans.slices', '>', 4)
      .select(['plans.slices', 'organ.name', 'organ.mean_gy'])
      .execute()
    const slicesOf = (plan: number) => slices.filter(({ plan_id }) => plan_id === plan).length
    expect(rows).toEqual(
      all
        .filter(({ plan_id }) => slicesOf(plan_id) > 4)
        .map((row) => ({ ...row, slices: slicesOf(row.plan_id), name: 'PTV70', mean_gy: 69.5 })),
    )
    expect(rows.length).toBeGreaterThan(0)
  })

  it('has types for its rows and conditions', () => {
    expectTypeOf<Kysely<Database & { own: { id: number } }>>().toExtend<
      Parameters<typeof similarPlans>[0]
    >()
    const query = similarPlans(database.store.db, 1, { space: 'made' })
    expectTypeOf(query.execute).returns.resolves.toEqualTypeOf<SimilarPlan[]>()
    similarPlans(database.store.db, 1, {
      space: 'made',
      // @ts-expect-error no such column
      where: (plan) => plan('sight', '=', 'thorax'),
    })
    similarPlans(database.store.db, 1, {
      space: 'made',
      // @ts-expect-error volumes are numbers
      where: (plan) => plan('target_volume_cc', '<', true),
    })
    expect(() =>
      // @ts-expect-error no such weights
      similarPlans(database.store.db, 1, { space: 'made', weights: 'volume' }),
    ).toThrow(LshError)
  })

  it.each([
    ['an unknown plan', 9999, { space: 'made' }, 'LSH01'],
    ['an unknown plan without a space', 9999, {}, 'LSH01'],
    ['an unknown space', 1, { space: 'none' }, 'LSH01'],
  ])('refuses %s with SQLSTATE and hint', async (_, plan, options, code) => {
    await expect(similarPlans(database.store.db, plan, options).execute()).rejects.toMatchObject({
      code,
      hint: expect.stringMatching(/\w/),
    })
  })
})

describe('matchedSlices', () => {
  it('compiles to one call with parameters', () => {
    const compiled = matchedSlices(database.store.db, 3, 4, { space: 'made' }).compile()
    expect(oneLine(compiled.sql)).toBe(
      'select * from cbir.matched_slices($1::int, $2::int, $3::text, weights => $4::text) as "found" ' +
        'order by "found"."index"',
    )
    expect(compiled.parameters).toEqual([3, 4, 'made', 'equal'])
  })

  it('adds up to the forward distance of similarPlans', async () => {
    const { db } = database.store
    const [found] = await similarPlans(db, 3, { space: 'made', k: 1 }).execute()
    const rows = await matchedSlices(db, 3, found?.plan_id as number, { space: 'made' }).execute()
    expectTypeOf(rows).toEqualTypeOf<MatchedSlice[]>()
    expect(rows.map(({ item_id }) => item_id)).toEqual(
      slices.filter(({ plan_id }) => plan_id === 3).map(({ item_id }) => item_id),
    )
    const forward = rows.reduce((sum, { weight, distance }) => sum + weight * distance, 0)
    expect(forward).toBeCloseTo(found?.forward as number, 10)
  })

  it('refuses an unknown plan with SQLSTATE and hint', async () => {
    const asked = matchedSlices(database.store.db, 3, 9999, { space: 'made' })
    await expect(asked.execute()).rejects.toMatchObject({
      code: 'LSH01',
      hint: expect.stringMatching(/\w/),
    })
  })
})
