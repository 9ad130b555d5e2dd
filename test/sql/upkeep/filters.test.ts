import { beforeAll, describe, expect, it } from 'vitest'
import { useTestDatabase } from '../../database.js'
import { expectRefusal, rowsOf } from '../asking.js'

const database = useTestDatabase()
const query = <T>(text: string, values: unknown[] = []) => rowsOf<T>(database.store, text, values)

beforeAll(async () => {
  await query(`create type mood as enum ('bad', 'good', 'it''s "odd"')`)
  await query('create domain percent as numeric check (value between 0 and 100)')
  await query('create type pair as (a int, b int)')
  await query(
    `create table doc (
       id int primary key, v vector(3), "Odd name" text, tags text[], numbers int[], moods mood[], facts jsonb, note json,
       mood mood, share percent, span int4range, spans int4multirange, at timestamptz, day date, took interval, flag boolean,
       bits bit(3), ip inet, place point, pair pair, code char(4))`,
  )
  await query(
    `insert into doc
     select i, array[sin(i), cos(i), i % 7]::vector, 'a''b"c\\d', array['a', 'x' || i], array[i, i + 1], array['good']::mood[],
       jsonb_build_object('i', i, 'odd', i % 2 = 1), '{}', (array['bad', 'good'])[1 + i % 2]::mood, i, int4range(i, i + 5),
       int4multirange(int4range(i, i + 5)), '2026-11-28 00:00+00'::timestamptz + i * interval '1 hour', '2026-11-28'::date + i,
       i * interval '1 minute', i % 2 = 1, (i % 8)::bit(3), ('10.0.0.' || i)::inet, point(i, i), (i, i)::pair, i::text
     from generate_series(1, 20) as i`,
  )
  await query(`select lsh.create_family('doc', 'doc', 'v', bits => 64, kind => 'sign')`)
  await query(`select lsh.create_index('doc', 'v', 'doc')`)
})

/** Filters and the equivalent SQL conditions. */
const FILTERS: readonly [filter: object, condition: string][] = [
  [{ 'Odd name': `a'b"c\\d` }, 'true'],
  [{ 'Odd name': [`a'b"c\\d`, null] }, 'true'],
  [{ tags: { contains: ['x3'] } }, `tags @> '{x3}'`],
  [{ tags: [['a', 'x3']] }, `tags = '{a,x3}'`],
  [{ tags: { eq: ['a', 'x3'] } }, `tags = '{a,x3}'`],
  [{ numbers: { contains: [7] } }, `numbers @> '{7}'`],
  [{ moods: { contains: ['good'] } }, 'true'],
  [{ facts: { contains: { odd: true } } }, `facts @> '{"odd": true}'`],
  [{ facts: { eq: { i: 3, odd: true } } }, 'id = 3'],
  [{ mood: 'good' }, `mood = 'good'`],
  [{ mood: { gte: 'good' } }, `mood >= 'good'`],
  [{ mood: [`it's "odd"`, 'bad'] }, `mood = 'bad'`],
  [{ share: { gt: 5, lte: 9.5 } }, 'share > 5 and share <= 9.5'],
  [{ share: 200 }, 'false'],
  [{ span: { contains: '[3,4)' } }, `span @> '[3,4)'`],
  [{ span: '[3,8)' }, 'id = 3'],
  [{ spans: '{[3,8)}' }, 'id = 3'],
  [{ at: { lt: '2026-11-28 05:00+00' } }, `at < '2026-11-28 05:00+00'`],
  [{ day: ['2026-11-29', '2026-12-01'] }, 'id in (1, 3)'],
  [{ took: { gte: '10 minutes' } }, `took >= '10 minutes'`],
  [{ flag: true }, 'flag'],
  [{ flag: { ne: true } }, 'not flag'],
  [{ bits: '011' }, `bits = '011'`],
  [{ ip: { gt: '10.0.0.7' } }, `ip > '10.0.0.7'`],
  [{ code: '3' }, 'id = 3'],
  [{ id: [] }, 'false'],
  [{ id: [1, 2, 3], flag: true }, 'id in (1, 3)'],
]

describe('a filter', () => {
  it.each(FILTERS)(
    '%j selects the same rows as the equivalent SQL condition',
    async (filter, condition) => {
      const wanted = await query<{ id: number }>(
        `select id from doc where ${condition} order by id`,
      )
      for (const stage of ['scan', 'buckets', 'exact']) {
        const found = await query<{ key: string }>(
          `select key from lsh.search('doc', '[1,2,3]', k => 20, stage => '${stage}', filter => $1::jsonb) order by key::int`,
          [JSON.stringify(filter)],
        )
        expect(found.map(({ key }) => Number(key))).toEqual(wanted.map(({ id }) => id))
      }
    },
  )

  it.each([
    { what: 'json, which has no equality', filter: { note: '{}' }, code: '0A000' },
    { what: 'a composite type', filter: { pair: '(1,1)' }, code: '0A000' },
    { what: 'a point, which has no equality either', filter: { place: '(1,1)' }, code: '0A000' },
    { what: 'vectors', filter: { v: '[1,2,3]' }, code: '0A000' },
    { what: 'an unknown column', filter: { nope: 1 }, code: '42703' },
    { what: 'an array against one value', filter: { tags: 'a' }, code: '22023' },
    { what: 'an array against its elements', filter: { tags: ['a', 'b'] }, code: '22023' },
    { what: 'an unknown bound', filter: { id: { above: 3 } }, code: '22023' },
    { what: 'the bound "contains" for a number', filter: { id: { contains: 3 } }, code: '22023' },
    { what: 'an array instead of an object', filter: [1], code: '22023' },
    { what: 'a value of another type', filter: { id: 'x' }, code: '22P02' },
    { what: 'a date that does not exist', filter: { day: { lt: '2026-02-30' } }, code: '22008' },
  ])('is refused with a hint: $what', async ({ filter, code }) => {
    await expectRefusal(
      database.store,
      `select * from lsh.search('doc', '[1,2,3]', filter => '${JSON.stringify(filter)}')`,
      code,
    )
  })

  it.each([
    `lsh.search('doc', '[1,2,3]', filter => $1)`,
    `lsh.search('doc', '[1,2,3]', stage => 'buckets', filter => $1)`,
    `lsh.search_exact('doc', '[1,2,3]', filter => $1)`,
    `lsh.nearest(null::doc, item => '1', filter => $1)`,
  ])('is refused by %s with a context of at most three lines', async (search) => {
    for (const filter of [{ nope: 1 }, { tags: 'a' }, { id: { above: 3 } }, { id: 'x' }, [1]]) {
      const answer: unknown = await query(`select * from ${search}`, [
        JSON.stringify(filter),
      ]).catch((error: unknown) => error)
      const { where = '' } = answer as { where?: string }
      // psql prints the context below each error.
      expect(where).toMatch(/^PL\/pgSQL function lsh_internal\.checked_filter/)
      expect(where.split('\n').length).toBeLessThanOrEqual(3)
    }
  })
})
