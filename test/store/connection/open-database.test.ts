import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { codeFromText, type BitCode } from '../../../src/core/code.js'
import { vector } from '../../../src/core/vector.js'
import { nearest } from '../../../src/search/nearest.js'
import type { Features } from '../../../src/store/connection/database.js'
import type { Vector } from '../../../src/store/connection/columns.js'
import { openDatabase, withLsh } from '../../../src/store/connection/open-database.js'
import { useTestDatabase } from '../../database.js'
import { makeIndex, makeSpace, type MadeItem } from '../codes/made-space.js'

interface Tables {
  'public.word': { v: Vector<3>; code: BitCode<4> }
  'space.made': Features<8>
}
const word = { v: vector([1, 2, 3]), code: codeFromText('0110') }
const database = useTestDatabase()
let items: MadeItem[]

beforeAll(async () => {
  items = await makeSpace(database.store, { patients: 3 })
  await makeIndex(database.store)
  await sql`create table word (v vector(3), code bit(4))`.execute(database.store.db)
})

async function expectTyped(db: Kysely<Tables>): Promise<void> {
  await db.deleteFrom('public.word').execute()
  await db.insertInto('public.word').values(word).execute()
  expect(await db.selectFrom('public.word').selectAll().execute()).toEqual([word])
  const found = await nearest(db, 'space.made', { to: { item: items[0]!.item }, k: 2 })
    .select(['near.embedding', 'near.item_id'])
    .execute()
  expect(found).toHaveLength(2)
  expect(found[0]!.embedding).toBeInstanceOf(Float32Array)
}

describe('openDatabase', () => {
  it('registers the types with a pool and leaves the pool open', async () => {
    const { pool } = database.store
    const db = await openDatabase<Tables>({ pool })
    await expectTyped(db)
    await db.destroy()
    const { rows } = await pool.query('select 1 as one')
    expect(rows).toEqual([{ one: 1 }])
  })

  it('prepares searches, and only searches, with prepare: true', async () => {
    const { pool } = database.store
    const db = await openDatabase<Tables>({ pool }, { prepare: true })
    for (const item of [1, 2, 3]) {
      const rows = await nearest(db, 'space.made', { to: { item: items[item]!.item }, k: 4 })
        .select('near.item_id')
        .execute()
      expect(rows).toHaveLength(4)
    }
    await db.selectFrom('public.word').selectAll().execute()
    const streamed = nearest(db, 'space.made', { to: { item: items[1]!.item }, k: 4 })
    for await (const row of streamed.selectAll().stream()) expect(row.embedding).toHaveLength(8)
    const { rows } = await pool.query<{ name: string; statement: string }>(
      'select name, statement from pg_prepared_statements',
    )
    expect(rows.length).toBeGreaterThan(0)
    expect(rows.every(({ statement }) => statement.includes('lsh.nearest'))).toBe(true)
    await pool.query('deallocate all')
    await db.destroy()
  })

  it('registers the types with the pool of an existing Kysely instance', async () => {
    const { pool } = database.store
    const own = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
    await expectTyped(await withLsh(own, pool))
  })

  it('gives a hint if pgvector is missing', async () => {
    const nothing = {
      query: () => Promise.resolve({ rows: [] }),
      on: () => undefined,
      connect: () => Promise.reject(new Error('never asked')),
    } as unknown as pg.Pool
    await expect(openDatabase({ pool: nothing })).rejects.toMatchObject({
      code: 'database',
      hint: expect.stringContaining('pg-lsh migrate'),
    })
  })

  // Last, since only one process at a time can open an embedded database.
  it('opens a URL or a directory, and closes it', async () => {
    const { place } = database
    await database.store.close()
    const where = inject('engine') === 'server' ? { url: place } : { dataDir: place }
    await (await openDatabase(where)).destroy()
    for (let i = 0; i < 2; i++) {
      const db = await openDatabase<Tables>(where)
      await expectTyped(db)
      await db.destroy()
    }
    await expect(openDatabase({ url: 'postgres://nobody@127.0.0.1:1/x' })).rejects.toMatchObject({
      code: 'database',
    })
  })
})

describe.runIf(inject('engine') === 'server')(
  'a pool that runs each statement in another session',
  () => {
    it('serves searches, since no statement depends on state of its session', async () => {
      const sessions = await Promise.all(
        [1, 2, 3].map(async () => {
          const client = new pg.Client({ connectionString: database.place })
          await client.connect()
          return client
        }),
      )
      let turn = 0
      const next = () => sessions[turn++ % sessions.length]!
      const pool = {
        connect: () =>
          Promise.resolve({
            query: (...of: [string, unknown[]]) => next().query(...of),
            release: () => undefined,
          }),
        end: () => Promise.resolve(),
      }
      const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: pool as never }) })
      const settings = { k: 3, candidates: 20 }
      const expected: unknown[] = []
      for (let round = 0; round < 6; round++) {
        const rows = await nearest(db, 'space.made', { to: { item: items[1]!.item }, ...settings })
          .where('near.item_id', '>', 3)
          .select(['near.item_id', 'near.distance'])
          .execute()
        expected.push(rows)
      }
      expect(new Set(expected.map((rows) => JSON.stringify(rows))).size).toBe(1)
      expect(expected[0]).toHaveLength(3)
      for (const session of sessions) {
        const { rows } = await session.query(
          `select (select count(*)::int from pg_prepared_statements) as prepared,
           current_setting('hnsw.ef_search', true) as ef`,
        )
        expect(rows[0]).toMatchObject({ prepared: 0 })
        await session.end()
      }
    })
  },
)
