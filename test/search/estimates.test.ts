import { sql, type Kysely } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { codeWords } from '../../src/core/code-words.js'
import { vectorDistance } from '../../src/core/vector.js'
import { bulkEncoder } from '../../src/hash/bulk-encode.js'
import { bucketCount, type HashFamily } from '../../src/hash/family.js'
import type { FamilyKind } from '../../src/hash/kinds.js'
import { estimatorsOf } from '../../src/hash/rank-codes.js'
import { hashQuery } from '../../src/search/hash-query.js'
import { nearest, nearestEach } from '../../src/search/nearest.js'
import { openIndex } from '../../src/search/open-index.js'
import { search } from '../../src/search/vector-search.js'
import { createFamilyOf } from '../../src/store/codes/create-family.js'
import { readFamily } from '../../src/store/codes/families.js'
import type { Vector } from '../../src/store/connection/columns.js'
import type { Database } from '../../src/store/connection/database.js'
import { vectorText } from '../../src/store/connection/types.js'
import { useTestDatabase } from '../database.js'
import { clumps, endToEnd } from '../hash/sample.js'
import { expectRefusal } from '../sql/asking.js'

const dims = 16
const rows = 500
const vectors = clumps({ dims, rows, seed: 31 })
const asked = clumps({ dims, rows: 12, seed: 32 }).slice(9)
const database = useTestDatabase()
let db: Kysely<Database & { item: { id: number; v: Vector<16> } }>

beforeAll(async () => {
  const { pool } = database.store
  await pool.query(`create table item (id int primary key, v vector(${dims}))`)
  await pool.query(
    `insert into item select * from unnest($1::int[], $2::text[]::vector[]) as item`,
    [vectors.map((_, i) => i), vectors.map(vectorText)],
  )
  db = database.store.db.withTables<{ item: { id: number; v: Vector<16> } }>()
})

describe.each<[FamilyKind, number]>([
  ['sign', 128],
  ['itq', 16],
  ['residual', 128],
  ['scalar', 64],
])('a search with candidates 0 and codes of kind %s', (kind, bits) => {
  let family: HashFamily
  const all = { index: kind, key: 'id', candidates: 0, stage: 'scan' } as const

  beforeAll(async () => {
    const { store } = database
    await createFamilyOf(store, { relation: 'item', column: 'v' }, { kind, bits, name: kind })
    family = await readFamily(store.db, kind)
    await store.pool.query(`select lsh.create_index('item', 'v', $1, name => $1)`, [kind])
  })

  it('returns the same estimates as TypeScript, nearest first and marked as estimated', async () => {
    const hashed = bulkEncoder(family)(endToEnd(vectors))
    const words = codeWords(hashed.codes, bits)
    const estimators = estimatorsOf(family, endToEnd(asked))
    for (const [i, to] of asked.entries()) {
      const estimate = estimators[i]!(words, hashed)
      const found = await nearest(db, 'item', { ...all, to, k: 40 })
        .selectAll()
        .execute()
      expect(found).toHaveLength(40)
      found.forEach(({ id, distance, estimated }, place) => {
        expect(estimated).toBe(true)
        // Rounding may flip a bit on its threshold, and the margins of a query are rounded to steps.
        expect(Math.abs(distance - estimate(id))).toBeLessThan(0.02 * distance + 0.02)
        expect(distance).toBeGreaterThanOrEqual(found[place - 1]?.distance ?? 0)
      })
    }
  })

  it('estimates distances with a small error', async () => {
    const [to] = asked
    const found = await nearest(db, 'item', { ...all, to: to!, k: rows })
      .selectAll()
      .execute()
    const errors = found.map(({ distance, v }) => {
      const exact = vectorDistance(to!, v)
      return (distance - exact) / exact
    })
    const mean = errors.reduce((sum, error) => sum + error, 0) / rows
    const spread = Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / rows)
    expect(Math.abs(mean)).toBeLessThan(kind === 'itq' ? 0.1 : 0.03)
    expect(spread).toBeLessThan(kind === 'itq' ? 0.25 : 0.12)
  })

  it('finds the same rows in buckets, in a scan, by nearestEach, by lsh.search and with a hashed query', async () => {
    const [to] = asked
    const how = {
      index: kind,
      key: 'id',
      candidates: 0,
      probes: bucketCount(family),
      k: 7,
    } as const
    const first = await nearest(db, 'item', { ...how, to: to! })
      .selectAll()
      .execute()
    const scanned = await nearest(db, 'item', { ...all, k: 7, to: to! })
      .selectAll()
      .execute()
    expect(first).toEqual(scanned)
    const index = await openIndex(db, kind)
    const here = hashQuery(index, to!)
    const { index: _, ...rest } = how
    expect(
      await nearest(db, 'item', { ...rest, to: here })
        .selectAll()
        .execute(),
    ).toEqual(first)
    const each = await nearestEach(db, 'item', { ...how, to: [to!] })
      .selectAll()
      .execute()
    expect(each).toEqual(first.map((row) => ({ ...row, query: 0 })))
    const { key: _key, ...by } = how
    const keys = await search(db, to!, by).execute()
    expect(keys).toEqual(
      first.map(({ id, distance, hamming }) => ({
        key: String(id),
        distance,
        hamming,
        estimated: true,
      })),
    )
  })

  it('is rated by lsh.compare by the true distances of the rows found', async () => {
    const { rows: compared } = await sql<{ query: string; recall: number; code_loss: number }>`
      select query, recall, code_loss
      from lsh.compare(${kind}, ${[3, 77, 141].map(String)}, ks => '{10}', candidates => 0, stage => 'scan')`.execute(
      db,
    )
    for (const { query, recall, code_loss } of compared) {
      const to = vectors[Number(query)]!
      const found = await nearest(db, 'item', { ...all, to, k: 10, exclude: [Number(query)] })
        .select('near.id')
        .execute()
      const farthest = vectors
        .map((vector, id) => (id === Number(query) ? Infinity : vectorDistance(to, vector)))
        .sort((a, b) => a - b)[9]!
      const hits = found.filter(({ id }) => vectorDistance(to, vectors[id]!) <= farthest * 1.000001)
      expect(recall).toBeCloseTo(hits.length / 10, 10)
      expect(code_loss).toBeCloseTo(1 - hits.length / 10, 10)
    }
    expect(compared).toHaveLength(3)
  })

  it('returns k rows that pass a condition, even if few rows do', async () => {
    const [to] = asked
    const some = await nearest(db, 'item', { ...all, to: to!, k: 5 })
      .where('near.id', 'in', [3, 14, 15, 92, 65, 35])
      .select('near.id')
      .execute()
    expect(some).toHaveLength(5)
    const { rows: filtered } = await sql<{ key: string }>`
      select key from lsh.search(${kind}, ${vectorText(to!)}, k => 5, candidates => 0, probes => 1, filter => '{"id": {"lt": 9}}')`.execute(
      db,
    )
    expect(filtered).toHaveLength(5)
    expect(filtered.every(({ key }) => Number(key) < 9)).toBe(true)
  })
})

describe('a search with candidates 0', () => {
  it('reads no vectors, so that those of an index maintained by a loader may be removed', async () => {
    const { pool } = database.store
    await pool.query(`create table archive as select * from item`)
    await pool.query(`alter table archive add primary key (id)`)
    await pool.query(
      `select lsh.create_index('archive', 'v', 'scalar', maintain => 'loader', build => 'later')`,
    )
    await pool.query(`call lsh.build_index('archive')`)
    const text = `select * from lsh.search('archive', '${vectorText(asked[0]!)}', candidates => 0)`
    const before = await pool.query(text)
    await pool.query(`update archive set v = null`)
    const after = await pool.query(text)
    expect(after.rows).toEqual(before.rows)
    expect(after.rows).toHaveLength(10)
  })

  it('differs from other searches, whose rows are not marked as estimated', async () => {
    const { rows: exact } = await database.store.pool.query(
      `select estimated from lsh.search('scalar', '${vectorText(asked[0]!)}', k => 3)`,
    )
    expect(exact).toEqual([{ estimated: false }, { estimated: false }, { estimated: false }])
  })

  it('refuses kinds that cannot estimate distances, and options that contradict it', async () => {
    const { store } = database
    const vector = `'${vectorText(asked[0]!)}'`
    await createFamilyOf(
      store,
      { relation: 'item', column: 'v' },
      { kind: 'cosine', name: 'cosine' },
    )
    await store.pool.query(`select lsh.create_index('item', 'v', 'cosine', name => 'cosine')`)
    const ask = (index: string, options: string) =>
      `select * from lsh.search('${index}', ${vector}, candidates => 0${options})`
    await expectRefusal(store, ask('cosine', ''), '0A000')
    await expectRefusal(store, ask('sign', `, stage => 'exact'`), '22023')
    await expectRefusal(store, ask('sign', `, stage => 'hnsw'`), '55000')
    await expectRefusal(store, ask('sign', `, ranking => 'hamming'`), '22023')
    await expectRefusal(
      store,
      `select lsh.create_index('item', 'v', 'sign', name => 'none', candidates => 0)`,
      '22023',
    )
  })
})
