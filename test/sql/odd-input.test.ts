import { beforeAll, describe, expect, inject, it } from 'vitest'
import { inTransaction, useTestDatabase } from '../database.js'
import { DRAWN_KINDS } from '../hash/drawn-kinds.js'
import { clumps } from '../hash/sample.js'
import { rowsOf } from './asking.js'
import { addTable, hashTable, search } from './hashed-table.js'

const database = useTestDatabase()
const dims = 6
const vectors = clumps({ dims, rows: 200, seed: 31 })
const query = <Row extends object>(text: string) => rowsOf<Row>(database.store, text)

beforeAll(() => addTable(database.store, 'source', vectors))

/** Creates a table of the vectors and an index of the same name. */
async function addHashed(name: string): Promise<void> {
  await query(`create table ${name} as select * from source`)
  await query(`alter table ${name} add primary key (id)`)
  await hashTable(database.store, name)
}

describe('a vector of zeros', () => {
  it.each(DRAWN_KINDS)('is hashed, and found when it is the query, by kind %s', async (kind) => {
    const name = `zero_${kind}`
    await addTable(database.store, name, vectors)
    await query(
      `select lsh.create_family('${name}', '${name}', 'v', bits => 60, kind => '${kind}')`,
    )
    await query(`select lsh.create_index('${name}', 'v', '${name}')`)
    await query(`insert into ${name} values (1000, '', array_fill(0, array[${dims}])::vector)`)
    const found = await search(database.store, name, new Float32Array(dims), `stage => 'buckets'`)
    expect(found).toHaveLength(10)
    expect(found[0]).toMatchObject({ key: '1000', distance: 0, hamming: 0 })
    expect(await query(`select * from lsh.verify_index('${name}')`)).toEqual([])
  })
})

describe('a role', () => {
  it('that may not read the table is refused a search', async () => {
    await addHashed('secret')
    await inTransaction(database.store, async (transaction) => {
      await rowsOf(transaction, 'create role lsh_test_stranger')
      await rowsOf(transaction, 'grant usage on schema lsh, lsh_index to lsh_test_stranger')
      await rowsOf(transaction, 'grant select on all tables in schema lsh to lsh_test_stranger')
      await rowsOf(transaction, 'grant select on lsh_index.secret to lsh_test_stranger')
      await rowsOf(transaction, 'set local role lsh_test_stranger')
      await expect(search(transaction, 'secret', vectors[0]!)).rejects.toMatchObject({
        code: '42501',
        message: /secret/,
      })
    })
  })
})

describe.skipIf(inject('engine') === 'embedded')('a statement timeout', () => {
  const cancelled = { code: '57014' }

  it('in the middle of a build leaves no index behind', async () => {
    await addHashed('model')
    await query(`create table slow as select id, v from source, generate_series(1, 100) limit 0`)
    await query(
      `insert into slow select id + 1000 * times, v from source, generate_series(1, 100) as times`,
    )
    await query('alter table slow add primary key (id)')
    await database.store
      .transaction(async (transaction) => {
        await rowsOf(transaction, `set local statement_timeout = '100ms'`)
        await rowsOf(transaction, `select lsh.create_index('slow', 'v', 'model')`)
      })
      .then(
        () => expect.unreachable('20,000 rows are not hashed in 100 ms'),
        (error: unknown) => expect(error).toMatchObject(cancelled),
      )
    expect(await query(`select from lsh.index where name = 'slow'`)).toEqual([])
    expect(
      await query(`select from pg_tables where tablename = 'slow' and schemaname = 'lsh_index'`),
    ).toEqual([])
    expect(await query(`select from pg_trigger where tgrelid = 'slow'::regclass`)).toEqual([])
  })

  it('in the middle of a build in batches keeps the committed batches', async () => {
    await query(`select lsh.create_index('slow', 'v', 'model', build => 'later')`)
    const client = await database.store.pool.connect()
    try {
      await client.query(`set statement_timeout = '400ms'`)
      await expect(client.query(`call lsh.build_index('slow', 200)`)).rejects.toMatchObject(
        cancelled,
      )
      await client.query('reset statement_timeout')
      const { rows } = await client.query<{ done: number }>(
        'select done::int from lsh.index_progress',
      )
      expect(rows[0]?.done).toBeGreaterThan(0)
      await client.query(`call lsh.build_index('slow')`)
    } finally {
      client.release()
    }
    expect(await query(`select * from lsh.verify_index('slow')`)).toEqual([])
  })

  it('in the middle of a search leaves the session usable', async () => {
    const client = await database.store.pool.connect()
    try {
      await client.query(`set statement_timeout = '1ms'`)
      const text = `select count(*) from source, lsh.search('slow', source.v, stage => 'exact')`
      await expect(client.query(text)).rejects.toMatchObject(cancelled)
      await client.query('reset statement_timeout')
      const { rows } = await client.query(
        `select * from lsh.search('slow', (select v from source limit 1))`,
      )
      expect(rows).toHaveLength(10)
    } finally {
      client.release()
    }
  })
})
