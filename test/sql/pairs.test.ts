import { beforeAll, describe, expect, it } from 'vitest'
import { random } from '../../src/core/random.js'
import { createFamilyOf } from '../../src/store/codes/create-family.js'
import { useTestDatabase } from '../database.js'
import { clumps } from '../hash/sample.js'
import { expectRefusal, rowsOf } from './asking.js'
import { addTable } from './hashed-table.js'
import { asRole, useRoles } from './roles.js'

const dims = 12
const database = useTestDatabase()
const { reader } = useRoles(database, ['reader'])
const query = <T>(text: string, values: unknown[] = []) => rowsOf<T>(database.store, text, values)
/** Vectors without clumps. */
function uniform({ dims, rows, seed }: { dims: number; rows: number; seed: number }) {
  const source = random(seed)
  return Array.from({ length: rows }, () =>
    Float32Array.from({ length: dims }, () => source.uniform()),
  )
}

const base = clumps({ dims, rows: 300, seed: 8 })
const left = [...base, ...base.slice(0, 30).map((vector) => vector.map((value) => value + 1e-3))]
const right = clumps({ dims, rows: 200, seed: 8 }).map((vector) =>
  vector.map((value) => value + 0.01),
)

beforeAll(async () => {
  const { store } = database
  await addTable(store, 'a', left)
  await addTable(store, 'b', right)
  for (const [table, name, kind] of [
    ['a', 'a', 'residual'],
    ['b', 'b', 'residual'],
    ['a', 'plain', 'sign'],
  ] as const) {
    await createFamilyOf(store, { relation: table, column: 'v' }, { name, kind, bits: 64 })
    await query('select lsh.create_index($1::regclass, $2, $3, name => $3)', [table, 'v', name])
  }
})

const RADII = [0, 0.0035, 0.1, 2.5, 4]

describe('lsh.pairs', () => {
  it.each(RADII)(
    'finds the same pairs within a table as brute force, at most %s apart',
    async (radius) => {
      const truth = await query(
        `select x.id::text as a, y.id::text as b, x.v <-> y.v as distance
       from a as x join a as y on x.id < y.id and x.v <-> y.v <= $1 order by x.id, y.id`,
        [radius],
      )
      for (const index of ['a', 'plain'])
        expect(
          await query('select * from lsh.pairs($1, $2) order by a::int, b::int', [index, radius]),
        ).toEqual(truth)
    },
  )

  it.each(RADII)(
    'finds the same pairs between tables as brute force, at most %s apart',
    async (radius) => {
      const truth = await query(
        `select x.id::text as a, y.id::text as b, x.v <-> y.v as distance
       from a as x join b as y on x.v <-> y.v <= $1 order by x.id, y.id`,
        [radius],
      )
      for (const index of ['a', 'plain'])
        expect(
          await query('select * from lsh.pairs($1, $2, $3) order by a::int, b::int', [
            index,
            radius,
            'b',
          ]),
        ).toEqual(truth)
    },
  )

  it.each([
    ['a', 1],
    ['a', 7],
    ['a', 400],
    ['plain', 7],
  ])('finds for each row of index %s its %d nearest, as a search does', async (index, k) => {
    const found = await query<{ a: number; b: number; distance: number }>(
      `select a::int, b::int, distance from lsh.pairs($1, k => $2) order by a::int, distance, b::int`,
      [index, k],
    )
    const truth = await query<{ a: number; b: number; distance: number }>(
      `select x.id as a, y.id as b, x.v <-> y.v as distance
       from a as x cross join lateral (
         select * from a as y where y.id <> x.id order by x.v <-> y.v, y.id limit $1
       ) as y order by x.id, distance, y.id`,
      [k],
    )
    // Every row has as many neighbours as there are, at their true distances.
    expect(found.map(({ a }) => a)).toEqual(truth.map(({ a }) => a))
    const all = new Set(truth.map(({ a, b, distance }) => `${a} ${b} ${distance}`))
    const hits = found.filter(({ a, b, distance }) => all.has(`${a} ${b} ${distance}`)).length
    expect(hits / truth.length).toBeGreaterThan(0.95)
    expect(found.every(({ a, b }) => a !== b)).toBe(true)
  })

  it('finds for each row its nearest in another table', async () => {
    const found = await query<{ a: number; b: number }>(
      `select a::int, b::int from lsh.pairs('a', other => 'b', k => 1) order by a::int`,
    )
    const truth = await query<{ a: number; b: number }>(
      `select x.id as a, (select y.id from b as y order by x.v <-> y.v, y.id limit 1) as b from a as x order by x.id`,
    )
    expect(found.map(({ a }) => a)).toEqual(truth.map(({ a }) => a))
    const hits = found.filter(({ b }, i) => b === truth[i]?.b).length
    expect(hits / truth.length).toBeGreaterThan(0.95)
  })

  it('compares a row with all others if a search of it visits all cells', async () => {
    await query('update lsh.index set probes = 65536 where name = $1', ['a'])
    const found = await query(
      `select a::int, b::int from lsh.pairs('a', k => 40) order by a::int, distance, b::int`,
    )
    const truth = await query(
      `select x.id as a, y.id as b
       from a as x cross join lateral (
         select * from a as y where y.id <> x.id order by x.v <-> y.v, y.id limit 40
       ) as y order by x.id, x.v <-> y.v, y.id`,
    )
    expect(found).toEqual(truth)
  })

  it('finds all rows for the largest k', async () => {
    const found = await query(
      `select count(*)::int from lsh.pairs('b', k => 2147483647, max_pairs => 2147483647)`,
    )
    expect(found).toEqual([{ count: 200 * 199 }])
  })

  it.each([4, 20])('finds as many as a search does from %i cells in small ones', async (cells) => {
    const { store } = database
    const [from, to] = [`coarse${cells}`, `fine${cells}`]
    const spread = uniform({ dims: 6, rows: 3000, seed: cells })
    for (const [name, rows, options] of [
      [from, spread.slice(0, 200), { cells }],
      [to, spread.slice(200), { cells: 150 }],
    ] as const) {
      await addTable(store, name, rows)
      const all = { name, kind: 'residual', bits: 64, ...options } as const
      await createFamilyOf(store, { relation: name, column: 'v' }, all)
      await query(
        `select lsh.create_index('${name}', 'v', '${name}', name => '${name}', probes => 12)`,
      )
    }
    const [shares] = await query<{ pairs: number; searches: number }>(
      `with truth as materialized (
         select x.id::text as a, y.id::text as b
         from ${from} as x cross join lateral (select * from ${to} as y order by x.v <-> y.v, y.id limit 5) as y
       )
       select
         (select count(*)::float8 from lsh.pairs('${from}', other => '${to}', k => 5) join truth using (a, b)) / 1000 as pairs,
         (select count(*)::float8
          from ${from} as x cross join lateral lsh.search('${to}', x.v, 5, stage => 'buckets') as y
            join truth on truth.a = x.id::text and truth.b = y.key) / 1000 as searches`,
    )
    expect(shares!.pairs).toBeGreaterThan(shares!.searches - 0.02)
  })

  it('finds only pairs of rows that row-level security lets the role see', async () => {
    await query('alter table a enable row level security')
    await query(`create policy first on a to ${reader} using (id <= 310)`)
    await query('select lsh.grant_search($1, $2)', ['a', reader])
    const found = await asRole(database, reader, (ask) =>
      ask(`select a, b from lsh.pairs('a', 0.1) order by a::int`),
    )
    expect(found).toEqual(
      Array.from({ length: 10 }, (_, i) => ({ a: String(i + 1), b: String(301 + i) })),
    )
    const nearest = await asRole(database, reader, (ask) =>
      ask(
        `select count(*)::int, count(distinct a)::int as rows, max(a::int) as a, max(b::int) as b
         from lsh.pairs('a', k => 3)`,
      ),
    )
    expect(nearest).toEqual([{ count: 930, rows: 310, a: 310, b: 310 }])
  })

  it.each([
    [`'a', -1`, '22023', /radius/],
    [`'a', null`, '22023', /radius/],
    [`'a', 1, k => 1`, '22023', /either a radius or k/],
    [`'a', k => 0`, '22023', /k must be at least 1/],
    [`'a', k => 2, max_pairs => 659`, '54000', /more than 659 pairs/],
    [`'a', 1, max_pairs => 0`, '22023', /max_pairs/],
    [`'a', 4, max_pairs => 5`, '54000', /more than 5 pairs/],
    [`'a', 1, 'plain'`, '22023', /same table/],
    [`'none', 1`, 'LSH01', /does not exist/],
  ])('refuses %s', async (call, code, message) => {
    await expectRefusal(database.store, `select * from lsh.pairs(${call})`, code, message)
  })
})
