import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { compareWithExact } from '../../src/compare/compare-with-exact.js'
import { hashQuery } from '../../src/search/hash-query.js'
import { nearest, nearestEach, nearestExact } from '../../src/search/nearest.js'
import { openIndex } from '../../src/search/open-index.js'
import { openSpace } from '../../src/search/open-space.js'
import type { Neighbour } from '../../src/search/neighbour.js'
import { prepareNearest } from '../../src/search/prepare-nearest.js'
import { similarPlans } from '../../src/search/similar-plans.js'
import { similarSlices } from '../../src/search/similar-slices.js'
import type { Features } from '../../src/store/connection/database.js'
import { addEncoder } from '../../src/store/spaces/encoders.js'
import { encodeSpace } from '../../src/store/encode/features.js'
import { openDatabase, withLsh } from '../../src/store/connection/open-database.js'
import { useTestDatabase } from '../database.js'
import { loseAtEachStep, type LostCall } from '../store/connection/losing.js'
import { makeIndex, makeSpace } from '../store/codes/made-space.js'
import { smallPixels } from '../store/encode/trained.js'

const dims = 8
const database = useTestDatabase()

interface Tables {
  'space.made': Features<typeof dims>
}

/** A pool of a program that does not handle lost connections. */
async function withPool<T>(connectionString: string, work: (pool: pg.Pool) => Promise<T>) {
  const pool = new pg.Pool({ connectionString, application_name: 'pg-lsh' })
  try {
    return await work(pool)
  } finally {
    await pool.end()
  }
}

describe.runIf(inject('engine') === 'server')(
  'a search that loses its connection only rejects its promise',
  () => {
    beforeAll(async () => {
      const { store } = database
      await makeSpace(store, { dims })
      await makeIndex(store)
      await store.transaction(async (transaction) =>
        addEncoder(transaction, await smallPixels(), {
          name: 'pixel',
          dataset: 'made',
          trainedOn: [],
        }),
      )
      await encodeSpace(store, 'pixel')
      await makeIndex(store, 'pixel', { bits: 32 })
    })

    const calls: Record<string, LostCall> = {
      'openDatabase and nearest': {
        run: async (_, url) => {
          const db = await openDatabase<Tables>({ url }, { prepare: true })
          try {
            return await nearest(db, 'space.made', { to: { item: 5 } })
              .selectAll()
              .execute()
          } finally {
            await db.destroy()
          }
        },
      },
      'openDatabase on a pool of the caller': {
        run: (_, url) =>
          withPool(url, async (pool) => {
            const db = await openDatabase<Tables>({ pool })
            return nearest(db, 'space.made', { to: { item: 5 } })
              .selectAll()
              .execute()
          }),
      },
      'withLsh on a Kysely of the caller': {
        run: (_, url) =>
          withPool(url, async (pool) => {
            const db = await withLsh<Tables>(
              new Kysely({ dialect: new PostgresDialect({ pool }) }),
              pool,
            )
            const space = await openSpace(db, 'pixel')
            await space.close()
            const index = await openIndex(db, 'made')
            const asked = hashQuery(index, new Float32Array(dims).fill(0.5))
            return nearest(db, 'space.made', { to: asked }).selectAll().execute()
          }),
      },
      'prepareNearest on a pool of the caller': {
        run: (_, url) =>
          withPool(url, async (pool) => {
            const db = await openDatabase({ pool })
            const find = prepareNearest(await openIndex(db, 'made'), { k: 3 })
            return (await pool.query<Neighbour>(find(new Float32Array(dims).fill(0.5)))).rows
          }),
      },
      'nearestEach, nearestExact and compareWithExact': {
        run: (_, url) =>
          withPool(url, async (pool) => {
            const db = await openDatabase<Tables>({ pool })
            const each = nearestEach(db, 'space.made', { to: { items: [1, 2, 3] }, k: 3 })
            const exact = nearestExact(db, 'space.made', { to: { item: 5 }, k: 3 })
            const near = nearest(db, 'space.made', { to: { item: 5 }, k: 3 })
            const compared = await compareWithExact(db, near)
            return [
              await each.select(['near.query', 'near.item_id']).execute(),
              await exact.select('near.item_id').execute(),
              compared?.found,
            ]
          }),
      },
      'similarPlans and similarSlices': {
        run: async (store) => [
          await similarPlans(store.db, 1, { space: 'made', k: 3 }).execute(),
          await similarSlices(store.db, 5, { space: 'made', k: 3 }).execute(),
        ],
      },
      'statements that are asked at once': {
        run: (_, url) =>
          withPool(url, async (pool) => {
            const db = await openDatabase<Tables>({ pool })
            const find = (item: number) =>
              nearest(db, 'space.made', { to: { item }, k: 3 }).select('near.item_id').execute()
            return Promise.all([1, 2, 3, 4].map(find))
          }),
      },
    }

    it.each(Object.entries(calls))(
      '%s',
      async (name, call) => {
        const { runs, lost } = await loseAtEachStep(database.place, call, { seed: name.length })
        expect(lost).toBeGreaterThan(runs / 2)
      },
      300_000,
    )
  },
)
