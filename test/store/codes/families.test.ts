import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { encodeVector } from '../../../src/hash/encode.js'
import { familyChecksum } from '../../../src/hash/family.js'
import { readFamily } from '../../../src/store/codes/families.js'
import { inTransaction, useTestDatabase } from '../../database.js'
import { makeIndex, makeSpace, type MadeItem } from './made-space.js'

const database = useTestDatabase()
let items: MadeItem[]

beforeAll(async () => {
  items = await makeSpace(database.store, { dims: 6 })
  await makeIndex(database.store, 'made', { bits: 100, bucketBits: 2 })
})

describe('readFamily', () => {
  it('returns the complete family, whose checksum is right in the client and in the database', async () => {
    const { db } = database.store
    const family = await readFamily(db, 'made')
    expect(family).toMatchObject({ name: 'made', kind: 'kernel', dims: 6, bits: 100, seed: 1 })
    expect(family.code.weight).toHaveLength(600)
    expect(family.bucket.weight).toHaveLength(12)
    const { rows } = await sql`select lsh.family_checksum('made') as checksum`.execute(db)
    expect(rows).toEqual([{ checksum: family.checksum }])
    expect(familyChecksum(family)).toBe(family.checksum)
  })

  it('returns the directions in their order, so that it encodes as the database does', async () => {
    const { db } = database.store
    const family = await readFamily(db, 'made')
    const { rows } = await sql<{ key: number; code: string }>`
      select key, code::text as code from lsh_index.made order by key`.execute(db)
    const here = items.map(({ vector }) => encodeVector(family, vector).toString())
    const differing = rows.map(
      ({ code }, i) => Array.from(code).filter((bit, at) => bit !== here[i]?.[at]).length,
    )
    // A bit within rounding of its threshold may have either value; test/sql/parity.test.ts tests this more closely.
    expect(differing.reduce((sum, bits) => sum + bits, 0)).toBeLessThanOrEqual(2)
  })

  it.each([
    [
      'a weight',
      `update lsh.projection set weight = -weight where purpose = 'code' and ordinal = 3`,
    ],
    ['a threshold', `update lsh.projection set threshold = threshold + 1e-9 where ordinal = 1`],
    ['the bandwidth', `update lsh.family set bandwidth = 1.01 * bandwidth`],
    ['a missing direction', `delete from lsh.projection where purpose = 'code' and ordinal = 99`],
  ])('refuses %s that was changed in the database', async (_, tampering) => {
    await inTransaction(database.store, async ({ db }) => {
      // A trigger refuses updates of families, so this test disables it.
      await sql`alter table lsh.projection disable trigger immutable`.execute(db)
      await sql`alter table lsh.family disable trigger immutable`.execute(db)
      const changed = tampering.replace(
        '-weight',
        `weight * array_fill((-1)::real, array[6])::vector`,
      )
      await sql.raw(changed).execute(db)
      await expect(readFamily(db, 'made')).rejects.toMatchObject({
        code: 'bad_input',
        message: expect.stringContaining('"made"'),
        hint: expect.stringMatching(/restore|create/),
      })
    })
  })

  it('says how to create a family that does not exist', async () => {
    await expect(readFamily(database.store.db, 'none')).rejects.toMatchObject({
      code: 'LSH01',
      hint: expect.stringContaining('pg-lsh family create'),
    })
  })
})
