import { beforeAll, describe, expect, it } from 'vitest'
import type { Explorer } from '../../src/serve/app.js'
import type { SearchAnswer } from '../../src/serve/schemas/answers.js'
import { addEncoder } from '../../src/store/encoders.js'
import { createIndex } from '../../src/store/create-index.js'
import { encodeSpace } from '../../src/store/features.js'
import { loadPlan } from '../../src/store/load-plan.js'
import { useTestDatabase } from '../database.js'
import { dicomFile } from '../ingest/dicom-bytes.js'
import { smallPlan } from '../store/small-plan.js'
import { smallPixels } from '../store/trained.js'
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
  await createIndex(store, 'pixels', { family: { bits: 64 } } as never)
  explorer = explorerOn(store)
})

const send = async (body: Uint8Array) => {
  const headers = { host: 'localhost', 'content-type': 'application/octet-stream' }
  const url = 'http://localhost/api/v1/uploads'
  return explorer.app.request(url, { method: 'POST', headers, body: new Uint8Array(body) })
}
