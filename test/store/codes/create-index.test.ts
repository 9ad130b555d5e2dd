import { sql } from 'kysely'
import { beforeEach, describe, expect, it } from 'vitest'
import type { HashFamily } from '../../../src/hash/family.js'
import { createFamilyOf } from '../../../src/store/codes/create-family.js'
import { createFamily, createIndex, familyName } from '../../../src/store/codes/create-index.js'
import { readFamily } from '../../../src/store/codes/families.js'
import { useTestDatabase } from '../../database.js'
import { DRAWN_KINDS } from '../../hash/drawn-kinds.js'
import { makeSpace } from './made-space.js'

const database = useTestDatabase()

beforeEach(async () => {
  const { store } = database
  await sql`select cbir.drop_space(name) from cbir.space`.execute(store.db)
  await store.pool.query('delete from cbir.plan; delete from cbir.item; delete from cbir.patient')
  await makeSpace(store, {})
})

async function codes(): Promise<number> {
  const { rows } = await sql<{
    count: number
  }>`select count(*)::int as count from lsh_index.made`.execute(database.store.db)
  return rows[0]?.count ?? 0
}

describe('createIndex', () => {
  it('draws the default family if it does not exist', async () => {
    expect(await createIndex(database.store, 'made')).toEqual({
      index: 'made',
      family: familyName('made'),
    })
    expect(await codes()).toBe(120)
  })

  it('completes an interrupted index that is maintained by the loader', async () => {
    const { store } = database
    await createIndex(store, 'made', { maintain: 'loader' })
    await sql`delete from lsh_index.made where key % 3 = 0`.execute(store.db)
    expect(await codes()).toBeLessThan(120)
    await createIndex(store, 'made', { maintain: 'loader' })
    expect(await codes()).toBe(120)
  })

  it('hashes a vector column of any table', async () => {
    const { store } = database
    await store.pool.query(`
      create schema lab;
      create table lab."Image" (id int primary key, "Vector" vector(6));
      insert into lab."Image" select i, array(select cos(i * j) from generate_series(1, 6) as j)::vector
      from generate_series(1, 80) as i`)
    const source = { table: 'lab."Image"', column: 'Vector' }
    const family = await createFamily(store, source, { bits: 32, kind: 'residual' })
    expect(family).toBe('Image_Vector_residual_32')
    await expect(createIndex(store, source, { family })).rejects.toMatchObject({ code: '42602' })
    const made = { index: 'image', family }
    expect(await createIndex(store, source, { family, name: 'image' })).toEqual(made)
    const { rows } = await store.pool.query(
      `select count(*)::int as count, (select count(*)::int from lsh.verify_index('image')) as wrong from lsh_index.image`,
    )
    expect(rows).toEqual([{ count: 80, wrong: 0 }])
    // Another column or another table must neither count as the interrupted index nor use its family.
    await store.pool.query('alter table lab."Image" add other vector(6)')
    await expect(
      createIndex(store, { ...source, column: 'other' }, { family, name: 'image' }),
    ).rejects.toMatchObject({ code: '42710' })
    await createFamily(store, source, { name: 'thing_Vector_512', bits: 512 })
    await store.pool.query('create table thing (id int primary key, "Vector" vector(6))')
    await expect(createIndex(store, { ...source, table: 'thing' })).rejects.toMatchObject({
      code: 'bad_usage',
      hint: expect.stringContaining('{ family }') as string,
    })
    for (const [part, code] of [
      [{ table: '-' }, 'bad_usage'],
      [{ table: 'lab.image' }, '42P01'],
      [{ column: 'vector' }, '42703'],
    ] as const) {
      await expect(createFamily(store, { ...source, ...part })).rejects.toMatchObject({ code })
      await expect(createIndex(store, { ...source, ...part })).rejects.toMatchObject({ code })
    }
    await store.pool.query(
      `drop table thing; select lsh.drop_family('thing_Vector_512'), lsh.drop_index('image'), lsh.drop_family('Image_Vector_residual_32'); drop schema lab cascade`,
    )
  })

  it('does not mistake another index of the same name for an interrupted one', async () => {
    const { store } = database
    await createIndex(store, 'made', { maintain: 'loader' })
    await expect(createIndex(store, 'made')).rejects.toMatchObject({ code: '42710' })
    const family = await createFamily(store, 'made', { bits: 64 })
    await expect(createIndex(store, 'made', { maintain: 'loader', family })).rejects.toMatchObject({
      code: '42710',
    })
  })

  it('refuses a space that does not exist', async () => {
    await expect(createIndex(database.store, 'absent')).rejects.toMatchObject({ code: 'LSH01' })
    await expect(createFamily(database.store, 'absent')).rejects.toMatchObject({ code: 'LSH01' })
  })
})

describe('createFamilyOf', () => {
  const of = { relation: 'space.made', column: 'embedding' }

  it.each(DRAWN_KINDS)(
    'draws the same family of kind %s as lsh.create_family, except for rounding',
    async (kind) => {
      const { store } = database
      await createFamilyOf(store, of, { name: `here_${kind}`, kind, bits: 60 })
      await sql`select lsh.create_family(${`there_${kind}`}, 'space.made', 'embedding', bits => 60, kind => ${kind})`.execute(
        store.db,
      )
      const [here, there] = await Promise.all(
        ['here', 'there'].map((place) => readFamily(store.db, `${place}_${kind}`)),
      )
      expect(numbersOf(here!)).toEqual(
        numbersOf(there!).map((value) => expect.closeTo(value, 4) as number),
      )
      expect(here?.bucket.kind).toBe(there?.bucket.kind)
    },
  )

  it('refuses a name that is in use', async () => {
    const { store } = database
    await createFamilyOf(store, of, { name: 'taken', bits: 60 })
    await expect(createFamilyOf(store, of, { name: 'taken' })).rejects.toMatchObject({
      code: '42710',
    })
  })
})

/** All parameters that decide a code or a bucket. */
function numbersOf({ bandwidth, center, code, bucket }: HashFamily): number[] {
  const { weight, phase, threshold } = code
  const slices = bucket.kind === 'voronoi' ? [] : [...bucket.weight, ...bucket.threshold]
  return [bandwidth ?? 0, ...center, ...weight, ...(phase ?? []), ...threshold, ...slices]
}

describe('cbir.drop_space', () => {
  it('also drops the families that were calibrated on the space', async () => {
    const { store } = database
    await createFamily(store, 'made', { bits: 64 })
    await createIndex(store, 'made')
    await sql`select cbir.drop_space('made')`.execute(store.db)
    expect(await store.db.selectFrom('lsh.family').select('name').execute()).toEqual([])
  })
})
