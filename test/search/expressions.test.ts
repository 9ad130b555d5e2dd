import { sql, type Kysely, type RawBuilder } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { codeFromText, type BitCode } from '../../src/core/code.js'
import { vector, type FeatureVector } from '../../src/core/vector.js'
import { describeMargins, asymmetricHamming as marginsOver } from '../../src/hash/query.js'
import {
  asymmetricHamming,
  binaryQuantize,
  bitCount,
  cosineDistance,
  dice,
  hamming,
  jaccard,
  l2Distance,
} from '../../src/search/expressions.js'
import type { Database } from '../../src/store/connection/database.js'
import type { Vector } from '../../src/store/connection/columns.js'
import { useTestDatabase } from '../database.js'

interface Row {
  id: number
  v: FeatureVector<3>
  other: FeatureVector<3> | null
  code: BitCode<9>
  keys: string[]
}
type Thing = Omit<Row, 'v' | 'other'> & { v: Vector<3>; other: Vector<3> | null }
const database = useTestDatabase()
let db: Kysely<Database & { 'public.thing': Thing }>

const codes = [codeFromText('101010101'), codeFromText('111110000')] as const
const rows: readonly Row[] = [
  { id: 1, v: vector([1, 2, 3]), other: vector([1, 2, 5]), code: codes[0], keys: ['a', 'b', 'c'] },
  { id: 2, v: vector([-1, 0.5, 0]), other: null, code: codes[1], keys: ['c', 'd'] },
]
const margins = Float64Array.of(-2, 1, 0.5, 3, -0.25, 1.5, -1, 2, 0.75)

beforeAll(async () => {
  db = database.store.db.withTables<{ 'public.thing': Thing }>()
  await sql`create table thing (id int, v vector(3), other vector(3), code bit(9), keys text[])`.execute(
    db,
  )
  await db
    .insertInto('public.thing')
    .values([...rows])
    .execute()
})

const oneLine = (text: string) => text.replace(/\s+/g, ' ')

/** Calls of each helper, the SQL that they compile to, and their values for the two rows. */
const helpers: Record<
  string,
  {
    of: (ref: ReturnType<typeof refs>) => RawBuilder<unknown>
    sql: string
    values: readonly unknown[]
  }
> = {
  'l2Distance of a column and a value': {
    of: ({ v }) => l2Distance(v, vector([1, 2, 4])),
    sql: 'lsh.l2_distance("a"."v", $1)',
    values: [1, Math.sqrt(4 + 2.25 + 16)],
  },
  'l2Distance of two columns': {
    of: ({ v, other }) => l2Distance(v, other),
    sql: 'lsh.l2_distance("a"."v", "a"."other")',
    values: [2, null],
  },
  cosineDistance: {
    of: ({ v }) => cosineDistance(v, vector([2, 4, 6])),
    sql: 'lsh.cosine_distance("a"."v", $1)',
    values: [0, 1 - (-2 + 2) / 10],
  },
  'hamming of a column and a value': {
    of: ({ code }) => hamming(code, codes[0]),
    sql: 'lsh.hamming("a"."code", $1)',
    values: [0, codes[0].hamming(codes[1])],
  },
  'hamming of two columns': {
    of: ({ code }) => hamming(code, code),
    sql: 'lsh.hamming("a"."code", "a"."code")',
    values: [0, 0],
  },
  asymmetricHamming: {
    of: ({ code }) => asymmetricHamming(code, describeMargins(margins)),
    sql:
      '($1::float8 * (pg_catalog.bit_count(("a"."code" # $2) & $3) ' +
      '+ 2 * pg_catalog.bit_count(("a"."code" # $4) & $5) + 4 * pg_catalog.bit_count(("a"."code" # $6) & $7)))',
    values: codes.map((code) => marginsOver(describeMargins(margins), code)),
  },
  bitCount: {
    of: ({ code }) => bitCount(code),
    sql: 'pg_catalog.bit_count("a"."code")::int',
    values: [5, 5],
  },
  binaryQuantize: {
    of: ({ v }) => binaryQuantize(v),
    sql: 'lsh.binary_quantize("a"."v")',
    values: [codeFromText('111'), codeFromText('010')],
  },
  dice: {
    of: ({ keys }) => dice(keys, ['c', 'a']),
    sql: 'lsh.dice("a"."keys", $1)',
    values: [0.8, 0.5],
  },
  jaccard: {
    of: ({ keys }) => jaccard(keys, ['c', 'a']),
    sql: 'lsh.jaccard("a"."keys", $1)',
    values: [2 / 3, 1 / 3],
  },
}

function refs() {
  const ref = <T>(column: string) => sql.ref<T>(`a.${column}`)
  return {
    v: ref<Float32Array>('v'),
    other: ref<Float32Array>('other'),
    code: ref<BitCode>('code'),
    keys: ref<string[]>('keys'),
  }
}

describe.each(Object.entries(helpers))('%s', (_, { of, sql: text, values }) => {
  const query = () =>
    db.selectFrom('public.thing as a').select(of(refs()).as('value')).orderBy('a.id')

  it('compiles to its SQL and keeps the alias', () => {
    const compiled = oneLine(query().compile().sql)
    expect(compiled).toBe(
      `select ${text} as "value" from "public"."thing" as "a" order by "a"."id"`,
    )
  })

  it('returns the right value for each row', async () => {
    const found = (await query().execute()).map(({ value }) => value)
    for (const [i, value] of values.entries()) {
      if (typeof value === 'number') expect(found[i]).toBeCloseTo(value, 6)
      else expect(found[i]).toEqual(value)
    }
    expect(found).toHaveLength(values.length)
  })
})

describe('an expression', () => {
  it('works on two rows of a self-join', async () => {
    const pairs = await db
      .selectFrom('public.thing as a')
      .innerJoin('public.thing as b', (join) => join.onRef('a.id', '<', 'b.id'))
      .select((eb) => [
        l2Distance(eb.ref('a.v'), eb.ref('b.v')).as('distance'),
        hamming(eb.ref('a.code'), eb.ref('b.code')).as('bits'),
      ])
      .where((eb) => eb(hamming(eb.ref('a.code'), eb.ref('b.code')), '<', 9))
      .execute()
    expect(pairs).toEqual([
      { distance: expect.closeTo(Math.sqrt(4 + 2.25 + 9), 6), bits: codes[0].hamming(codes[1]) },
    ])
  })
})

describe('rows', () => {
  it('hold vectors and codes that can be inserted, compared and updated', async () => {
    const found = await db.selectFrom('public.thing').selectAll().orderBy('id').execute()
    expect(found).toEqual(rows)
    expect(found[0]!.v).toBeInstanceOf(Float32Array)
    expect(found[0]!.code.hamming(codes[1])).toBe(codes[0].hamming(codes[1]))
    expect(String(found[1]!.code)).toBe('111110000')
    const { id } = await db
      .selectFrom('public.thing')
      .select('id')
      .where('code', '=', codes[1])
      .where('v', '=', rows[1]!.v)
      .executeTakeFirstOrThrow()
    expect(id).toBe(2)
    const many = await db
      .selectFrom('public.thing')
      .select('id')
      .where((eb) =>
        eb('v', '=', eb.fn.any(sql<Float32Array[]>`${rows.map(({ v }) => v)}::vector[]`)),
      )
      .execute()
    expect(many).toHaveLength(2)
    await db
      .updateTable('public.thing')
      .set({ other: vector([7, 8, 9]), code: codes[0] })
      .where('id', '=', 2)
      .execute()
    const changed = await db
      .selectFrom('public.thing')
      .select(['other', 'code'])
      .where('id', '=', 2)
      .executeTakeFirstOrThrow()
    expect(changed).toEqual({ other: vector([7, 8, 9]), code: codes[0] })
    await db.updateTable('public.thing').set(rows[1]!).where('id', '=', 2).execute()
  })

  it('are refused by the database if the number of dimensions or bits is wrong', async () => {
    const insert = (values: object) =>
      db
        .insertInto('public.thing')
        .values({ ...rows[0], keys: [], ...values } as never)
        .execute()
    await expect(insert({ v: new Float32Array(4) })).rejects.toMatchObject({ code: '22000' })
    await expect(insert({ code: codeFromText('01') })).rejects.toMatchObject({ code: '22026' })
  })
})
