import { beforeAll, describe, expect, inject, it } from 'vitest'
import { inTransaction, useTestDatabase } from '../database.js'
import { expectRefusal, rowsOf } from './asking.js'
import { addTable, hashTable, lattice } from './hashed-table.js'

const database = useTestDatabase()
const query = <T>(text: string, values: unknown[] = []) => rowsOf<T>(database.store, text, values)

describe('a table whose columns have the names of columns of the extension', () => {
  const columns = ['key', 'code', 'bucket', 'norm', 'distance', 'hamming', 'place', 'source']

  beforeAll(async () => {
    await query(
      `create table clash (rank int primary key, vector vector(4), ${columns.map((one) => `${one} int`).join(', ')})`,
    )
    await query(
      `insert into clash (rank, vector)
       select i, array[i % 7, i % 5, i % 3, i]::vector from generate_series(1, 100) as i`,
    )
    await query(
      `select lsh.create_family('clash', 'clash', 'vector', bits => 64, bucket_bits => 2)`,
    )
    await query(`select lsh.create_index('clash', 'vector', 'clash')`)
  })

  it('can be searched', async () => {
    const [exact, found] = await Promise.all([
      query(`select key, distance from lsh.search_exact('clash', '[1,2,0,50]', k => 5)`),
      query(`select key, distance from lsh.search('clash', '[1,2,0,50]', k => 5, probes => 4)`),
    ])
    expect(exact).toHaveLength(5)
    expect(found).toEqual(exact)
  })

  it('can be compared', async () => {
    const compared = await query<{ recall: number }>(
      `select recall from lsh.compare('clash', '{1,50}', probes => 4)`,
    )
    expect(compared).toEqual([{ recall: 1 }, { recall: 1 }])
  })

  it('keeps its codes in step', async () => {
    await inTransaction(database.store, async (transaction) => {
      await rowsOf(transaction, `update clash set vector = '[9,9,9,900]' where rank = 7`)
      expect(
        await rowsOf(transaction, `select key from lsh.search('clash', '[9,9,9,900]', k => 1)`),
      ).toEqual([{ key: '7' }])
    })
  })
})

describe('an index', () => {
  it('is refused with triggers on a partitioned table, whose partitions they do not see', async () => {
    await query('create table parted (id int primary key, v vector(4)) partition by range (id)')
    await query('create table part partition of parted for values from (0) to (100)')
    await query(
      `insert into parted select i, array[i, 1, 2, 3]::vector from generate_series(1, 50) as i`,
    )
    await query(`select lsh.create_family('parted', 'parted', 'v', bits => 64)`)
    const create = `select lsh.create_index('parted', 'v', 'parted'`
    await expectRefusal(database.store, `${create})`, '42809', /is a partition .* or has some/)
    await query(`${create}, maintain => 'loader')`)
  })

  it('is refused in a repeatable read transaction, which cannot see recent commits', async () => {
    await addTable(database.store, 'isolated', lattice({ rows: 20, dims: 4, seed: 3 }))
    await query(`select lsh.create_family('isolated', 'isolated', 'v', bits => 64)`)
    const client = await database.store.pool.connect()
    try {
      await client.query('begin isolation level repeatable read')
      await expect(
        client.query(`select lsh.create_index('isolated', 'v', 'isolated')`),
      ).rejects.toMatchObject({ code: '25001', hint: expect.stringMatching(/read committed/) })
    } finally {
      await client.query('rollback')
      client.release()
    }
  })

  it('returns k rows despite codes of deleted rows', async () => {
    await addTable(database.store, 'orphaned', lattice({ rows: 60, dims: 4, seed: 6 }))
    await hashTable(database.store, 'orphaned', { maintain: 'loader', candidates: 10 })
    await query(
      `insert into lsh_index.orphaned select 0, id, lsh.encode('orphaned', v), 0 from orphaned`,
    )
    await query(`delete from orphaned where id between 1 and 55`)
    expect(
      await query(`select key from lsh.search('orphaned', '[1,1,1,1]', k => 4) order by 1`),
    ).toHaveLength(4)
  })

  it.runIf(inject('engine') === 'server')(
    'returns k of the rows that row-level security lets the role see',
    async () => {
      const role = `reader_${Date.now()}`
      await addTable(database.store, 'guarded', lattice({ rows: 200, dims: 4, seed: 7 }))
      await hashTable(database.store, 'guarded', { candidates: 10 })
      await inTransaction(database.store, async (transaction) => {
        const run = (text: string) => rowsOf(transaction, text)
        await run('alter table guarded enable row level security')
        await run('create policy fortieth on guarded using (id % 40 = 0)')
        await run(`create role ${role}`)
        await run(`grant usage on schema lsh, lsh_index to ${role}`)
        await run(`grant select on guarded, lsh_index.guarded to ${role}`)
        await run(`grant select on all tables in schema lsh to ${role}`)
        await run(`set local role ${role}`)
        const found = await run(
          `select key, hamming from lsh.search('guarded', '[1,1,1,1]', k => 5)`,
        )
        expect(found).toHaveLength(5)
        expect(found).toEqual(
          await run(`select found.key, lsh.hamming(code, lsh.encode('guarded', '[1,1,1,1]')) as hamming
            from lsh.search_exact('guarded', '[1,1,1,1]', k => 5) with ordinality as found (key, distance, place)
              join lsh_index.guarded as code on code.key::text = found.key
            order by place`),
        )
      })
    },
  )

  it('counts rows without a code as missed in a comparison', async () => {
    await addTable(database.store, 'sparse', lattice({ rows: 60, dims: 4, seed: 4 }))
    await hashTable(database.store, 'sparse', { maintain: 'loader' })
    await query(
      `insert into lsh_index.sparse select 0, id, lsh.encode('sparse', v), 0 from sparse where id <= 30`,
    )
    const [half] = await query<{ recall: number }>(
      `select avg(recall) as recall from lsh.compare('sparse', '{1,2,3,4,5}', ks => '{20}')`,
    )
    expect(half?.recall).toBeLessThan(0.8)
  })

  it.runIf(inject('engine') === 'server')(
    'of a role that did not install the extension is maintained by triggers',
    async () => {
      const role = `keeper_${Date.now()}`
      await inTransaction(database.store, async (transaction) => {
        const run = (text: string) => rowsOf(transaction, text)
        await run(`create role ${role}`)
        await run(`grant usage on schema lsh, lsh_index to ${role}`)
        await run(`grant create on schema public, lsh_index to ${role}`)
        await run(`grant select, insert, update, delete on all tables in schema lsh to ${role}`)
        await run(`set local role ${role}`)
        await addTable(transaction, 'theirs', lattice({ rows: 20, dims: 4, seed: 5 }))
        await hashTable(transaction, 'theirs')
        await run(`insert into theirs values (100, null, '[9,9,9,9]')`)
        expect(
          await run(`select key from lsh.search('theirs', '[9,9,9,9]', k => 1, probes => 8)`),
        ).toEqual([{ key: '100' }])
      })
    },
  )
})
