import { sql, type Kysely } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { vector, vectorDistance } from '../../src/core/vector.js'
import { hashQuery, type HashedVector } from '../../src/search/hash-query.js'
import { nearest, nearestEach, nearestExact } from '../../src/search/nearest.js'
import { prepareNearest } from '../../src/search/prepare-nearest.js'
import { openIndex, type OpenIndex } from '../../src/search/open-index.js'
import type { Database, Features } from '../../src/store/connection/database.js'
import type { Vector } from '../../src/store/connection/columns.js'
import { createFamilyOf } from '../../src/store/codes/create-family.js'
import { useTestDatabase } from '../database.js'
import { clumps, thrownBy } from '../hash/sample.js'
import { makeIndex, makeSpace, type MadeItem } from '../store/codes/made-space.js'

const dims = 6
const database = useTestDatabase()
type Tables = Database & { 'space.made': Features<6> }
let db: Kysely<Tables>
let items: MadeItem[]

beforeAll(async () => {
  items = await makeSpace(database.store, { patients: 12, slices: 12, dims })
  await makeIndex(database.store, 'made', { bits: 128, bucketBits: 3 })
  db = database.store.db.withTables<{ 'space.made': Features<6> }>()
})

/** All rows are candidates, so the answer is exact. */
const everything = { candidates: 10_000, probes: 8 }

function bruteForce(
  query: { vector: Float32Array; item?: number },
  k: number,
  passes: (item: MadeItem, distance: number) => boolean,
): number[] {
  return items
    .map((item) => ({ ...item, distance: vectorDistance(query.vector, item.vector) }))
    .filter((one) => one.item !== query.item && passes(one, one.distance))
    .sort((a, b) => a.distance - b.distance || a.item - b.item)
    .slice(0, k)
    .map(({ item }) => item)
}

const oneLine = (text: string) => text.replace(/\s+/g, ' ')

describe('nearest', () => {
  it('compiles to one search that receives the conditions and their joins', () => {
    const { sql: text, parameters } = nearest(db, 'space.made', { to: { item: 7 }, k: 5 })
      .innerJoin('cbir.slices as slice', 'slice.item_id', 'near.item_id')
      .where('slice.prescription_gy', '>', 60)
      .where('near.distance', '<', 4)
      .select(['near.item_id', 'near.distance', 'slice.patient'])
      .compile()
    expect(oneLine(text)).toBe(
      'select "near"."item_id", "near"."distance", "slice"."patient" from (' +
        'select (found.near).*, found.distance, found.hamming from lsh.nearest(' +
        'null::"space"."made", item => $1::text, k => $2::int, ' +
        'exclude => cbir._left_out($3::int, true), allowed => array(' +
        'select "near"."item_id"::text as "key" from "space"."made" as "near" ' +
        'inner join "cbir"."slices" as "slice" on "slice"."item_id" = "near"."item_id" ' +
        'where "slice"."prescription_gy" > $4 offset 0), key_column => $5) as found) as "near" ' +
        'inner join "cbir"."slices" as "slice" on "slice"."item_id" = "near"."item_id" ' +
        'where "slice"."prescription_gy" > $6 and "near"."distance" < $7 ' +
        'order by "near"."distance", "near"."item_id"',
    )
    expect(parameters).toEqual(['7', 5, '7', 60, 'item_id', 60, 4])
  })

  it('searches the whole table when there are no conditions', () => {
    const text = nearest(db, 'space.made', { to: new Float32Array(dims) })
      .selectAll()
      .compile().sql
    expect(oneLine(text)).toBe(
      'select * from (select (found.near).*, found.distance, found.hamming from lsh.nearest(' +
        'null::"space"."made", query => $1, k => $2::int, key_column => $3) as found) as "near" ' +
        'order by "near"."distance", "near"."item_id"',
    )
  })

  it.each([true, false])(
    'finds the same rows for an item as brute force, with excludeSamePatient %s',
    async (excludeSamePatient) => {
      for (const query of items.filter((_, i) => i % 29 === 0)) {
        const rows = await nearest(db, 'space.made', {
          to: { item: query.item },
          k: 9,
          excludeSamePatient,
          ...everything,
        })
          .select(['near.item_id', 'near.embedding', 'near.distance', 'near.hamming'])
          .execute()
        const passes = (one: MadeItem) => !excludeSamePatient || one.patient !== query.patient
        expect(rows.map((row) => row.item_id)).toEqual(bruteForce(query, 9, passes))
        const [first] = rows
        expect(first?.embedding).toBeInstanceOf(Float32Array)
        expect(first?.distance).toBeCloseTo(vectorDistance(query.vector, first!.embedding), 5)
        expect(first?.hamming).toBeTypeOf('number')
      }
    },
  )

  it('returns k rows that pass a condition on a joined table, even if few rows do', async () => {
    const patients = await db.selectFrom('cbir.patient').selectAll().orderBy('id').execute()
    const [only] = patients
    for (const query of items.filter((_, i) => i % 31 === 0)) {
      const rows = await nearest(db, 'space.made', {
        to: query.vector,
        k: 5,
        candidates: 5,
        probes: 1,
      })
        .innerJoin('cbir.slices as slice', 'slice.item_id', 'near.item_id')
        .where('slice.patient', '=', only!.pseudonym)
        .where('slice.index', '>=', 4)
        .select('near.item_id')
        .execute()
      const indexOf = (item: MadeItem) =>
        items.filter(({ patient }) => patient === item.patient).indexOf(item)
      const expected = bruteForce(query, 5, (one) => {
        return one.patient === only!.id && indexOf(items.find((i) => i.item === one.item)!) >= 4
      })
      expect(rows.map((row) => row.item_id)).toEqual(expected)
    }
  })

  it('applies conditions on the distance to the rows found', async () => {
    const query = items[40]!
    const all = await nearest(db, 'space.made', { to: query.vector, k: 20, ...everything })
      .selectAll()
      .execute()
    const edge = all[9]!.distance
    const rows = await nearest(db, 'space.made', { to: query.vector, k: 20, ...everything })
      .where((eb) =>
        eb.and([eb('near.distance', '<', edge), eb('near.item_id', '!=', all[3]!.item_id)]),
      )
      .selectAll()
      .execute()
    const expected = all.slice(0, 9).filter((_, i) => i !== 3)
    expect(rows.map((row) => row.item_id)).toEqual(expected.map((row) => row.item_id))
  })

  it('can be counted, grouped, explained, streamed and used as a subquery', async () => {
    const search = nearest(db, 'space.made', { to: { item: items[5]!.item }, k: 17 })
    const count = await search
      .clearOrderBy()
      .select((eb) => eb.fn.countAll<string>().as('rows'))
      .executeTakeFirstOrThrow()
    expect(count).toEqual({ rows: '17' })
    const plan = await search.selectAll().explain()
    expect(JSON.stringify(plan)).toContain('nearest')
    const streamed: number[] = []
    for await (const row of search.select('near.item_id').stream(5)) streamed.push(row.item_id)
    const rows = await search.select('near.item_id').execute()
    expect(streamed).toEqual(rows.map((row) => row.item_id))
    const plans = await db
      .selectFrom(search.select('near.item_id').as('found'))
      .innerJoin('cbir.slices as slice', 'slice.item_id', 'found.item_id')
      .select(['slice.plan', (eb) => eb.fn.countAll<string>().as('slices')])
      .groupBy('slice.plan')
      .execute()
    expect(plans.reduce((sum, row) => sum + Number(row.slices), 0)).toBe(17)
  })

  it('runs inside a transaction', async () => {
    const rows = await db.transaction().execute(async (transaction) => {
      return nearest(transaction, 'space.made', { to: { item: items[5]!.item }, k: 3 })
        .select('near.item_id')
        .execute()
    })
    expect(rows).toHaveLength(3)
  })

  it('refuses an unknown item, index or key, invalid numbers and invalid vectors', async () => {
    const run = (query: Parameters<typeof nearest<Tables, 'space.made'>>[2]) =>
      nearest(db, 'space.made', query).selectAll().execute()
    await expect(run({ to: { item: -1 } })).rejects.toMatchObject({ code: 'P0002' })
    await expect(run({ to: new Float32Array(4) })).rejects.toMatchObject({ code: 'LSH02' })
    await expect(run({ to: { item: 1 }, index: 'nope' })).rejects.toMatchObject({ code: 'LSH01' })
    await expect(run({ to: { item: 1 }, key: 'embedding' as 'item_id' })).rejects.toMatchObject({
      message: expect.stringContaining('in column "item_id", not in "embedding"'),
    })
    for (const wrong of [{ k: 0 }, { candidates: 1.5 }, { probes: NaN }])
      expect(
        thrownBy(() => nearest(db, 'space.made', { to: { item: 1 }, ...wrong })),
      ).toMatchObject({
        code: 'bad_usage',
      })
    const vector = Float32Array.of(1, 2, NaN, 4, 5, 6)
    expect(thrownBy(() => nearest(db, 'space.made', { to: vector }))).toMatchObject({
      code: 'bad_input',
      message: 'element 2 of the vector is NaN',
    })
  })
})

describe('nearest to a query hashed in the client', () => {
  let index: OpenIndex
  beforeAll(async () => {
    await database.store.pool.query('update lsh.index set stage = null, ranking = null')
    index = await openIndex(database.store.db, 'made')
  })

  it('tests conditions in the order of the candidates', () => {
    const to = hashQuery(index, items[9]!.vector)
    const text = oneLine(
      nearest(db, 'space.made', { to, k: 4, exclude: [3] })
        .innerJoin('cbir.slices as slice', 'slice.item_id', 'near.item_id')
        .where('slice.index', '>=', 3)
        .select('near.item_id')
        .compile().sql,
    )
    expect(text).toContain(
      'lsh_code.bucket = any(array(select pg_catalog.unnest($2::int[]))) and lsh_code.key <> all($3::integer[])',
    )
    expect(text).toContain(
      'as lsh_listed where (select exists (select 1 as "key" from "space"."made" as "near" ' +
        'inner join "cbir"."slices" as "slice" on "slice"."item_id" = "near"."item_id" ' +
        'where "near"."item_id" = lsh_listed.key and "slice"."index" >= $11))',
    )
    expect(text).toContain('where not (select reached from lsh_enough)')
    expect(text.match(/inner join "cbir"."slices"/g)).toHaveLength(3)
  })

  it.each([
    ['all rows', 1, 0],
    ['every second row', 2, 0],
    ['every ninth row, which is less than a search wants to see', 9, 1],
    ['three rows', 50, 7],
  ])('finds the true neighbours among %s', async (_, step, rest) => {
    const passing = items.filter(({ item }) => item % step === rest)
    for (const query of items.filter((_, i) => i % 13 === 0)) {
      for (const settings of [everything, { ...everything, stage: 'scan' as const }]) {
        let search = nearest(db, 'space.made', {
          to: hashQuery(index, query.vector),
          k: 5,
          ...settings,
        })
        if (step > 1) search = search.where(sql`near.item_id % ${step}`, '=', rest)
        const rows = await search.select(['near.item_id', 'near.embedding']).execute()
        const expected = bruteForce({ vector: query.vector }, 5, (one) =>
          passing.some(({ item }) => item === one.item),
        )
        expect(rows.map((row) => row.item_id)).toEqual(expected)
        expect(rows[0]?.embedding).toHaveLength(dims)
      }
    }
  })

  it('finds nearly the same rows as when the database hashes the query', async () => {
    const settings = { k: 10, candidates: 15, stage: 'buckets' as const }
    let shared = 0
    for (const query of items) {
      const found = async (to: Float32Array | HashedVector<6>) =>
        await nearest(db, 'space.made', { to, ...settings })
          .select(['near.item_id', 'near.hamming', 'near.distance'])
          .execute()
      const there = await found(query.vector)
      const here = await found(hashQuery(index, query.vector))
      shared += here.filter((row) => there.some((one) => one.item_id === row.item_id)).length
    }
    // Rounding may flip a bit on its threshold.
    expect(shared).toBeGreaterThan(0.98 * 10 * items.length)
  })

  it('leaves an exact search to the database', async () => {
    const to = hashQuery(index, items[9]!.vector)
    const exact = nearestExact(db, 'space.made', { to, k: 4 }).select('near.item_id')
    expect(exact.compile().sql).not.toContain('lsh_index')
    expect((await exact.execute()).map((row) => row.item_id)).toEqual(
      bruteForce({ vector: items[9]!.vector }, 4, () => true),
    )
  })

  it('lets the database hash the query if the index has a different family since it was opened', async () => {
    const to = hashQuery(index, items[9]!.vector)
    const search = nearest(db, 'space.made', { to, k: 6, ...everything }).select('near.item_id')
    const expected = bruteForce({ vector: items[9]!.vector }, 6, () => true)
    await sql`select lsh.create_family('other', 'space.made', 'embedding', bits => 128, seed => 9)`.execute(
      db,
    )
    await sql`select lsh.reindex('made', 'other')`.execute(db)
    expect((await search.execute()).map((row) => row.item_id)).toEqual(expected)
    const prepared = prepareNearest(index, { k: 6, ...everything })(items[9]!.vector)
    const { rows } = await database.store.pool.query<{ key: number }>(prepared)
    expect(rows.map(({ key }) => key)).toEqual(expected)
    await sql`select lsh.reindex('made', 'made')`.execute(db)
  })

  it('works with tables and aliases that are called like those of its own SQL', async () => {
    const to = hashQuery(index, items[9]!.vector)
    type Named = Tables & {
      'lsh_index.made': { key: number }
      'public.candidate': { item: number; query: number }
    }
    const named = db as unknown as Kysely<Named>
    await sql`create table candidate as select item_id as item, item_id % 2 as query from space.made`.execute(
      db,
    )
    const rows = await nearest(named, 'space.made', { to, k: 5, ...everything })
      .innerJoin('lsh_index.made as code', 'code.key', 'near.item_id')
      .innerJoin('public.candidate as ranked', 'ranked.item', 'code.key')
      .where('ranked.query', '=', 1)
      .where('near.item_id', 'in', (eb) =>
        eb.selectFrom('public.candidate as distance').select('item').where('query', '<', 9),
      )
      .select('near.item_id')
      .execute()
    const expected = bruteForce({ vector: items[9]!.vector }, 5, ({ item }) => item % 2 === 1)
    expect(rows.map((row) => row.item_id)).toEqual(expected)
  })

  it('refuses a join on the distance together with conditions', () => {
    const to = hashQuery(index, items[9]!.vector)
    const search = nearest(db, 'space.made', { to })
      .innerJoin('cbir.slices as slice', (join) =>
        join.onRef('slice.item_id', '=', 'near.item_id').on('near.distance', '<', 9),
      )
      .where('slice.index', '>', 2)
      .select('near.item_id')
    expect(thrownBy(() => search.compile())).toMatchObject({ code: 'bad_usage' })
    const raw = nearest(db, 'space.made', { to })
      .where(sql<boolean>`near.distance < 9`)
      .select('near.item_id')
    expect(oneLine(raw.compile().sql)).not.toContain('exists (select 1')
  })

  it('refuses an index of another table or key, a k beyond 32 bits and a vector of another dimension', () => {
    const to = hashQuery(index, items[9]!.vector)
    const other = db.withTables<{ 'space.other': Features<6> }>()
    for (const query of [
      () => nearest(other, 'space.other', { to }),
      () => nearest(db, 'space.made', { to, key: 'embedding' as 'item_id' }),
      () => nearest(db, 'space.made', { to, index: 'other' }),
      () => nearest(db, 'space.made', { to, k: 2 ** 31 }),
    ])
      expect(thrownBy(query)).toMatchObject({ code: 'bad_usage' })
    expect(thrownBy(() => hashQuery(index, new Float32Array(5)))).toMatchObject({ code: 'LSH02' })
    expect(hashQuery(index, items[9]!.vector).code.bits).toBe(128)
  })
})

describe('nearestExact', () => {
  it('finds the true neighbours among the rows that pass', async () => {
    const query = items[77]!
    const rows = await nearestExact(db, 'space.made', { to: query.vector, k: 6 })
      .where('near.item_id', '>', items[30]!.item)
      .select(['near.item_id', 'near.hamming'])
      .execute()
    const expected = bruteForce({ vector: query.vector }, 6, (one) => one.item > items[30]!.item)
    expect(rows.map((row) => row.item_id)).toEqual(expected)
  })
})

describe('nearestEach', () => {
  it('finds the same rows for each of several queries as nearest, in one statement', async () => {
    const asked = items.filter((_, i) => i % 37 === 0)
    const byItem = nearestEach(db, 'space.made', { to: { items: asked.map((q) => q.item) }, k: 4 })
    const byVector = nearestEach(db, 'space.made', { to: asked.map((q) => q.vector), k: 4 })
    for (const [search, to] of [
      [byItem, (q: MadeItem) => ({ item: q.item })],
      [byVector, (q: MadeItem) => q.vector],
    ] as const) {
      const rows = await search
        .where('near.item_id', '>', 20)
        .select(['near.query', 'near.item_id', 'near.distance'])
        .execute()
      const expected = []
      for (const [query, one] of asked.entries()) {
        const found = await nearest(db, 'space.made', { to: to(one), k: 4 })
          .where('near.item_id', '>', 20)
          .select(['near.item_id', 'near.distance'])
          .execute()
        expected.push(...found.map((row) => ({ query, ...row })))
      }
      expect(rows).toEqual(expected)
    }
  })

  it('returns no rows for an empty list of queries', async () => {
    const none = nearestEach(db, 'space.made', { to: [], k: 4 })
    expect(await none.selectAll().execute()).toEqual([])
  })
})

type Words = Record<'public.word', { 'the key': string; v: Vector<3>; n: number }>

describe('nearest in a table of the user', () => {
  it.each(['residual', 'sign'] as const)('works with a text key and kind %s', async (kind) => {
    const words = database.store.db.withTables<Words>()
    const rows = clumps({ dims: 3, rows: 300, seed: 5 })
    await sql`drop table if exists word`.execute(words)
    await sql`create table word ("the key" text primary key, v vector(3) not null, n int)`.execute(
      words,
    )
    await words
      .insertInto('public.word')
      .values(rows.map((v, n) => ({ 'the key': `word '${n}`, v, n })))
      .execute()
    await createFamilyOf(
      database.store,
      { relation: 'word', column: 'v' },
      { name: `of_${kind}`, kind, bits: 64 },
    )
    await sql`select lsh.create_index('word', 'v', ${`of_${kind}`}, name => ${kind})`.execute(words)
    const index = await openIndex(database.store.db, kind)
    const query = vector([0.5, 0.1, -0.3])
    const expected = rows
      .map((v, n) => ({ n, distance: vectorDistance(query, v) }))
      .filter(({ n }) => n % 2 === 1)
      .sort((a, b) => a.distance - b.distance)
      .slice(0, 8)
    for (const to of [query, hashQuery(index, query)]) {
      const found = await nearest(words, 'public.word', {
        to,
        k: 8,
        key: 'the key',
        index: kind,
        candidates: 300,
        stage: 'buckets',
        probes: 1000,
      })
        .where((eb) =>
          eb(
            eb.ref('near.n'),
            'in',
            rows.map((_, n) => n).filter((n) => n % 2 === 1),
          ),
        )
        .select(['near.n', 'near.the key'])
        .execute()
      expect(found.map(({ n }) => n)).toEqual(expected.map(({ n }) => n))
      expect(found[0]?.['the key']).toBe(`word '${expected[0]!.n}`)
    }
    const same = await nearest(words, 'public.word', {
      to: { item: "word '7" },
      k: 1,
      key: 'the key',
      index: kind,
    })
      .select('near.n')
      .execute()
    expect(same).not.toEqual([{ n: 7 }])
    await sql`select lsh.drop_index(${kind})`.execute(words)
  })

  it('uses the key column "id" by default, and accepts vectors as plain arrays', async () => {
    const { db } = database.store
    await sql`create table plain (id bigint primary key, v vector(3) not null)`.execute(db)
    await sql`insert into plain select i, array[sin(i), cos(i), i % 7]::vector from generate_series(1, 300) as i`.execute(
      db,
    )
    await sql`select lsh.create_family('of_plain', 'plain', 'v', bits => 64)`.execute(db)
    await sql`select lsh.create_index('plain', 'v', 'of_plain')`.execute(db)
    const own = db.withTables<{ plain: { id: string; v: Vector<3> } }>()
    const found = await nearest(own, 'plain', { to: [0.1, 0.9, 3], k: 2 })
      .select('id')
      .execute()
    const [by] = await nearest(own, 'plain', { to: { item: found[0]!.id }, k: 1 })
      .where('near.id', '>', '0')
      .select('id')
      .execute()
    const { rows } = await sql<{ id: string }>`
      select id from plain order by v operator(public.<->) '[0.1, 0.9, 3]' limit 2`.execute(db)
    expect(found).toEqual(rows)
    expect(by).not.toEqual(found[0])
    const each = nearestEach(own, 'plain', { to: [[0.1, 0.9, 3], vector([1, 2, 3])], k: 1 })
    expect(await each.select(['id', 'query']).execute()).toHaveLength(2)
  })
})
