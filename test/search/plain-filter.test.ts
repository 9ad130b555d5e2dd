import { sql, type Kysely } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { vectorDistance } from '../../src/core/vector.js'
import { nearest, nearestEach } from '../../src/search/nearest.js'
import type { Vector } from '../../src/store/connection/columns.js'
import type { Database } from '../../src/store/connection/database.js'
import { vectorText } from '../../src/store/connection/types.js'
import { useTestDatabase } from '../database.js'
import { clumps } from '../hash/sample.js'

const dims = 8
const vectors = clumps({ dims, rows: 600, seed: 61 })
const [to] = clumps({ dims, rows: 12, seed: 62 }).slice(9)

interface Item {
  id: number
  v: Vector<8>
  gy: number
  half: boolean
  day: Date
}

const database = useTestDatabase()
let db: Kysely<Database & { item: Item }>

beforeAll(async () => {
  const { pool } = database.store
  await pool.query(
    `create table item (id int primary key, v vector(${dims}), gy float8, half boolean, day date)`,
  )
  await pool.query(
    `insert into item
     select id, v, (id % 70)::float8 / 2, id % 2 = 0, '2026-01-01'::date + id
     from unnest($1::int[], $2::text[]::vector[]) as item (id, v)`,
    [vectors.map((_, id) => id), vectors.map(vectorText)],
  )
  await pool.query(`select lsh.create_family('item', 'item', 'v', 128)`)
  await pool.query(`select lsh.create_index('item', 'v', 'item')`)
  db = database.store.db.withTables<{ item: Item }>()
})

type Query = ReturnType<typeof search>
const search = () => nearest(db, 'item', { to: to!, k: 12, probes: 64, candidates: 600 })

const nearestTo = (passes: (id: number) => boolean) =>
  vectors
    .map((vector, id) => ({ id, distance: vectorDistance(to!, vector) }))
    .filter(({ id }) => passes(id))
    .sort((a, b) => a.distance - b.distance || a.id - b.id)
    .slice(0, 12)
    .map(({ id }) => id)

const gyOf = (id: number) => (id % 70) / 2

describe('conditions that compare columns with numbers or booleans', () => {
  it.each<[string, (query: Query) => Query, object, (id: number) => boolean]>([
    ['a bound', (q) => q.where('near.gy', '>', 30), { gy: { gt: 30 } }, (id) => gyOf(id) > 30],
    [
      'two bounds of one column',
      (q) => q.where('near.gy', '>=', 10).where('gy', '<', 12.5),
      { gy: { gte: 10, lt: 12.5 } },
      (id) => gyOf(id) >= 10 && gyOf(id) < 12.5,
    ],
    [
      'columns of several types',
      (q) => q.where('near.half', '=', true).where('near.id', '!=', 4).where('near.gy', '<=', 3),
      { half: { eq: true }, id: { ne: 4 }, gy: { lte: 3 } },
      (id) => id % 2 === 0 && id !== 4 && gyOf(id) <= 3,
    ],
    [
      'a list',
      (q) => q.where('near.gy', 'in', [1, 2.5]),
      { gy: [1, 2.5] },
      (id) => [1, 2.5].includes(gyOf(id)),
    ],
  ])('are passed to the search as a filter: %s', async (_, where, filter, passes) => {
    const query = where(search()).select('near.id')
    const { sql: text, parameters } = query.compile()
    expect(text).toMatch(/filter => \$\d+::jsonb/)
    expect(text).not.toContain('allowed')
    expect(parameters).toContain(JSON.stringify(filter))
    expect((await query.execute()).map(({ id }) => id)).toEqual(nearestTo(passes))
  })

  it('are passed as a filter to a search for several queries as well', async () => {
    const query = nearestEach(db, 'item', { to: [to!], k: 12, probes: 64, candidates: 600 })
      .where('near.gy', '<', 5)
      .select('near.id')
    expect(query.compile().sql).toContain('filter => ')
    expect((await query.execute()).map(({ id }) => id)).toEqual(nearestTo((id) => gyOf(id) < 5))
  })
})

describe('any other condition is passed as a list of the keys that pass', () => {
  it.each<[string, (query: Query) => Query, (id: number) => boolean]>([
    [
      'one bound given twice',
      (q) => q.where('near.gy', '>', 1).where('near.gy', '>', 30),
      (id) => gyOf(id) > 30,
    ],
    [
      'a list beside a bound',
      (q) => q.where('near.gy', 'in', [1, 2]).where('near.gy', '>', 1),
      (id) => gyOf(id) === 2,
    ],
    ['NaN', (q) => q.where('near.gy', '<', NaN), () => true],
    [
      'a string, which a date style may turn around',
      (q) => q.where(sql<string>`near.day`, '<', '2026-02-01'),
      (id) => id < 31,
    ],
    [
      'a choice',
      (q) => q.where((eb) => eb.or([eb('near.gy', '>', 34), eb('near.id', '<', 9)])),
      (id) => gyOf(id) > 34 || id < 9,
    ],
    ['raw SQL', (q) => q.where(sql<boolean>`near.id % 3 = 0`), (id) => id % 3 === 0],
    ['two columns', (q) => q.whereRef('near.gy', '>', 'near.id'), (id) => gyOf(id) > id],
  ])('%s', async (_, where, passes) => {
    const query = where(search()).select('near.id')
    const { sql: text } = query.compile()
    expect(text).toContain('allowed => array(')
    expect(text).not.toContain('filter => ')
    expect((await query.execute()).map(({ id }) => id)).toEqual(nearestTo(passes))
  })
})

describe('columns named like properties of every object', () => {
  it('can be used in conditions', async () => {
    const { pool } = database.store
    await pool.query(`alter table item add column "__proto__" int, add column "toString" int`)
    await pool.query(`update item set "__proto__" = id % 5, "toString" = id % 7`)
    const query = search()
      .where(sql.ref<number>('near.__proto__'), '=', 2)
      .where(sql.ref<number>('near.toString'), '=', 3)
      .select('near.id')
    expect((await query.execute()).map(({ id }) => id)).toEqual(
      nearestTo((id) => id % 5 === 2 && id % 7 === 3),
    )
  })
})
