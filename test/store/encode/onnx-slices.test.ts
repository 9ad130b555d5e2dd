import type { Kysely } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { measureEncoder } from '../../../src/compare/measure-encoder.js'
import { reconstructions } from '../../../src/compare/reconstructions.js'
import { onnxEncoder } from '../../../src/encode/onnx/import-onnx.js'
import { parseOnnxDescription } from '../../../src/encode/onnx/onnx-description.js'
import { encodeQuery } from '../../../src/search/encode-query.js'
import { nearest } from '../../../src/search/nearest.js'
import { createIndex } from '../../../src/store/codes/create-index.js'
import type { Database, Features } from '../../../src/store/connection/database.js'
import { addOnnxModel } from '../../../src/store/encode/add-onnx.js'
import { encodeSpace } from '../../../src/store/encode/features.js'
import { loadPlan } from '../../../src/store/plans/load-plan.js'
import { patientsOf } from '../../../src/store/plans/patients.js'
import { slicesOf } from '../../../src/store/plans/slices.js'
import { packEncoder } from '../../../src/store/spaces/exchange-encoder.js'
import { openFeatureCheck } from '../../../src/store/verify/feature-differences.js'
import { useTestDatabase } from '../../database.js'
import { onnxBytes } from '../../encode/onnx-bytes.js'
import { smallPlan } from '../plans/small-plan.js'

const database = useTestDatabase()
const SPACE = 'ct_own'

beforeAll(async () => {
  const { store } = database
  for (let number = 1; number <= 4; number++)
    await loadPlan(store, 'made', smallPlan({ number, slices: 4, side: 16 }))
  const text = '{ "size": 8, "colour": "ct", "window": [-1000, 1000] }'
  const description = parseOnnxDescription(text, 'model.json')
  await addOnnxModel(store, SPACE, await onnxEncoder(onnxBytes(8), description))
})

describe('an ONNX model of slices of plans', () => {
  it('fills a space, and encodes a query like the stored slices', async () => {
    const { store } = database
    expect(await encodeSpace(store, SPACE)).toBe(16)
    await createIndex(store, SPACE)
    const db = store.db as unknown as Kysely<Database & { 'space.ct_own': Features }>
    const patients = (await patientsOf(store, 'made')).map(({ id }) => id)
    for await (const batch of slicesOf(store, patients))
      for (const { image } of batch.slice(0, 3)) {
        const query = await encodeQuery(store.db, SPACE, image)
        const { embedding, distance } = await nearest(db, 'space.ct_own', { to: query, k: 1 })
          .select(['near.embedding', 'near.distance'])
          .executeTakeFirstOrThrow()
        expect(distance).toBeCloseTo(0, 5)
        // The model averages three equal colour channels.
        expect(new Set([...embedding].map((value) => value.toFixed(5))).size).toBe(1)
      }
  })

  it('is supported by the verification of features', async () => {
    const check = await openFeatureCheck(database.store)
    await check.close()
  })

  it('is refused where a decoder is needed', async () => {
    const { store } = database
    expect(await measureEncoder(store, SPACE, { dataset: 'made' })).toEqual([])
    await expect(reconstructions(store, SPACE, [1]).next()).rejects.toThrow('has no decoder')
    await expect(packEncoder(store, SPACE)).rejects.toMatchObject({ code: 'bad_usage' })
  })
})
