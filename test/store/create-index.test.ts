import { sql } from 'kysely'
import { beforeEach, describe, expect, it } from 'vitest'
import { createFamily, createIndex, familyName } from '../../src/store/create-index.js'
import { useTestDatabase } from '../database.js'
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
  it('draws the default family where it does not exist', async () => {
    expect(await createIndex(database.store, 'made')).toEqual({
      index: 'made',
      family: familyName('made'),
    })
    expect(await codes()).toBe(120)
  })

  it('completes one of the loader that was interrupted', async () => {
    const { store } = database
    await createIndex(store, 'made', { maintain: 'loader' })
    await sql`delete from lsh_index.made where key % 3 = 0`.execute(store.db)
    expect(await codes()).toBeLessThan(120)
    await createIndex(store, 'made', { maintain: 'loader' })
    expect(await codes()).toBe(120)
  })

  it('does not take another index of the name for one that was interrupted', async () => {
    const { store } = database
    await createIndex(store, 'made', { maintain: 'loader' })
    await expect(createIndex(store, 'made')).rejects.toMatchObject({ code: '42710' })
    const family = await createFamily(store, 'made', { bits: 64 })
    await expect(createIndex(store, 'made', { maintain: 'loader', family })).rejects.toMatchObject({
      code: '42710',
    })
  })

  it('names a space that is missing', async () => {
    await expect(createIndex(database.store, 'absent')).rejects.toMatchObject({ code: 'LSH01' })
    await expect(createFamily(database.store, 'absent')).rejects.toMatchObject({ code: 'LSH01' })
  })
})

describe('cbir.drop_space', () => {
  it('takes the families with it that were calibrated on the space', async () => {
    const { store } = database
    await createFamily(store, 'made', { bits: 64 })
    await createIndex(store, 'made')
    await sql`select cbir.drop_space('made')`.execute(store.db)
    expect(await store.db.selectFrom('lsh.family').select('name').execute()).toEqual([])
  })
})
