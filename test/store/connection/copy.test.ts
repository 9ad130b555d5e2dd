import fc from 'fast-check'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { codeFromText } from '../../../src/core/code.js'
import type { CopyTarget } from '../../../src/store/connection/copy-format.js'
import type { CopyType, CopyValue } from '../../../src/store/connection/copy-format.js'
import { inTransaction, useTestDatabase } from '../../database.js'

const database = useTestDatabase()

const target: CopyTarget = {
  table: 'copied',
  columns: {
    id: 'int4',
    whole: 'int4',
    real: 'float4',
    words: 'text',
    bytes: 'bytea',
    json: 'jsonb',
    vector: 'vector',
    code: 'bit',
    wholes: 'int4[]',
    reals: 'float4[]',
    parts: 'bytea[]',
  },
}

beforeAll(async () => {
  await database.store.pool.query(
    `create table copied (
       id int primary key, whole int, real real, words text, bytes bytea, json jsonb,
       vector vector, code bit(17), wholes int[], reals real[], parts bytea[])`,
  )
})

/** PostgreSQL can store every character but the one with code 0. */
const text = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0'))
const awkward = fc.constantFrom(
  '',
  '"',
  "'",
  '\\',
  '\n',
  '\r\n',
  '\t',
  '\\N',
  '\\.',
  'ü 日本 🙂',
  ',',
)
const code = fc
  .array(fc.boolean(), { minLength: 17, maxLength: 17 })
  .map((bits) => codeFromText(bits.map(Number).join('')))
const json = fc
  .jsonValue({ stringUnit: 'grapheme' })
  .filter((value) => value !== null && !JSON.stringify(value).includes('\\u0000'))
const orNull = <T>(values: fc.Arbitrary<T>) => fc.option(values, { freq: 5 })

const row = fc.record({
  whole: orNull(fc.oneof(fc.integer(), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1))),
  real: orNull(fc.float()),
  words: orNull(fc.oneof(text, awkward)),
  bytes: orNull(fc.uint8Array()),
  json: orNull(json),
  vector: orNull(
    fc.float32Array({ minLength: 1, maxLength: 20, noNaN: true, noDefaultInfinity: true }),
  ),
  code: orNull(code),
  wholes: orNull(fc.array(fc.integer())),
  reals: orNull(fc.float32Array()),
  parts: orNull(fc.array(orNull(fc.uint8Array()))),
})

describe('binary COPY', () => {
  it('returns every type as it was written, including nulls', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 4 }), (rows) =>
        inTransaction(database.store, async ({ copy, db }) => {
          const written = await copy(
            target,
            rows.map((one, id) => [id, ...Object.values(one)]) as CopyValue[][],
          )
          expect(written).toBe(rows.length)
          const read = await sql<Record<string, unknown>>`select * from copied order by id`.execute(
            db,
          )
          expect(read.rows.map(comparable)).toEqual(
            rows.map((one, id) => comparable({ id, ...one })),
          )
        }),
      ),
      { seed: 20250101, numRuns: 60 },
    )
  })

  it.each([1, 7, 8, 9, 17, 63, 512])('writes codes of %i bits', async (bits) => {
    const digits = Array.from({ length: bits }, (_, i) => (i % 3 === 0 ? '1' : '0')).join('')
    await inTransaction(database.store, async ({ copy, db }) => {
      await sql`create table one (code bit(${sql.lit(bits)}))`.execute(db)
      await copy({ table: 'one', columns: { code: 'bit' } }, [[codeFromText(digits)]])
      const { rows } = await sql`select code from one`.execute(db)
      expect(rows).toEqual([{ code: codeFromText(digits) }])
    })
  })

  it('writes nothing and returns 0 if there are no rows', async () => {
    await inTransaction(database.store, async ({ copy }) => {
      expect(await copy(target, [])).toBe(0)
    })
  })

  it('reads many rows from a generator, more than one chunk of a stream', async () => {
    function* rows(): Generator<CopyValue[]> {
      for (let id = 0; id < 3000; id++) yield [id, `${id}`.repeat(40)]
    }
    await inTransaction(database.store, async ({ copy, db }) => {
      const columns = { id: 'int4', words: 'text' } as const
      expect(await copy({ table: 'copied', columns }, rows())).toBe(3000)
      const last = await sql`select words from copied where id = 2999`.execute(db)
      expect(last.rows).toEqual([{ words: '2999'.repeat(40) }])
    })
  })

  it('rolls back when the database refuses a row, and leaves the connection usable', async () => {
    const { store } = database
    const twice = [
      [1, 'first'],
      [1, 'second'],
    ]
    const columns = { id: 'int4', words: 'text' } as const
    const work = store.transaction(({ copy }) => copy({ table: 'copied', columns }, twice))
    await expect(work).rejects.toMatchObject({ code: '23505' })
    expect(await count()).toBe(0)
    await store.transaction(({ copy }) => copy({ table: 'copied', columns }, [[1, 'alone']]))
    expect(await count()).toBe(1)
    await store.pool.query('truncate copied')
  })

  it('rolls back when the source of the rows fails, and leaves the connection usable', async () => {
    const { store } = database
    const broken = new Error('the source failed')
    function* rows(): Generator<CopyValue[]> {
      for (let id = 0; id < 2000; id++) yield [id, `${id}`.repeat(40)]
      throw broken
    }
    const columns = { id: 'int4', words: 'text' } as const
    const work = store.transaction(({ copy }) => copy({ table: 'copied', columns }, rows()))
    await expect(work).rejects.toBe(broken)
    expect(await count()).toBe(0)
    await store.transaction(({ copy }) => copy({ table: 'copied', columns }, [[1, 'alone']]))
    expect(await count()).toBe(1)
    await store.pool.query('truncate copied')
  })

  it.each<[CopyType, unknown]>([
    ['int4', '1'],
    ['int4', 1n],
    ['float4', '1'],
    ['text', 1],
    ['text', Buffer.from('a')],
    ['bytea', 'text'],
    ['bytea', [1, 2]],
    ['vector', '[1,2]'],
    ['vector', { length: 1, 0: 1 }],
    ['bit', '101'],
    ['bit', 5],
    ['int4[]', 1],
    ['float4[]', '{1}'],
    // PostgreSQL or the driver would truncate or convert these silently, or raise an error of their own.
    ['int4', 1.5],
    ['int4', 2 ** 31],
    ['int4[]', [1.5]],
    ['float4[]', ['one']],
  ])('refuses in a column of type %s the value %o', async (type, value) => {
    const work = database.store.transaction(({ copy }) =>
      copy({ table: 'copied', columns: { whole: type } }, [[value as CopyValue]]),
    )
    await expect(work).rejects.toMatchObject({
      name: 'LshError',
      code: 'bad_input',
      hint: expect.stringMatching(/type/),
    })
    expect((await database.store.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  })

  it('leaves the database usable if the caller stops reading rows early', async () => {
    const { store } = database
    const enough = new Error('enough')
    const work = store.transaction(async ({ readFile }) => {
      const rows = readFile('select repeat(md5(i::text), 100) from generate_series(1, 20000) as i')
      for await (const part of rows) if (part.length > 0) throw enough
    })
    await expect(work).rejects.toBe(enough)
    expect((await store.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  })

  async function count(): Promise<number> {
    const { rows } = await database.store.pool.query<{ count: number }>(
      'select count(*)::int as count from copied',
    )
    return rows[0]?.count ?? -1
  }
})

/** Values in a comparable form: bytes and numbers as lists, JSON as its text. */
function comparable(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      if (value === null) return [name, null]
      if (name === 'json') return [name, JSON.parse(JSON.stringify(value)) as unknown]
      if (name === 'real') return [name, Math.fround(value as number)]
      if (name === 'parts')
        return [name, (value as (Uint8Array | null)[]).map((part) => part && Array.from(part))]
      if (name === 'reals') return [name, Array.from(value as number[], Math.fround)]
      if (ArrayBuffer.isView(value)) return [name, Array.from(value as Float32Array)]
      return [name, value]
    }),
  )
}
