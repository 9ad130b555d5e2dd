import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { TRAIN_METHODS } from '../../../src/hash/train-options.js'
import { createIndex } from '../../../src/store/codes/create-index.js'
import { readFamily } from '../../../src/store/codes/families.js'
import { trainFamilyOf } from '../../../src/store/codes/train-family.js'
import { useTestDatabase } from '../../database.js'
import { encodeAll, endToEnd } from '../../hash/sample.js'
import { makeSpace, type MadeItem } from './made-space.js'

const database = useTestDatabase()
let items: MadeItem[]

beforeAll(async () => {
  items = await makeSpace(database.store, { patients: 12, slices: 20, dims: 8 })
})

/** The methods that need no labels, which the items of this space lack. */
const METHODS = TRAIN_METHODS.filter((method) => method !== 'discriminants')

describe.each(METHODS)('trainFamilyOf by %s', (method) => {
  const name = `trained_${method}`

  it('stores a family that encodes in the database as in the client', async () => {
    const { store } = database
    const { family, figures } = await trainFamilyOf(
      store,
      { space: 'made' },
      { name, method, bits: 96, steps: 40 },
    )
    const stored = await readFamily(store.db, name)
    expect(stored).toEqual(family)
    const { codes } = encodeAll(stored, endToEnd(items.map(({ vector }) => vector)))
    const { rows } = await sql<{ code: string }>`
      select lsh.encode(${name}, embedding)::text as code
      from space.made
      order by item_id`.execute(store.db)
    const differing = codes.map(
      (code, i) =>
        Array.from(code.toString()).filter((bit, at) => bit !== rows[i]!.code[at]).length,
    )
    // A bit within rounding of its threshold may have either value.
    expect(differing.reduce((sum, bits) => sum + bits, 0)).toBeLessThanOrEqual(3)
    const row = await store.db
      .selectFrom('lsh.family')
      .select(['calibration'])
      .where('name', '=', name)
      .executeTakeFirstOrThrow()
    expect(row.calibration).toMatchObject({
      training: figures,
      curve: null,
      sampled: expect.any(Number) as number,
    })
  })

  it('creates a family that is searched like any other', async () => {
    const { store } = database
    await createIndex(store, 'made', { family: name, name })
    const [asked] = items
    const { rows } = await sql<{ key: string }>`
      select key from lsh.search(${name}, (select embedding from space.made where item_id = ${asked!.item}), 3)`.execute(
      store.db,
    )
    expect(rows[0]!.key).toBe(String(asked!.item))
    expect(rows).toHaveLength(3)
  })
})

describe('trainFamilyOf', () => {
  it('also trains on a table, whose rows belong to no patients', async () => {
    const { store } = database
    await sql`create table plain as select item_id as id, embedding from space.made`.execute(
      store.db,
    )
    await sql`alter table plain add primary key (id)`.execute(store.db)
    const of = { relation: 'plain', column: 'embedding' }
    const options = { name: 'of_plain', method: 'rank', bits: 32, steps: 0 } as const
    const { figures } = await trainFamilyOf(store, of, options)
    expect(figures.held_out).toBe(48)
  })

  it('refuses a space that does not exist', async () => {
    const options = { name: 'none', method: 'rank', bits: 32 } as const
    await expect(
      trainFamilyOf(database.store, { space: 'nowhere' }, options),
    ).rejects.toMatchObject({ code: 'LSH01' })
  })
})
