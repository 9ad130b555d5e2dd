import { beforeAll, describe, expect, it } from 'vitest'
import { loadPlan } from '../../src/store/plans/load-plan.js'
import { inTransaction, useTestDatabase } from '../database.js'
import {
  fillSpace,
  makePlans,
  nearestSlice,
  similarPlansByLoops,
  weightsOf,
  type PlanSlice,
} from '../store/plans/made-plans.js'
import { makeIndex } from '../store/codes/made-space.js'
import { smallPlan } from '../store/plans/small-plan.js'
import { expectRefusal, rowsOf, valueOf, type Asked } from './asking.js'

const database = useTestDatabase()
let slices: PlanSlice[]
let plans: number[]
/** A plan without features. */
let bare: number

interface Similar {
  plan_id: number
  distance: number
  forward: number
  backward: number
  matched: number
}

interface Matched {
  item_id: number
  index: number
  position_mm: number
  other_item_id: number
  other_index: number
  other_position_mm: number
  distance: number
  weight: number
}

const similar = (args: string, asked: Asked = database.store) =>
  rowsOf<Similar>(asked, `select * from cbir.similar_plans(${args})`)
const matched = (args: string) =>
  rowsOf<Matched>(database.store, `select * from cbir.matched_slices(${args})`)
const planOf = (row: { plan_id: number }) => row.plan_id
const slicesOf = (plan: number) => slices.filter(({ plan_id }) => plan_id === plan)
const close = (value: number) => expect.closeTo(value, 5) as number
/** Plans of other patients than that of `plan`; plans 1 and 2 belong to the same patient. */
const othersOf = (plan: number) =>
  plans.filter((other) => other !== plan && (other > 2 || plan > 2))

beforeAll(async () => {
  slices = await makePlans(database.store, { plans: 24 })
  plans = [...new Set(slices.map(planOf))]
  await loadPlan(database.store, 'bare', smallPlan({ number: 99, side: 4 }))
  bare = await valueOf(database.store, 'select max(id) from cbir.plan')
})

describe('cbir.similar_plans', () => {
  it.each(['equal', 'dose'] as const)(
    'finds the same plans as brute force, weights %s',
    async (weights) => {
      for (const plan of plans) {
        const found = await similar(`${plan}, 'made', k => 100, weights => '${weights}'`)
        const expected = similarPlansByLoops(slices, plan, othersOf(plan), weights)
        expect(found.map(planOf)).toEqual(expected.map(planOf))
        expect(found).toMatchObject(
          expected.map(({ forward, backward, distance }) => ({
            forward: close(forward),
            backward: close(backward),
            distance: close(distance),
          })),
        )
      }
    },
  )

  it('returns the first k plans, ten by default', async () => {
    const all = await similar(`7, 'made', k => 100`)
    expect(await similar(`7, 'made', k => 3`)).toEqual(all.slice(0, 3))
    expect(await similar(`7, 'made'`)).toEqual(all.slice(0, 10))
  })

  it('is symmetric: the distance is the greater of forward and backward', async () => {
    for (const [one, other] of [
      [3, 4],
      [5, 20],
    ])
      for (const weights of ['equal', 'dose']) {
        const measure = async (from: number | undefined, to: number | undefined) =>
          (await similar(`${from}, 'made', weights => '${weights}', allowed => '{${to}}'`))[0]
        const [there, back] = [await measure(one, other), await measure(other, one)]
        expect(there?.distance).toBeCloseTo(back?.distance as number, 10)
        expect(there?.forward).toBeCloseTo(back?.backward as number, 10)
        expect(there?.distance).toBe(Math.max(there?.forward as number, there?.backward as number))
      }
  })

  it('leaves out the patient of the plan, or only the plan if exclude_same_patient is false', async () => {
    expect((await similar(`1, 'made', k => 100`)).map(planOf)).not.toContain(2)
    const all = (await similar(`1, 'made', k => 100, exclude_same_patient => false`)).map(planOf)
    expect(all).toContain(2)
    expect(all).not.toContain(1)
    expect(all).toHaveLength(plans.length - 1)
  })

  it('returns the patient and key of each plan', async () => {
    const [first] = await similar(`5, 'made', k => 1`)
    const [known] = await rowsOf(
      database.store,
      'select patient, plan from cbir.plans where plan_id = $1',
      [first?.plan_id],
    )
    expect(first).toMatchObject(known as object)
  })

  it.each([
    ['equal', ''],
    ['dose', `, weights => 'dose'`],
  ])(
    'measures the plans that the index finds exactly and in order, weights %s',
    async (_, weights) => {
      let hits = 0
      for (const plan of plans) {
        const all = await similar(`${plan}, 'made', k => 100${weights}`)
        const found = await similar(`${plan}, 'made', k => 3, candidates => 7${weights}`)
        expect(found).toHaveLength(3)
        // The plans found have exact distances and are in order.
        const places = found.map((row) => all.findIndex(({ plan_id }) => plan_id === row.plan_id))
        expect(places).toEqual([...places].sort((a, b) => a - b))
        expect(found).toEqual(places.map((place) => all[place]))
        hits += places.filter((place) => place < 3).length
      }
      expect(hits / (3 * plans.length)).toBeGreaterThan(0.75)
    },
  )

  it('returns only allowed plans, and k of them if there are k', async () => {
    const allowed = plans.filter((plan) => plan % 2 === 1)
    for (const candidates of ['', ', candidates => 1', ', candidates => 3']) {
      const list = `allowed => '{${allowed.join(',')},9999}'`
      const all = await similar(`4, 'made', k => 100, ${list}`)
      expect(all).toHaveLength(allowed.length)
      expect(all.map(planOf).every((plan) => allowed.includes(plan))).toBe(true)
      const first = await similar(`4, 'made', k => 3, ${list}${candidates}`)
      expect(first).toHaveLength(3)
      expect(first.map(planOf).every((plan) => allowed.includes(plan))).toBe(true)
      expect(first[0]).toEqual(all[0])
    }
    expect(await similar(`4, 'made', allowed => '{}'`)).toEqual([])
    expect(await similar(`4, 'made', allowed => '{4}'`)).toEqual([])
    expect(await similar(`4, 'made', allowed => '{${bare}}'`)).toEqual([])
  })

  it('compares all plans if the index finds too few', async () => {
    // The slices of plan 3 equal those of the query, so that no other plan gets a vote.
    const near = slices.map((slice) => ({
      item_id: slice.item_id,
      vector: Float32Array.of(slice.plan_id === 3 || slice.plan_id === 4 ? 0 : slice.plan_id, 1),
    }))
    await fillSpace(database.store, 'lonely', near)
    await makeIndex(database.store, 'lonely', { bucketBits: 1 })
    const found = await similar(`4, 'lonely', k => 2, candidates => 2`)
    expect(found.map(({ plan_id, distance }) => [plan_id, distance])).toEqual([
      [3, 0],
      [1, 1],
    ])
  })

  it('weights slices equally in a plan without dose', async () => {
    const equal = await similar(`6, 'made', k => 4`)
    await inTransaction(database.store, async (transaction) => {
      await rowsOf(transaction, 'update cbir.slice set dose_mean_gy = 0')
      expect(await similar(`6, 'made', k => 4, weights => 'dose'`, transaction)).toEqual(equal)
    })
  })

  it.each([
    { what: 'an unknown plan', args: `9999, 'made'`, code: 'LSH01' },
    { what: 'no plan', args: `null, 'made'`, code: 'LSH01' },
    { what: 'an unknown space', args: `1, 'nope'`, code: 'LSH01' },
    { what: 'k = 0', args: `1, 'made', k => 0`, code: '22023' },
    { what: 'no k', args: `1, 'made', k => null`, code: '22023' },
    { what: '0 candidates', args: `1, 'made', candidates => 0`, code: '22023' },
    { what: 'other weights', args: `1, 'made', weights => 'volume'`, code: '22023' },
    { what: 'no weights', args: `1, 'made', weights => null`, code: '22023' },
  ])('refuses $what', async ({ args, code }) => {
    await expectRefusal(database.store, `select * from cbir.similar_plans(${args})`, code)
  })

  it('refuses a plan without features, and a space without an index', async () => {
    const ask = (args: string) => `select * from cbir.similar_plans(${args})`
    await expectRefusal(database.store, ask(`${bare}, 'made'`), 'LSH03', 'no features')
    await rowsOf(database.store, `select cbir.create_space('unhashed', 5, parts => '[]')`)
    await expectRefusal(database.store, ask(`1, 'unhashed'`), 'LSH03', 'no hash index')
  })
})

describe('cbir.matched_slices', () => {
  it.each(['equal', 'dose'] as const)(
    'returns the nearest slice and the weight of each slice, weights %s',
    async (weights) => {
      for (const [plan, other] of [
        [3, 4],
        [12, 2],
      ] as const) {
        const rows = await matched(`${plan}, ${other}, 'made', weights => '${weights}'`)
        const weight = weightsOf(slicesOf(plan), weights)
        expect(rows).toEqual(
          slicesOf(plan).map((slice, i) => {
            const { other: match, distance } = nearestSlice(slice, slicesOf(other))
            return {
              item_id: slice.item_id,
              index: slice.index,
              position_mm: slice.position_mm,
              other_item_id: match.item_id,
              other_index: match.index,
              other_position_mm: match.position_mm,
              distance: close(distance),
              weight: close(weight[i] as number),
            }
          }),
        )
      }
    },
  )

  it('adds up to the forward distance of cbir.similar_plans', async () => {
    for (const weights of ['equal', 'dose']) {
      const [found] = await similar(`9, 'made', k => 1, weights => '${weights}'`)
      const rows = await matched(`9, ${found?.plan_id}, 'made', weights => '${weights}'`)
      const sum = (value: (row: Matched) => number) =>
        rows.reduce((all, row) => all + value(row), 0)
      expect(sum((row) => row.weight)).toBeCloseTo(1, 10)
      expect(sum((row) => row.weight * row.distance)).toBeCloseTo(found?.forward as number, 10)
      expect(new Set(rows.map((row) => row.other_item_id)).size).toBe(found?.matched)
    }
  })

  it('matches each slice of a plan with itself at distance 0', async () => {
    const rows = await matched(`5, 5, 'made'`)
    expect(rows.every((row) => row.distance === 0 && row.item_id === row.other_item_id)).toBe(true)
  })

  it.each([
    { what: 'an unknown plan', args: () => `9999, 1, 'made'`, code: 'LSH01' },
    { what: 'an unknown other plan', args: () => `1, 9999, 'made'`, code: 'LSH01' },
    { what: 'an unknown space', args: () => `1, 2, 'nope'`, code: 'LSH01' },
    { what: 'a plan without features', args: () => `1, ${bare}, 'made'`, code: 'LSH03' },
    { what: 'other weights', args: () => `1, 2, 'made', weights => ''`, code: '22023' },
  ])('refuses $what', async ({ args, code }) => {
    await expectRefusal(database.store, `select * from cbir.matched_slices(${args()})`, code)
  })
})
