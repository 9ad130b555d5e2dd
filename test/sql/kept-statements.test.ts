import { beforeAll, describe, expect, inject, it } from 'vitest'
import { createFamilyOf } from '../../src/store/codes/create-family.js'
import type { CreateFamilyOptions } from '../../src/store/codes/create-index.js'
import { vectorText } from '../../src/store/connection/types.js'
import { useTestDatabase } from '../database.js'
import { clumps } from '../hash/sample.js'
import { rowsOf, valueOf } from './asking.js'
import { addTable } from './hashed-table.js'
import { bucketRecall } from './recall.js'

const database = useTestDatabase()
const query = <T>(text: string, values: unknown[] = []) => rowsOf<T>(database.store, text, values)
const value = <T>(text: string, values: unknown[] = []) => valueOf<T>(database.store, text, values)

const dims = 8
const vectors = clumps({ dims, rows: 600, seed: 11 })
const families: Record<string, CreateFamilyOptions> = {
  kernel: { kind: 'kernel', bits: 64 },
  sign: { kind: 'sign', bits: 64 },
  residual: { kind: 'residual', bits: 64 },
  scalar: { kind: 'scalar', bits: 64 },
}
const kinds = Object.keys(families)

beforeAll(async () => {
  await addTable(database.store, 'item', vectors)
  for (const kind of kinds) {
    await createFamilyOf(
      database.store,
      { relation: 'item', column: 'v' },
      { ...families[kind], name: kind },
    )
    await query(
      `select lsh.create_index('item', 'v', $1, name => $1, probes => 6, candidates => 20)`,
      [kind],
    )
  }
})

const kept = (index: string) =>
  value<number>(
    `select count(lsh_internal.finder(i, what))::int
     from lsh.index as i, unnest('{find,candidates,write}'::text[]) as what where i.name = $1`,
    [index],
  )

async function forget(index: string): Promise<void> {
  const made = await query<{ name: string }>(
    `select pg_proc.oid::regprocedure::text as name from pg_proc, lsh.index
     where pronamespace = 'lsh_internal'::regnamespace and lsh.index.name = $1
       and proname ~ format('^(find|candidates|write) %s ', lsh.index.id)`,
    [index],
  )
  for (const { name } of made) await query(`drop function ${name}`)
}

const search = (index: string, row: number, more = '') =>
  query(`select * from lsh.search($1, $2, 7, stage => 'buckets'${more})`, [
    index,
    vectorText(vectors[row]!),
  ])

/** Inserts, changes and deletes rows, and returns the codes in between; the table ends as it began. */
async function write(index: string) {
  const codes = () =>
    query(
      `select key, bucket, code, norm, scale from lsh_index.${index} where key >= 9000 order by key`,
    )
  await query(`insert into item (id, v) select id + 9000, v from item where id <= 7`)
  const inserted = await codes()
  await query(`update item set v = (select v from item where id = 20) where id in (9001, 9003)`)
  const updated = await codes()
  await query(`delete from item where id >= 9000`)
  expect(inserted).toHaveLength(7)
  expect(updated).not.toEqual(inserted)
  expect(await codes()).toEqual([])
  return [inserted, updated]
}

describe('the stored functions of an index', () => {
  it.each(kinds)(
    'exist for kind %s, and find and write the same as statements without them',
    async (kind) => {
      expect(await kept(kind)).toBe(3)
      const options = [
        '',
        ', exclude => array[null, 4, 17]::text[]',
        ', candidates => 50, probes => 2',
      ]
      const asked = [3, 99, 250, 599].flatMap((row) => options.map((more) => ({ row, more })))
      const before = []
      for (const { row, more } of asked) before.push(await search(kind, row, more))
      const written = await write(kind)
      await forget(kind)
      expect(await kept(kind)).toBe(0)
      for (const [i, { row, more }] of asked.entries())
        expect(await search(kind, row, more)).toEqual(before[i])
      expect(await write(kind)).toEqual(written)
      await query('select lsh.mend_index($1)', [kind])
      expect(await kept(kind)).toBe(3)
      expect(before[0]).toHaveLength(7)
    },
  )

  it('belong to the owner of the schema, not to the owner of the index', async () => {
    const owners = await query(
      `select distinct proowner = nspowner as same
       from pg_proc join pg_namespace on pg_namespace.oid = pronamespace
       where nspname = 'lsh_internal' and proname ~ '^(find|candidates|write) [0-9]'`,
    )
    expect(owners).toEqual([{ same: true }])
  })

  it.runIf(inject('engine') === 'server')('work after the table is renamed', async () => {
    await addTable(database.store, 'early', vectors.slice(0, 100))
    await query(`select lsh.create_index('early', 'v', 'sign')`)
    const before = await search('early', 5)
    await query('alter table early rename to late')
    expect(await kept('early')).toBe(3)
    expect(await search('early', 5)).toEqual(before)
  })

  it('follow the type of the key, and compute in full precision after a change to halfvec', async () => {
    await addTable(database.store, 'turned', vectors.slice(0, 100))
    await query(`select lsh.create_index('turned', 'v', 'residual', probes => 6, candidates => 20)`)
    const before = await search('turned', 5)
    await query('alter table turned alter id type text using id::text')
    await query(`select lsh.mend_index('turned')`)
    expect(await kept('turned')).toBe(3)
    expect(await search('turned', 5)).toEqual(before)
    await query(`alter table turned alter v type halfvec(${dims})`)
    await query(`select lsh.mend_index('turned')`)
    await query(`select * from lsh.verify_index('turned', repair => true)`)
    const asked = vectorText(vectors[5]!)
    const rows = await query<{ distance: number; exact: number }>(
      `select found.distance, v::vector <-> $1::vector as exact
       from lsh.search('turned', $1, stage => 'buckets') as found join turned on id = key`,
      [asked],
    )
    expect(rows).toHaveLength(10)
    for (const { distance, exact } of rows) expect(distance).toBe(exact)
    await query(`insert into turned (id, v) values ('new', $1::vector)`, [asked])
    expect(await query(`select * from lsh.verify_index('turned')`)).toEqual([])
  })

  it('are replaced by lsh.reindex and dropped with their index', async () => {
    await addTable(database.store, 'short', vectors.slice(0, 100))
    await query(`select lsh.create_index('short', 'v', 'sign')`)
    const id = await value<number>(`select id from lsh.index where name = 'short'`)
    await query(`select lsh.reindex('short', 'residual')`)
    expect(await kept('short')).toBe(3)
    expect(await search('short', 5)).toHaveLength(7)
    await query(`select lsh.drop_index('short')`)
    expect(
      await value(
        `select count(*)::int from pg_proc where proname ~ format('^[a-z]+ %s ', $1::int)`,
        [id],
      ),
    ).toBe(0)
  })

  it('return k rows when the visited buckets hold fewer', async () => {
    for (const kind of kinds)
      expect(
        await query(`select * from lsh.search($1, $2, 500, probes => 1)`, [
          kind,
          vectorText(vectors[8]!),
        ]),
      ).toHaveLength(500)
  })
})

describe('measured settings of an index', () => {
  const many = clumps({ dims, rows: 2100, seed: 12 })
  const [rows, queries] = [many.slice(0, 2000), many.slice(2000)]

  it('reach a recall above 0.93 for queries that are not in the table', async () => {
    await addTable(database.store, 'many', rows)
    await createFamilyOf(
      database.store,
      { relation: 'many', column: 'v' },
      { kind: 'residual', bits: 128, name: 'many' },
    )
    await query(`select lsh.create_index('many', 'v', 'many')`)
    expect(await query(`select settings from lsh.index where name = 'many'`)).toEqual([
      { settings: 'measured' },
    ])
    const recall = await bucketRecall(database.store, 'many', queries, 10)
    expect(recall).toBeGreaterThan(0.93)
  })

  it('do not replace settings that were given when the index was created', async () => {
    await query(
      `select lsh.create_index('many', 'v', 'many', name => 'chosen', probes => 3, candidates => 33)`,
    )
    await query(`select lsh.reindex('chosen', 'many')`)
    expect(
      await query(`select settings, probes, candidates from lsh.index where name = 'chosen'`),
    ).toEqual([{ settings: 'given', probes: 3, candidates: 33 }])
  })
})

describe('a filter', () => {
  it('is answered by an exact search if few rows pass, else by testing candidates', async () => {
    await query('alter table many add column part int')
    // Wide rows make a read of the whole table more expensive than one of the codes.
    await query(`update many set part = id % 100, note = repeat('x', 1500)`)
    await query('create index on many (part)')
    await query('analyze many')
    const explained = (most: number) =>
      query<{ chosen_stage: string; passing: number; tested: number | null }>(
        `select chosen_stage, passing, tested
         from lsh.explain_search('many', $1, candidates => 20, stage => 'buckets', filter => $2)`,
        [vectorText(vectors[0]!), JSON.stringify({ part: { lt: most } })],
      )
    const [few] = await explained(1)
    expect(few).toMatchObject({ chosen_stage: 'exact' })
    const [half] = await explained(50)
    expect(half).toMatchObject({ chosen_stage: 'buckets' })
    expect(half?.passing).toBeGreaterThan(0.4)
    expect(half?.passing).toBeLessThan(0.7)
    expect(half?.tested).toBeGreaterThanOrEqual(40)
    const found = await query<{ key: string }>(
      `select key from lsh.search('many', $1, 10, stage => 'buckets', filter => '{"part": {"lt": 50}}')`,
      [vectorText(vectors[0]!)],
    )
    expect(found).toHaveLength(10)
    expect(found.every(({ key }) => Number(key) % 100 < 50)).toBe(true)
  })
})
