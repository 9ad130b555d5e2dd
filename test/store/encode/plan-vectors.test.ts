import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { vectorDistance } from '../../../src/core/vector.js'
import { encodeQuery } from '../../../src/search/encode-query.js'
import { similarPlans } from '../../../src/search/similar-plans.js'
import { encodeSpace, pendingItems } from '../../../src/store/encode/features.js'
import { loadPlan } from '../../../src/store/plans/load-plan.js'
import { createPlanSpace } from '../../../src/store/encode/plan-vectors.js'
import { readSpace } from '../../../src/store/spaces/read-space.js'
import { useTestDatabase } from '../../database.js'
import { makeIndex, makeSpace } from '../codes/made-space.js'
import { smallPlan } from '../plans/small-plan.js'

const database = useTestDatabase()
const PLANS = 8

beforeAll(async () => {
  const { store } = database
  for (let number = 1; number <= PLANS; number++) {
    const plan = smallPlan({ number, slices: 10, side: 4 })
    const [target] = plan.structures
    await loadPlan(store, 'made', {
      ...plan,
      structures: [
        ...plan.structures,
        { ...target!, name: 'Mandible', role: 'organ', areasCm2: new Float32Array(10).fill(1) },
      ],
    })
  }
  await makeSpace(store, { patients: PLANS, slices: 10, seen: 6 })
  await createPlanSpace(store, 'plan_made', { features: 'made', levels: 'made' })
})

const vectors = async () => {
  const { rows } = await sql<{ plan_id: number; vector: Float32Array }>`
    select plan_id, embedding as vector from space.plan_made join cbir.plan_item using (item_id) order by plan_id`.execute(
    database.store.db,
  )
  return rows
}

describe('a space of plans', () => {
  it('has one vector for each plan, of the slices around nine levels', async () => {
    const { store } = database
    expect((await readSpace(store, 'plan_made')).dims).toBe(9 * 8)
    expect(await pendingItems(store, 'plan_made')).toBe(PLANS)
    expect(await encodeSpace(store, 'plan_made')).toBe(PLANS)
    expect(await pendingItems(store, 'plan_made')).toBe(0)
    expect(await encodeSpace(store, 'plan_made')).toBe(0)
    expect(await vectors()).toHaveLength(PLANS)
  })

  it('finds similar plans by the distance of their vectors', async () => {
    const { store } = database
    await makeIndex(store, 'plan_made')
    const all = await vectors()
    const [own, ...others] = all as [(typeof all)[number], ...typeof all]
    const expected = others
      .map(({ plan_id, vector }) => ({ plan_id, distance: vectorDistance(own.vector, vector) }))
      .sort((a, b) => a.distance - b.distance)
    const found = await similarPlans(store.db, own.plan_id, { space: 'plan_made', k: 5 }).execute()
    expect(found.map(({ plan_id }) => plan_id)).toEqual(
      expected.slice(0, 5).map(({ plan_id }) => plan_id),
    )
    found.forEach(({ distance }, i) => expect(distance).toBeCloseTo(expected[i]!.distance, 4))
  })

  it('refers to its encoders, so that their training patients are excluded from queries', async () => {
    const { rows } = await sql<{ own: number[]; made: number[] }>`
      select cbir.encoders_of('plan_made') as own, cbir.encoders_of('made') as made`.execute(
      database.store.db,
    )
    expect(rows[0]?.own).toEqual(rows[0]?.made)
  })

  it('refuses a single slice as query', async () => {
    const slice = { rows: 4, columns: 4, ct: new Int16Array(16) }
    await expect(encodeQuery(database.store.db, 'plan_made', slice)).rejects.toThrow(
      expect.objectContaining({ code: 'bad_usage', hint: expect.stringMatching(/similar_plans/) }),
    )
  })

  it('loses the vector of a deleted plan, and is dropped with the spaces that it is made from', async () => {
    const { db } = database.store
    const [first] = await vectors()
    await sql`select cbir.delete_plan(${first?.plan_id})`.execute(db)
    expect(await vectors()).toHaveLength(PLANS - 1)
    const items = await db.selectFrom('cbir.item').select('id').where('kind', '=', 'plan').execute()
    expect(items).toHaveLength(PLANS - 1)
    await sql`select cbir.drop_space('made')`.execute(db)
    const left = await db.selectFrom('cbir.space').select('name').execute()
    expect(left).toEqual([])
  })

  it('cannot be created if no organs show at which level slices lie', async () => {
    const { store } = database
    await makeSpace(store, { space: 'bare', dataset: 'bare', patients: 3, seen: 2 })
    await expect(
      createPlanSpace(store, 'plan_bare', { features: 'bare', levels: 'bare' }),
    ).rejects.toThrow(expect.objectContaining({ code: 'LSH03' }))
  })
})
