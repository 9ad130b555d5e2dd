import { afterAll, beforeAll, expect, it } from 'vitest'
import { similarPlans } from '../../src/search/similar-plans.js'
import { similarSlices, similarSlicesExact } from '../../src/search/similar-slices.js'
import { nearest } from '../../src/search/nearest.js'
import type { Database, Features } from '../../src/store/connection/database.js'
import { createIndex } from '../../src/store/codes/create-index.js'
import { distributeTables, undistributeTables } from '../../src/store/codes/distribute.js'
import { choosePlans, unloadPlans } from '../../src/store/plans/unload.js'
import type { Kysely } from 'kysely'
import { makeSpace } from '../store/codes/made-space.js'
import { describeOnCitus, useCluster } from './cluster.js'

const space = 'citus_made'

describeOnCitus('a space that Citus has spread', () => {
  const cluster = useCluster([])
  const before = new Map<string, string>()

  async function answers(): Promise<Map<string, string>> {
    const db = cluster.store.db as unknown as Kysely<Database & { 'space.citus_made': Features }>
    const found = new Map<string, string>()
    const [{ id: plan, item } = { id: 0, item: 0 }] = await cluster.rows<{
      id: number
      item: number
    }>(
      `select min(plan.id) as id, min(slice.item_id) as item from cbir.plan join cbir.slice on plan_id = plan.id
       join cbir.patient on patient.id = patient_id where dataset = 'citus_made'`,
    )
    const runs: Record<string, () => Promise<unknown>> = {
      plans: () => similarPlans(db, plan, { space, k: 4 }).execute(),
      few: () => similarPlans(db, plan, { space, k: 1, candidates: 2 }).execute(),
      chosen: () =>
        similarPlans(db, plan, {
          space,
          k: 3,
          where: (one) => one('plan_id', '>', plan + 2),
        }).execute(),
      slices: () => similarSlices(db, item, { space, k: 6 }).execute(),
      exact: () => similarSlicesExact(db, item, { space, k: 6 }).execute(),
      conditions: () =>
        nearest(db, 'space.citus_made', { to: { item }, k: 5 })
          .innerJoin('cbir.slices as slice', 'slice.item_id', 'near.item_id')
          .where('slice.index', '>', 4)
          .select(['near.item_id', 'near.distance', 'slice.plan_id'])
          .execute(),
    }
    for (const [name, run] of Object.entries(runs)) found.set(name, JSON.stringify(await run()))
    return found
  }

  const drop = async () => {
    const { rowCount } = await cluster.store.pool.query(`select from cbir.space where name = $1`, [
      space,
    ])
    if (rowCount) {
      await cluster.store.pool.query(`select lsh.drop_index(name) from lsh.index where name = $1`, [
        space,
      ])
      await cluster.store.pool.query(`select cbir.drop_space($1)`, [space])
    }
    await cluster.store.pool.query(`delete from cbir.encoder where name = $1`, [space])
    await cluster.store.pool.query(`select lsh.drop_family(name) from lsh.family where name = $1`, [
      `${space}_kernel_512`,
    ])
    await cluster.store.pool.query(
      `select cbir.delete_plan(plan.id) from cbir.plan join cbir.patient on patient.id = patient_id where dataset = $1`,
      [space],
    )
    await cluster.store.pool.query(`delete from cbir.patient where dataset = $1`, [space])
  }

  beforeAll(async () => {
    await drop()
    await makeSpace(cluster.store, {
      space,
      dataset: space,
      patients: 10,
      slices: 9,
      dims: 12,
      seed: 3,
    })
    await createIndex(cluster.store, space, { maintain: 'loader' })
    await cluster.store.learnTypes()
    for (const [name, answer] of await answers()) before.set(name, answer)
    for await (const table of distributeTables(cluster.store, { indexes: [space], shards: 4 }))
      expect(table).toEqual({ relation: `space.${space}`, indexes: [space], shards: 4 })
  }, 300_000)

  afterAll(async () => {
    if (process.env.PG_LSH_CITUS_URL !== undefined) await drop()
  })

  it('returns the same slices and plans as before it was distributed', async () => {
    const after = await answers()
    const differing = [...before].filter(([name, answer]) => after.get(name) !== answer)
    expect(differing.map(([name, answer]) => [name, answer, after.get(name)])).toEqual([])
  }, 100_000)

  it('loses the features and codes of a plan that is deleted, as a foreign key would ensure', async () => {
    const of = async (table: string) =>
      Number(
        (await cluster.rows<{ count: string }>(`select count(*) from ${table}.${space}`))[0]?.count,
      )
    expect([await of('space'), await of('lsh_index')]).toEqual([90, 90])
    const plans = await choosePlans(cluster.store, { dataset: space })
    for await (const plan of unloadPlans(cluster.store, plans.slice(0, 1)))
      expect(plan.slices).toBe(9)
    expect([await of('space'), await of('lsh_index')]).toEqual([81, 81])
    expect(await cluster.rows(`select * from lsh.verify_index($1)`, [space])).toEqual([])
  }, 100_000)

  it('regains its foreign key when distribution is undone', async () => {
    for await (const relation of undistributeTables(cluster.store, { indexes: [space] }))
      expect(relation).toBe(`space.${space}`)
    expect(
      await cluster.rows(
        `select contype from pg_constraint where conrelid = 'space.${space}'::regclass and contype = 'f'`,
      ),
    ).toEqual([{ contype: 'f' }])
    expect(
      await cluster.rows(`select tgname from pg_trigger where tgname = 'forget_distributed'`),
    ).toEqual([])
    const plans = await choosePlans(cluster.store, { dataset: space })
    for await (const plan of unloadPlans(cluster.store, plans.slice(0, 1)))
      expect(plan.slices).toBe(9)
    expect(await cluster.rows(`select count(*)::int from space.${space}`)).toEqual([{ count: 72 }])
  }, 100_000)
})
