import { openDatabase } from 'pg-lsh'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { createApp, type Spaces } from '../../examples/plans-like-this/app.js'
import { vectorDistance } from '../../src/core/vector.js'
import { loadPlan } from '../../src/store/plans/load-plan.js'
import { useTestDatabase } from '../database.js'
import { makePlans, similarPlansByLoops, type PlanSlice } from '../store/plans/made-plans.js'
import { smallPlan } from '../store/plans/small-plan.js'

interface StoredPlan {
  id: number
  patient_id: number
  site: string | null
  prescription_gy: number | null
}
interface Answer {
  error?: string
  hint?: string
  similar: { plan_id: number; item_id: number; distance: number; patient: string; site: string }[]
}

const database = useTestDatabase()
let app: ReturnType<typeof createApp>
let slices: PlanSlice[]
let plans: StoredPlan[]

beforeAll(async () => {
  const { store } = database
  slices = await makePlans(store, { space: 'ct_shallow', plans: 14 })
  // Sites that need quoting, and prescriptions to filter by.
  const sites = [`head 'and' neck`, 'prostate', null]
  const ids = [...new Set(slices.map(({ plan_id }) => plan_id))]
  for (const [i, id] of ids.entries())
    await store.db
      .updateTable('cbir.plan')
      .set({ site: sites[i % 3] ?? null, prescription_gy: 50 + 2.5 * (i % 8) })
      .where('id', '=', id)
      .execute()
  plans = await store.db.selectFrom('cbir.plan').selectAll().orderBy('id').execute()
  // The search reads all rows, as is the default for a table of this size.
  await store.db.updateTable('lsh.index').set({ stage: null, ranking: null }).execute()
  app = createApp(await openDatabase<Spaces>({ pool: store.pool }))
})

async function ask(path: string): Promise<{ status: number } & Answer> {
  const response = await app.request(path)
  return { status: response.status, ...((await response.json()) as Answer) }
}

describe('GET /plans/:plan/similar', () => {
  const others = (plan: StoredPlan, passes: (other: StoredPlan) => boolean) =>
    similarPlansByLoops(
      slices,
      plan.id,
      plans
        .filter((other) => other.patient_id !== plan.patient_id && passes(other))
        .map(({ id }) => id),
    )

  it('returns the plans that an exhaustive search finds, with their attributes', async () => {
    for (const plan of plans.filter((_, i) => i % 5 === 0)) {
      const { status, similar } = await ask(`/plans/${plan.id}/similar?k=4`)
      const expected = others(plan, () => true).slice(0, 4)
      expect(status).toBe(200)
      expect(similar.map((one) => one.plan_id)).toEqual(expected.map((one) => one.plan_id))
      expect(similar[0]!.distance).toBeCloseTo(expected[0]!.distance, 5)
      const { site, prescription_gy } = plans.find(({ id }) => id === similar[0]!.plan_id)!
      expect(similar[0]).toMatchObject({ site, prescription_gy, slices: expect.any(Number) })
    }
  })

  it('filters by site and prescription', async () => {
    const site = encodeURIComponent(`head 'and' neck`)
    const [plan] = plans as [StoredPlan]
    const bySite = await ask(`/plans/${plan.id}/similar?k=3&site=${site}`)
    const expected = others(plan, (other) => other.site === `head 'and' neck`)
    expect(bySite.similar.map((one) => one.plan_id)).toEqual(
      expected.slice(0, 3).map((one) => one.plan_id),
    )
    const both = await ask(`/plans/${plan.id}/similar?site=${site}&min_prescription=57.5`)
    expect(both.similar.map((one) => one.plan_id)).toEqual(
      others(plan, (other) => {
        return other.site === `head 'and' neck` && other.prescription_gy! >= 57.5
      }).map((one) => one.plan_id),
    )
  })

  it('answers 404 for an unknown plan and 409 for a plan that is not encoded yet', async () => {
    const unknown = await ask('/plans/999999/similar')
    expect(unknown).toMatchObject({ status: 404, hint: expect.stringContaining('cbir.plans') })
    expect(unknown.error).toContain('plan 999999 does not exist')
    const { store } = database
    await loadPlan(store, 'later', smallPlan({ number: 99, side: 4 }))
    const { id } = await store.db
      .selectFrom('cbir.plan')
      .select('id')
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow()
    expect(await ask(`/plans/${id}/similar`)).toMatchObject({
      status: 409,
      error: expect.stringContaining('has no features in space "ct_shallow"'),
    })
  })
})

describe('GET /slices/:item/similar', () => {
  it('returns the slices of other patients that an exhaustive search finds, filtered by prescription', async () => {
    for (const query of slices.filter((_, i) => i % 17 === 0)) {
      const path = `/slices/${query.item_id}/similar?k=6`
      for (const [filter, least] of [
        ['', 0],
        ['&min_prescription=60', 60],
      ] as const) {
        const { status, similar } = await ask(path + filter)
        const expected = slices
          .filter(({ patient, plan_id }) => {
            const { prescription_gy } = plans.find(({ id }) => id === plan_id)!
            return patient !== query.patient && prescription_gy! >= least
          })
          .map((one) => ({ ...one, distance: vectorDistance(one.vector, query.vector) }))
          .sort((a, b) => a.distance - b.distance || a.item_id - b.item_id)
          .slice(0, 6)
        expect(status).toBe(200)
        expect(similar.map((one) => one.item_id)).toEqual(expected.map((one) => one.item_id))
        expect(similar[0]!.patient).toBe(expected[0]!.patient)
      }
    }
  })

  it('answers 404 for an unknown slice', async () => {
    expect(await ask('/slices/999999/similar')).toMatchObject({
      status: 404,
      error: expect.stringContaining('999999'),
    })
  })
})

describe('hostile requests', () => {
  const drop = `1'; drop table cbir.plan cascade; --`

  it.each([
    ...['0', '-1', '101', '1.5', '1e1', '0x5', '', ' 5', '5)', '1 or 1=1', drop, '٣'].map(
      (k) => `/plans/1/similar?k=${encodeURIComponent(k)}`,
    ),
    ...['0', '2147483648', '99999999999999999999', 'abc', '1 or true', drop].flatMap((id) => [
      `/plans/${encodeURIComponent(id)}/similar`,
      `/slices/${encodeURIComponent(id)}/similar`,
    ]),
    ...['-1', 'NaN', 'Infinity', '1e9', '60) or (true', drop].flatMap((dose) => [
      `/plans/1/similar?min_prescription=${encodeURIComponent(dose)}`,
      `/slices/1/similar?min_prescription=${encodeURIComponent(dose)}`,
    ]),
  ])('are answered with 400: %s', async (path) => {
    expect(await ask(path)).toMatchObject({
      status: 400,
      error: expect.stringMatching(/ (is|must be) a /),
    })
  })

  it.each([drop, `' or true --`, `%`, `head 'and' neck' or 'a'='a`, `\\`, `$1`, `{}`, '🙂'])(
    'return no plan for the site %s',
    async (site) => {
      const path = `/plans/${plans[0]!.id}/similar?site=${encodeURIComponent(site)}`
      expect(await ask(path)).toMatchObject({ status: 200, similar: [] })
    },
  )

  it('are answered with 400 if they contain text that PostgreSQL cannot store', async () => {
    expect(await ask(`/plans/${plans[0]!.id}/similar?site=a%00b`)).toMatchObject({ status: 400 })
  })

  it('delete no plan', async () => {
    const left = await database.store.db
      .selectFrom('cbir.plan')
      .innerJoin('cbir.patient', 'cbir.patient.id', 'cbir.plan.patient_id')
      .select('cbir.plan.id')
      .where('dataset', '=', 'ct_shallow')
      .execute()
    expect(left).toHaveLength(plans.length)
  })

  it('do not reveal an internal error', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const broken = await createApp({} as never).request('/plans/1/similar')
    expect(broken.status).toBe(500)
    expect(await broken.json()).toEqual({ error: 'internal error' })
    expect(log).toHaveBeenCalledOnce()
    log.mockRestore()
  })
})
