import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { bucketMargins, margins } from '../../../src/hash/encode.js'
import type { HashFamily } from '../../../src/hash/family.js'
import { readFamily } from '../../../src/store/codes/families.js'
import { fillIndex } from '../../../src/store/codes/fill-index.js'
import { addCodes } from '../../../src/store/codes/index-codes.js'
import { useTestDatabase } from '../../database.js'
import { clumps } from '../../hash/sample.js'

const database = useTestDatabase()
const rows = 1100
const dims = 12
/** PostgreSQL adds in 4-byte floats. A bit may differ if its value is nearer to the threshold than this. */
const tolerance = 1e-5

interface Code {
  key: number
  bucket: number
  code: string
  norm: number | null
  scale: number | null
}

beforeAll(async () => {
  const { store } = database
  await sql`create table "My Rows" ("The Key" int primary key, "A Vector" vector(12))`.execute(
    store.db,
  )
  await store.transaction(({ copy }) =>
    copy(
      { table: '"My Rows"', columns: { '"The Key"': 'int4', '"A Vector"': 'vector' } },
      clumps({ dims, rows, seed: 5 }).map((vector, key) => [key, vector]),
    ),
  )
  await sql`insert into "My Rows" values (${rows}, null)`.execute(store.db)
  await sql`select lsh.create_family('shared', '"My Rows"', 'A Vector', bits => 100, bucket_bits => 4)`.execute(
    store.db,
  )
  for (const maintain of ['trigger', 'loader'])
    await sql`select lsh.create_index('"My Rows"', 'A Vector', 'shared', ${`by_${maintain}`},
      maintain => ${maintain})`.execute(store.db)
})

async function codes(index: string): Promise<Code[]> {
  const found = await sql<Code>`
    select key, bucket, code::text as code, norm, scale from ${sql.id('lsh_index', index)} order by key`.execute(
    database.store.db,
  )
  return found.rows
}

async function expectAgreement(): Promise<void> {
  const { store } = database
  const family = await readFamily(store.db, 'shared')
  const source = await sql<{ key: number; vector: Float32Array }>`
    select "The Key" as key, "A Vector" as vector from "My Rows" where "A Vector" is not null`.execute(
    store.db,
  )
  const vectors = new Map(source.rows.map(({ key, vector }) => [key, vector]))
  const [bySql, byLoader] = [await codes('by_trigger'), await codes('by_loader')]
  expect(byLoader.map(({ key }) => key)).toEqual(bySql.map(({ key }) => key))
  expect([...vectors.keys()].sort((a, b) => a - b)).toEqual(bySql.map(({ key }) => key))
  bySql.forEach((expected, i) => {
    const actual = byLoader[i] as Code
    const vector = vectors.get(expected.key) as Float32Array
    expect([actual.norm, actual.scale]).toEqual([expected.norm, expected.scale])
    expect(unsureBits(family, vector, actual.code, expected.code)).toEqual([])
    expect(unsureBuckets(family, vector, actual.bucket ^ expected.bucket)).toEqual([])
  })
  const different = bySql.filter(({ code }, i) => code !== byLoader[i]?.code)
  expect(different.length).toBeLessThan(bySql.length / 100)
}

/** Number of differing bits that rounding does not explain. */
function unsureBits(family: HashFamily, vector: Float32Array, a: string, b: string): number[] {
  if (a === b) return []
  const sure = margins(family, vector)
  return Array.from(sure.keys()).filter(
    (i) => a[i] !== b[i] && Math.abs(sure[i] as number) > tolerance,
  )
}

function unsureBuckets(family: HashFamily, vector: Float32Array, flipped: number): number[] {
  if (flipped === 0) return []
  const sure = bucketMargins(family, vector)
  return [...sure.keys()].filter(
    (i) => (flipped >> i) & 1 && Math.abs(sure[i] as number) > tolerance * 10,
  )
}

// Each test continues after the previous one.
describe('fillIndex', () => {
  it('writes the codes that the database computes, for a table with names that need quoting', async () => {
    const told: number[] = []
    expect(await codes('by_loader')).toEqual([])
    const filled = await fillIndex(database.store, 'by_loader', {
      onProgress: (count) => told.push(count),
    })
    expect(filled).toBe(rows)
    expect(told.reduce((sum, count) => sum + count, 0)).toBe(rows)
    await expectAgreement()
  })

  it('adds nothing the second time, and then only missing codes', async () => {
    const { store } = database
    expect(await fillIndex(store, 'by_loader')).toBe(0)
    await sql`delete from lsh_index.by_loader where key % 100 = 7`.execute(store.db)
    expect(await fillIndex(store, 'by_loader')).toBe(11)
    await expectAgreement()
  })

  it('says how to create an index that does not exist', async () => {
    await expect(fillIndex(database.store, 'none')).rejects.toMatchObject({
      code: 'LSH01',
      hint: expect.stringContaining('pg-lsh index create'),
    })
  })
})

describe('addCodes', () => {
  it('keeps an index maintained by the loader equal to one maintained by triggers', async () => {
    const { store } = database
    const added = clumps({ dims, rows: 40, seed: 6 }).map((vector, i) => ({
      key: 5000 + i,
      vector,
    }))
    await store.transaction(async (transaction) => {
      await transaction.copy(
        { table: '"My Rows"', columns: { '"The Key"': 'int4', '"A Vector"': 'vector' } },
        added.map(({ key, vector }) => [key, vector]),
      )
      await addCodes(transaction, '"My Rows"', added)
    })
    expect(await codes('by_loader')).toHaveLength(rows + 40)
    await expectAgreement()
  })

  it('writes codes in the transaction that adds the rows', async () => {
    const { store } = database
    const before = await codes('by_loader')
    const work = store.transaction(async (transaction) => {
      await addCodes(transaction, '"My Rows"', [{ key: 9000, vector: new Float32Array(dims) }])
      throw new Error('on purpose')
    })
    await expect(work).rejects.toThrow('on purpose')
    expect(await codes('by_loader')).toEqual(before)
  })

  it('writes no norm for a kind that does not estimate distances', async () => {
    const [first] = await codes('by_loader')
    expect(first).toMatchObject({ norm: null, scale: null })
  })
})
