import fc from 'fast-check'
import pg from 'pg'
import { Kysely, PostgresDialect } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LshError } from '../../src/core/errors.js'
import { nearest } from '../../src/search/nearest.js'
import { nearestAcross } from '../../src/search/nearest-across.js'
import { createFamilyOf } from '../../src/store/codes/create-family.js'
import type { Database } from '../../src/store/connection/database.js'
import type { Vector } from '../../src/store/connection/columns.js'
import { addPackedFamily, packFamily } from '../../src/store/codes/exchange-family.js'
import { vectorText } from '../../src/store/connection/types.js'
import { openTestDatabase, type TestDatabase } from '../database.js'
import { clumps } from '../hash/sample.js'

const dims = 8
const rows = 600
const vectors = clumps({ dims, rows, seed: 5 })
const queries = clumps({ dims, rows: 30, seed: 6 })
const languages = ['en', 'de', 'fr']

interface Tables {
  document: { id: number; language: string; v: Vector<typeof dims> }
}

/** The last database holds all rows, each of the others a third. */
const databases: TestDatabase[] = []
let shards: Kysely<Database & Tables>[]
let whole: Kysely<Database & Tables>

async function fill({ store }: TestDatabase, keys: readonly number[]): Promise<void> {
  const { pool } = store
  await pool.query(
    `create table document (id int primary key, language text not null, v vector(${dims}) not null)`,
  )
  await pool.query(
    `insert into document select * from unnest($1::int[], $2::text[], $3::text[]::vector[]) as row`,
    [
      keys,
      keys.map((key) => languages[Math.floor(key / 7) % 3]),
      keys.map((key) => vectorText(vectors[key] as Float32Array)),
    ],
  )
}

async function index({ store }: TestDatabase): Promise<void> {
  await store.pool.query(`select lsh.create_index('document', 'v', 'document', name => 'document')`)
  await store.learnTypes()
}

beforeAll(async () => {
  for (let i = 0; i < 4; i++) databases.push(await openTestDatabase())
  const keys = Array.from({ length: rows }, (_, key) => key)
  for (const [i, database] of databases.entries())
    await fill(
      database,
      keys.filter((key) => i === 3 || key % 3 === i),
    )
  const [first, ...others] = databases as [TestDatabase, ...TestDatabase[]]
  const of = { relation: 'document', column: 'v' }
  await createFamilyOf(first.store, of, { name: 'document', bits: 64, kind: 'sign' })
  const packed = await packFamily(first.store, 'document')
  for (const { store } of others) await addPackedFamily(store, packed)
  for (const database of databases) await index(database)
  const dbs = databases.map(({ store }) => store.db as unknown as Kysely<Database & Tables>)
  shards = dbs.slice(0, 3)
  whole = dbs[3] as Kysely<Database & Tables>
}, 300_000)

afterAll(async () => {
  for (const database of databases) await database.close()
})

describe('nearestAcross', () => {
  it('finds exactly the same rows as one database that holds all of them', async () => {
    const search = fc.record({
      number: fc.nat(queries.length - 1),
      k: fc.integer({ min: 1, max: 40 }),
      stage: fc.constantFrom('exact' as const, 'scan' as const, 'buckets' as const),
      language: fc.option(fc.constantFrom(...languages), { nil: undefined }),
      exclude: fc.uniqueArray(fc.nat(rows - 1), { maxLength: 20 }),
    })
    await fc.assert(
      fc.asyncProperty(search, async ({ number, language, ...asked }) => {
        // All visited codes are re-ranked: with fewer candidates, three databases could find nearer rows than one.
        const to = queries[number] as Float32Array
        const query = { to, candidates: rows, ...asked }
        const one = nearest(whole, 'document', query)
        const filtered = language === undefined ? one : one.where('near.language', '=', language)
        const expected = await filtered.selectAll('near').execute()
        const found = await nearestAcross(shards, 'document', query, {
          ...(language !== undefined && {
            where: (near) => near('near.language', '=', language),
          }),
        })
        const plain = found.map(({ shard: _, ...row }) => row)
        if (asked.stage === 'exact') {
          expect(plain.map(({ hamming: _, ...row }) => row)).toEqual(
            expected.map(({ hamming: _, ...row }) => row),
          )
        } else expect(plain).toEqual(expected)
        for (const { id, shard } of found) expect(shard).toBe(id % 3)
      }),
      { numRuns: 25, seed: 25 },
    )
  }, 120_000)

  it('finds rows at least as near as one database does with the settings of its index', async () => {
    for (const to of queries.slice(0, 10)) {
      const query = { to, stage: 'buckets' as const, candidates: 20, probes: 2 }
      const expected = await nearest(whole, 'document', query).selectAll().execute()
      const found = await nearestAcross(shards, 'document', query)
      expect(found).toHaveLength(10)
      found.forEach(({ distance }, i) =>
        expect(distance).toBeLessThanOrEqual(expected[i]?.distance ?? 0),
      )
    }
  })

  it('looks a row up by its key in the one database that has it', async () => {
    for (const item of [0, 7, 200]) {
      const query = { to: { item }, k: 12, stage: 'exact' as const }
      const expected = await nearest(whole, 'document', query).select('id').execute()
      const found = await nearestAcross(shards, 'document', query)
      expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id))
    }
    await expect(nearestAcross(shards, 'document', { to: { item: rows } })).rejects.toMatchObject({
      code: 'bad_input',
      message: `none of the databases has a row "${rows}" of "document"`,
    })
    await expect(
      nearestAcross([...shards, whole], 'document', { to: { item: 1 } }),
    ).rejects.toMatchObject({ code: 'bad_usage', message: /^2 databases have a row "1"/ })
  })

  it('rejects with the name of a database that is down, and returns no partial answer', async () => {
    const pool = new pg.Pool({ connectionString: 'postgres://me:secret@127.0.0.1:9/gone' })
    const down = new Kysely<Database & Tables>({ dialect: new PostgresDialect({ pool }) })
    const to = queries[0] as Float32Array
    const asked = nearestAcross([...shards, down], 'document', { to })
    const error = await asked.catch((error: unknown) => error)
    expect(error).toBeInstanceOf(LshError)
    expect(error).toMatchObject({ code: 'database', message: /^database 4 of 4: / })
    expect(`${String(error)} ${(error as LshError).hint}`).not.toContain('secret')
    const labels = ['a', 'b', 'c', 'the new one']
    await expect(
      nearestAcross([...shards, down], 'document', { to }, { labels }),
    ).rejects.toMatchObject({ message: /^the new one: / })
    await down.destroy()
  })

  it('refuses indexes with different families, an empty list of databases and too few labels', async () => {
    const { store } = databases[2] as TestDatabase
    const of = { relation: 'document', column: 'v' }
    const to = queries[0] as Float32Array
    await createFamilyOf(store, of, { name: 'other', bits: 64, kind: 'sign', seed: 2 })
    await store.pool.query(`select lsh.create_index('document', 'v', 'other', name => 'other')`)
    const other = databases[0] as TestDatabase
    await other.store.pool.query(
      `select lsh.create_index('document', 'v', 'document', name => 'other')`,
    )
    await expect(
      nearestAcross([shards[0]!, shards[2]!], 'document', { to, index: 'other' }),
    ).rejects.toMatchObject({
      code: 'bad_usage',
      message: /^index "other" of database 2 of 2 has family "other" of checksum/,
      hint: /family export document FILE/,
    })
    await expect(nearestAcross([], 'document' as never, { to })).rejects.toMatchObject({
      message: 'there is no database to search',
    })
    await expect(
      nearestAcross(shards, 'document', { to }, { labels: ['only one'] }),
    ).rejects.toMatchObject({ code: 'bad_usage' })
  })
})
