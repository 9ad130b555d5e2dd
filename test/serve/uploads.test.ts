import { beforeAll, describe, expect, it } from 'vitest'
import type { Explorer } from '../../src/serve/app.js'
import type { SearchAnswer } from '../../src/serve/schemas/answers.js'
import { addEncoder } from '../../src/store/spaces/encoders.js'
import { createIndex } from '../../src/store/codes/create-index.js'
import { encodeSpace } from '../../src/store/encode/features.js'
import { loadPlan } from '../../src/store/plans/load-plan.js'
import { useTestDatabase } from '../database.js'
import { dicomFile } from '../ingest/dicom/bytes.js'
import { smallPlan } from '../store/plans/small-plan.js'
import { smallPixels } from '../store/encode/trained.js'
import { ask, explorerOn, get } from './asked.js'

const database = useTestDatabase()
let explorer: Explorer

beforeAll(async () => {
  const { store } = database
  for (let number = 1; number <= 3; number++)
    await loadPlan(store, 'made', smallPlan({ number, side: 32 }))
  const trained = await smallPixels()
  await store.transaction((transaction) =>
    addEncoder(transaction, trained, { name: 'pixels', dataset: 'made', trainedOn: [] }),
  )
  await encodeSpace(store, 'pixels')
  await createIndex(store, 'pixels')
  explorer = explorerOn(store)
})

const send = async (body: Uint8Array) => {
  const headers = { host: 'localhost', 'content-type': 'application/octet-stream' }
  const url = 'http://localhost/api/v1/uploads'
  return explorer.app.request(url, { method: 'POST', headers, body: new Uint8Array(body) })
}

const found = async (name: string) =>
  (await ask<SearchAnswer>(explorer, `/search?space=pixels&upload=${name}&k=2`)).hashed.rows[0]

describe('an upload', () => {
  it('of a DICOM file finds the slice that it shows', async () => {
    const slice = smallPlan({ number: 2, side: 32 }).slices[1]
    const dicom = dicomFile({
      set: {
        '0020,0037': ['DS', '1\\0\\0\\0\\1\\0'],
        '0028,0010': ['US', [32]],
        '0028,0011': ['US', [32]],
        '0028,0101': ['US', [16]],
        '0028,0102': ['US', [15]],
      },
      pixels: Array.from(slice?.ct ?? [], (hu) => hu + 1024),
    })
    const response = await send(dicom)
    expect(response.status).toBe(201)
    const { upload, ...rest } = (await response.json()) as { upload: string }
    expect(rest).toEqual({ kind: 'dicom', rows: 32, columns: 32 })
    expect(await found(upload)).toMatchObject({
      source: 'pt_2',
      index: 1,
      distance: expect.closeTo(0, 3),
    })
    const answer = await ask<SearchAnswer>(
      explorer,
      `/search?space=pixels&upload=${upload}&stage=scan`,
    )
    expect(answer.typescript).toContain('encodeQuery')
    expect(answer.query.code).toMatch(/^[0-9a-f]+$/)
    // The SQL that a user can copy finds the same rows.
    const { rows } = await database.store.pool.query<{ item_id: number }>(answer.sql)
    expect(rows.map(({ item_id }) => item_id)).toEqual(answer.hashed.rows.map((row) => row.item))
    const picture = await get(explorer, `/uploads/${upload}/picture`)
    expect(picture.headers.get('content-type')).toBe('image/png')
  })

  it('of a preview finds its slice through the window that the file names', async () => {
    const { items } = await ask<{ items: { item: number }[] }>(explorer, '/items?limit=5')
    const item = items[4]?.item ?? 0
    const row = await database.store.db
      .selectFrom('cbir.item')
      .select('preview')
      .where('id', '=', item)
      .executeTakeFirstOrThrow()
    const response = await send(row.preview)
    const { upload } = (await response.json()) as { upload: string }
    const answer = await ask<SearchAnswer>(explorer, `/search?space=pixels&upload=${upload}`)
    expect(answer.query.window).toEqual({ low: -160, high: 240, from: 'file' })
    expect(answer.hashed.rows[0]?.item).toBe(item)
  })
})
