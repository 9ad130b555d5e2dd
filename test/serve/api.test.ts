import { decode } from 'fast-png'
import { beforeAll, describe, expect, it } from 'vitest'
import type { z } from '@hono/zod-openapi'
import { nearestExact } from '../../src/search/nearest.js'
import type { Explorer } from '../../src/serve/app.js'
import type { MapAnswer } from '../../src/serve/read-map.js'
import type { ItemAnswer, SearchAnswer } from '../../src/serve/schemas/answers.js'
import type {
  bandSchema,
  matchedSchema,
  planDetailSchema,
  similarPlansSchema,
} from '../../src/serve/schemas/plan-answers.js'
import type { SpaceAnswer } from '../../src/serve/read-spaces.js'
import type { Features } from '../../src/store/connection/database.js'
import { useTestDatabase } from '../database.js'
import { rowsOf } from '../sql/asking.js'
import { makeIndex, makeSpace, type MadeItem } from '../store/codes/made-space.js'
import { ask, explorerOn, get } from './asked.js'

const database = useTestDatabase()
let explorer: Explorer
let items: MadeItem[]
let first: number

beforeAll(async () => {
  items = await makeSpace(database.store, { patients: 6, slices: 8 })
  await makeIndex(database.store, 'made', { bits: 32 })
  explorer = explorerOn(database.store)
  first = (items[0] as MadeItem).item
})

const keys = (rows: readonly { item: number }[]) => rows.map(({ item }) => item)

describe('the search', () => {
  it('returns the exact neighbours from other patients and the rows that the index finds, with their codes', async () => {
    const answer = await ask<SearchAnswer>(explorer, `/search?space=made&item=${first}&k=5`)
    const spaces = database.store.db.withTables<{ 'space.made': Features }>()
    const exact = await nearestExact(spaces, 'space.made', { to: { item: first }, k: 5 })
      .select('near.item_id as item')
      .execute()
    expect(keys(answer.exact?.rows ?? [])).toEqual(keys(exact))
    expect(answer.hashed.rows).toHaveLength(5)
    expect(answer.bits).toBe(32)
    expect(answer.query.code).toMatch(/^[0-9a-f]{8}$/)
    for (const { code, hamming, source } of answer.hashed.rows) {
      const differ = parseInt(code ?? '', 16) ^ parseInt(answer.query.code ?? '', 16)
      expect((differ >>> 0).toString(2).replaceAll('0', '')).toHaveLength(hamming ?? -1)
      expect(source).not.toBe(answer.query.item?.source)
    }
  })

  it('lists the true neighbours that the index misses', async () => {
    const poor = `/search?space=made&item=${first}&k=8&probes=1&candidates=8&stage=buckets`
    const { hashed, exact, agreement } = await ask<SearchAnswer>(explorer, poor)
    const found = new Set(keys(hashed.rows))
    const missed = keys(exact?.rows ?? []).filter((item) => !found.has(item))
    expect(agreement?.missed).toEqual(missed)
    expect(agreement?.overlap).toBe(8 - missed.length)
  })

  it.each([
    '',
    '&stage=scan',
    '&stage=exact',
    '&ranking=hamming&stage=buckets',
    '&onePerPatient=true',
  ])('obeys its filters and controls: %s', async (controls) => {
    const path = `/search?space=made&item=${first}&k=4&site=head%20and%20neck&minPrescription=60${controls}`
    const { hashed } = await ask<SearchAnswer>(explorer, path)
    expect(hashed.rows).toHaveLength(4)
    if (controls.includes('onePer'))
      expect(new Set(hashed.rows.map(({ source }) => source)).size).toBe(4)
    const none = await ask<SearchAnswer>(explorer, `${path}&structure=Nothing`)
    expect(none.hashed.rows).toEqual([])
  })

  it.each([
    '',
    '&onePerPatient=true',
    '&stage=scan',
    '&stage=exact&dataset=made',
    "&site=it's%20\\",
  ])('shows SQL that finds the same rows: %s', async (controls) => {
    const path = `/search?space=made&item=${first}&k=5${controls}`
    const { sql, hashed } = await ask<SearchAnswer>(explorer, path)
    const rows = await rowsOf<{ item_id: number }>(database.store, sql.replace(/;$/, ''))
    expect(rows.map(({ item_id }) => item_id)).toEqual(keys(hashed.rows))
  })

  it('refuses an invalid request with a problem and a hint', async () => {
    for (const [path, status] of [
      ['/search?space=made', 400],
      [`/search?space=made&item=${first}&k=0`, 400],
      [`/search?space=other&item=${first}`, 404],
      [`/search?space=made&item=${first}&index=other`, 404],
      ['/search?space=made&item=999999', 404],
      [`/search?space=made&upload=${'0'.repeat(32)}`, 404],
      ['/items/999999', 404],
      ['/plans/999999', 404],
      ['/evaluations/1', 404],
      ['/nothing', 404],
    ] as const) {
      const response = await get(explorer, path)
      expect(response.status, path).toBe(status)
      expect(response.headers.get('content-type')).toBe('application/problem+json')
      expect(await response.json(), path).toMatchObject({
        status,
        hint: expect.stringMatching(/\w/),
      })
    }
  })
})

describe('items', () => {
  it('are listed page by page', async () => {
    const page = await ask<{ items: ItemAnswer[] }>(explorer, `/items?limit=3&after=${first}`)
    expect(keys(page.items)).toEqual(items.slice(1, 4).map(({ item }) => item))
    expect(page.items[0]).toMatchObject({ kind: 'slice', plan: 'made/pt_1', pixelMm: [4, 4] })
  })

  it('are returned as pictures, as CT and dose values, and as outlines', async () => {
    for (const show of ['ct', 'wash', 'dose']) {
      const response = await get(explorer, `/items/${first}/picture?show=${show}`)
      const png = decode(new Uint8Array(await response.arrayBuffer()))
      expect(png).toMatchObject({ width: 4, height: 4, channels: show === 'ct' ? 1 : 3 })
    }
    const ct = await get(explorer, `/items/${first}/raster`)
    expect(ct.headers.get('x-rows')).toBe('4')
    expect(new Int16Array(await ct.arrayBuffer())).toHaveLength(16)
    const dose = await get(explorer, `/items/${first}/raster?channel=dose`)
    expect(Number(dose.headers.get('x-unit'))).toBeGreaterThan(0)
    expect(await ask(explorer, `/items/${first}/outlines`)).toEqual({ outlines: [] })
  })
})

describe('plans', () => {
  it('are returned with structures, slices, dose-volume histograms and the band of the cohort', async () => {
    const plan = await ask<z.infer<typeof planDetailSchema>>(explorer, '/plans/1')
    expect(plan.items).toHaveLength(8)
    expect(plan.doses).toMatchObject([{ name: 'PTV70', role: 'target', letter: 'a' }])
    const { curves } = await ask<{ curves: { volume: number[] }[] }>(explorer, '/plans/1/dvh')
    expect(curves[0]?.volume).toEqual([100, 50, 0])
    const band = await ask<z.infer<typeof bandSchema>>(explorer, '/dvh-band?structure=PTV70')
    expect(band.plans).toBe(6)
    expect(band.percentiles.map((line) => line[1])).toEqual([50, 50, 50, 50, 50])
  })

  it('are found by similarity and matched slice by slice', async () => {
    const similar = await ask<z.infer<typeof similarPlansSchema>>(explorer, '/plans/1/similar?k=2')
    expect(similar.space).toBe('made')
    const rows = await rowsOf<{ plan_id: number }>(database.store, similar.sql.replace(/;$/, ''))
    expect(similar.rows.map(({ planId }) => planId)).toEqual(rows.map(({ plan_id }) => plan_id))
    const other = similar.rows[0]?.planId ?? 0
    const { pairs } = await ask<z.infer<typeof matchedSchema>>(
      explorer,
      `/plans/1/matched/${other}`,
    )
    const forward = pairs.reduce((sum, { weight, distance }) => sum + weight * distance, 0)
    expect(forward).toBeCloseTo(similar.rows[0]?.forward ?? 0, 5)
    const none = await ask<{ rows: [] }>(explorer, '/plans/1/similar?maxPrescription=10')
    expect(none.rows).toEqual([])
  })
})

describe('the collection', () => {
  it('lists its spaces with their indexes, and its data sets', async () => {
    const { spaces } = await ask<{ spaces: SpaceAnswer[] }>(explorer, '/spaces')
    expect(spaces).toMatchObject([
      { name: 'made', dims: 8, holds: 'slice', items: 48, indexes: [{ name: 'made', bits: 32 }] },
    ])
    expect(await ask(explorer, '/datasets')).toMatchObject({
      datasets: [{ dataset: 'made', patients: 6, plans: 6, sites: ['head and neck'] }],
    })
  })

  it('is drawn as the same map each time, along the two directions of greatest variance', async () => {
    const map = await ask<MapAnswer>(explorer, '/map?space=made')
    expect(map.items).toEqual(items.map(({ item }) => item))
    expect(map.total).toBe(48)
    const variance = (values: number[]) => values.reduce((sum, value) => sum + value * value, 0)
    expect(variance(map.x)).toBeGreaterThan(variance(map.y))
    expect(variance(map.y)).toBeGreaterThan(0)
    const mean = map.x.reduce((sum, value) => sum + value, 0) / 48
    expect(mean).toBeCloseTo(0, 3)
    expect(await ask(explorerOn(database.store), '/map?space=made')).toEqual(map)
  })

  it('is compared with exact search on demand', async () => {
    const measured = await ask<{ recall: number }>(explorer, '/compare?space=made&queries=3&k=5')
    expect(measured).toMatchObject({ queries: 3, k: 5 })
    expect(await ask(explorer, '/evaluations')).toEqual({ evaluations: [] })
  })
})
