import { beforeAll, describe, expect, it } from 'vitest'
import { drawnOrder } from '../../src/compare/nearest-lists.js'
import { planDistanceMeter, type PlanRows } from '../../src/compare/plan-distances.js'
import { useTestDatabase } from '../database.js'
import { rowsOf } from '../sql/asking.js'
import { makePlans, type PlanSlice } from '../store/plans/made-plans.js'

const database = useTestDatabase()
let slices: PlanSlice[]

beforeAll(async () => {
  slices = await makePlans(database.store, { plans: 8, slices: 5 })
})

function rows(of: readonly PlanSlice[]): PlanRows {
  return {
    items: Int32Array.from(of, ({ item_id }) => item_id),
    patients: new Int32Array(of.length),
    plans: Int32Array.from(of, ({ plan_id }) => plan_id),
    vectors: Float32Array.from(of.flatMap(({ vector }) => Array.from(vector))),
  }
}

describe('planDistanceMeter', () => {
  it('agrees with cbir.similar_plans for blocks of every size', async () => {
    const plans = [...new Set(slices.map(({ plan_id }) => plan_id))]
    const [first, second] = plans as [number, number]
    const meter = planDistanceMeter(
      rows(slices.filter(({ plan_id }) => plan_id === first || plan_id === second)),
      drawnOrder(1),
    )
    const others = slices.filter(({ plan_id }) => plan_id !== first && plan_id !== second)
    for (let from = 0; from < others.length; from += 7)
      meter.visit(rows(others.slice(from, from + 7)))
    const found = meter.nearest()
    for (const plan of [first, second]) {
      const expected = await rowsOf<{ plan_id: number; distance: number }>(
        database.store,
        `select plan_id, distance from cbir.similar_plans($1::int, 'made', k => 20)`,
        [plan],
      )
      // Both plans are of one patient.
      expect(found.get(plan)?.map((one) => one.plan)).toEqual(
        expected.map(({ plan_id }) => plan_id),
      )
      found.get(plan)?.forEach(({ distance }, i) => {
        expect(distance).toBeCloseTo(expected[i]!.distance, 4)
      })
    }
  })
})

describe('drawnOrder', () => {
  it('assigns each key a different place, in another order for another seed', () => {
    const keys = Array.from({ length: 2000 }, (_, key) => key)
    const places = keys.map(drawnOrder(1))
    expect(new Set(places).size).toBe(keys.length)
    const first = (seed: number) => {
      const order = drawnOrder(seed)
      return [...keys].sort((a, b) => order(a) - order(b))[0]
    }
    expect(new Set([1, 2, 3, 4, 5, 6].map(first)).size).toBeGreaterThan(3)
  })
})
