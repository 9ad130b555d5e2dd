import { beforeAll, describe, expect, inject, it } from 'vitest'
import type { SearchAnswer } from '../../src/serve/schemas/answers.js'
import { openStore } from '../../src/store/connection/connect.js'
import { useTestDatabase } from '../database.js'
import { useRoles } from '../sql/roles.js'
import { makeIndex, makeSpace, type MadeItem } from '../store/codes/made-space.js'
import { ask, explorerOn, get } from './asked.js'

// Only a server can give each connection a role of its own.
describe.runIf(inject('engine') === 'server')('an explorer that connects as a role', () => {
  const database = useTestDatabase()
  const roles = useRoles(database, ['reader', 'stranger'])
  let items: MadeItem[]

  beforeAll(async () => {
    items = await makeSpace(database.store, { patients: 6, slices: 6 })
    await makeIndex(database.store, 'made', { bits: 32 })
    const { pool } = database.store
    await pool.query(`select cbir.grant_reader('${roles.reader}')`)
    // Policies on every table show the reader three of six patients.
    const seen = 'patient_id <= 3'
    const plans = `plan_id in (select id from cbir.plan where ${seen})`
    const slices = `item_id in (select item_id from cbir.slice where ${plans})`
    for (const [table, rows] of [
      ['cbir.patient', 'id <= 3'],
      ['cbir.plan', seen],
      ['cbir.slice', plans],
      ['cbir.item', slices.replace('item_id in', 'id in')],
      ['space.made', slices],
    ])
      await pool.query(
        `alter table ${table} enable row level security;
         create policy few on ${table} to ${roles.reader} using (${rows})`,
      )
  })

  const as = async <T>(
    role: string,
    work: (explorer: ReturnType<typeof explorerOn>) => Promise<T>,
  ) => {
    const url = new URL(database.place)
    url.searchParams.set('options', `-c role=${role}`)
    const store = await openStore(url.toString())
    try {
      return await work(explorerOn(store))
    } finally {
      await store.close()
    }
  }

  it('shows only the rows that the role sees', async () => {
    const [seen, hidden] = [items[0] as MadeItem, items.at(-1) as MadeItem]
    await as(roles.reader, async (explorer) => {
      const path = `/search?space=made&item=${seen.item}&k=50`
      const { hashed, exact } = await ask<SearchAnswer>(explorer, path)
      expect(hashed.rows).toHaveLength(12)
      expect(exact?.rows).toHaveLength(12)
      expect(new Set(hashed.rows.map(({ source }) => source))).toEqual(new Set(['pt_2', 'pt_3']))
      expect(await ask<{ items: number[] }>(explorer, '/map?space=made')).toMatchObject({
        total: 18,
      })
      const { plans } = await ask<{ plans: unknown[] }>(explorer, '/plans')
      expect(plans).toHaveLength(3)
      for (const path of [
        `/items/${hidden.item}`,
        `/items/${hidden.item}/picture`,
        `/items/${hidden.item}/raster`,
        `/search?space=made&item=${hidden.item}`,
        '/plans/6',
      ])
        expect((await get(explorer, path)).status, path).toBe(404)
    })
  })

  it('refuses a role without rights, with a hint and without the message of PostgreSQL', async () => {
    await as(roles.stranger, async (explorer) => {
      for (const path of ['/spaces', '/plans', `/items/1`, '/search?space=made&item=1']) {
        const response = await get(explorer, path)
        expect(response.status, path).toBe(403)
        const problem = await response.text()
        expect(problem).toContain('grant reader')
        expect(problem).not.toContain('permission denied')
      }
    })
  })
})
