import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { useTestDatabase } from '../../database.js'
import { rowsOf, valueOf } from '../asking.js'

const database = useTestDatabase()
const query = <T>(text: string) => rowsOf<T>(database.store, text)

/** True if the work succeeds, else its error. */
async function outcome(work: Promise<unknown>): Promise<true | { code: string; hint: string }> {
  return work.then(
    () => true as const,
    (error: unknown) => error as { code: string; hint: string },
  )
}

describe.skipIf(inject('engine') === 'embedded')('with concurrent sessions,', () => {
  beforeAll(async () => {
    await query('create table doc (id int primary key, v vector(3))')
    await query(
      'insert into doc select i, array[sin(i), cos(i), i % 7]::vector from generate_series(1, 4000) as i',
    )
    for (const name of ['one', 'two'])
      await query(
        `select lsh.create_family('${name}', 'doc', 'v', bits => 64, seed => ${name.length}, kind => 'sign')`,
      )
  })

  const build = (index: string) => query(`call lsh.build_index('${index}', 100)`)
  const create = (index: string, options = '') =>
    query(`select lsh.create_index('doc', 'v', 'one', '${index}'${options})`)

  it('a transaction with a snapshot older than a build cannot change rows', async () => {
    await create('slow', `, build => 'later'`)
    const client = await database.store.pool.connect()
    try {
      await client.query('begin isolation level repeatable read')
      await client.query('select from doc limit 1')
      await build('slow')
      for (const change of [
        'delete from doc where id = 7',
        'update doc set id = -7 where id = 7',
      ]) {
        await client.query('savepoint s')
        await expect(client.query(change)).rejects.toMatchObject({ code: '40001' })
        await client.query('rollback to s')
      }
      await client.query('commit')
    } finally {
      client.release()
    }
    await expectWhole('slow')
    await query(`select lsh.drop_index('slow')`)
  })

  it('a build skips no row after one whose key changes while the build waits for it', async () => {
    await create('moved', `, build => 'later'`)
    const client = await database.store.pool.connect()
    try {
      await client.query('begin')
      await client.query('update doc set id = 100000 + id where id in (50, 150)')
      const built = build('moved')
      await untilWaiting()
      await client.query('commit')
      await built
    } finally {
      client.release()
    }
    await expectWhole('moved')
    await query('update doc set id = id - 100000 where id > 100000')
    await query(`select lsh.drop_index('moved')`)
  })

  /** Waits until a session waits for a row lock. */
  async function untilWaiting(): Promise<void> {
    const waiting = `select count(*)::int from pg_locks where not granted and locktype = 'transactionid'`
    await expect.poll(() => valueOf(database.store, waiting)).toBeGreaterThan(0)
  }

  async function expectWhole(index: string): Promise<void> {
    expect(await query(`select state from lsh.index where name = '${index}'`)).toEqual([
      { state: 'ready' },
    ])
    expect(await query(`select * from lsh.verify_index('${index}')`)).toEqual([])
    expect(await query('select from lsh.index_progress')).toEqual([])
  }

  it('several calls of lsh.build_index can build the same index', async () => {
    await create('shared', `, build => 'later'`)
    const ended = await Promise.all(
      [build('shared'), build('shared'), build('shared')].map(outcome),
    )
    // A call that starts after the index is ready fails with 55000.
    for (const end of ended) if (end !== true) expect(end.code).toBe('55000')
    expect(ended).toContain(true)
    await expectWhole('shared')
  })

  it('two creations of the same name create one index, and the other fails with a hint', async () => {
    const ended = await Promise.all([create('same'), create('same')].map(outcome))
    expect(ended.filter((end) => end === true)).toHaveLength(1)
    expect(ended.find((end) => end !== true)).toMatchObject({
      code: '42710',
      hint: expect.stringContaining('Choose another name'),
    })
    await expectWhole('same')
  })

  it('two calls of lsh.reindex leave the codes of one of the families', async () => {
    await create('again')
    const ended = await Promise.all(
      ['one', 'two'].map((family) => outcome(query(`select lsh.reindex('again', '${family}')`))),
    )
    expect(ended).toEqual([true, true])
    await expectWhole('again')
  })

  it('a build succeeds during lsh.reindex, which succeeds or is refused', async () => {
    await create('beside', `, build => 'later'`)
    const [built, reindexed] = await Promise.all([
      outcome(build('beside')),
      outcome(query(`select lsh.reindex('beside', 'two')`)),
    ])
    expect(built).toBe(true)
    if (reindexed !== true) expect(reindexed).toMatchObject({ code: '55000' })
    await expectWhole('beside')
  })

  it('a build ends when its index is dropped', async () => {
    await create('dropped', `, build => 'later'`)
    const [built] = await Promise.all([
      outcome(build('dropped')),
      sleep(30).then(() => query(`select lsh.drop_index('dropped')`)),
    ])
    if (built !== true) expect(['LSH01', '42P01', '40001', '55000']).toContain(built.code)
    expect(await query(`select from lsh.index where name = 'dropped'`)).toEqual([])
    expect(await valueOf(database.store, `select to_regclass('lsh_index.dropped')`)).toBeNull()
  })

  it('a build that is killed can be resumed', async () => {
    await create('killed', `, build => 'later'`)
    const client = await database.store.pool.connect()
    client.on('error', () => undefined)
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    const built = outcome(client.query(`call lsh.build_index('killed', 50)`))
    while (
      !(await valueOf<number>(database.store, 'select max(done)::int from lsh.index_progress'))
    )
      await sleep(5)
    await query(`select pg_terminate_backend(${rows[0]!.pid})`)
    expect(await built).toMatchObject({ code: '57P01' })
    client.release(true)
    const done = await valueOf<number>(
      database.store,
      'select max(done)::int from lsh.index_progress',
    )
    expect(done).toBeGreaterThan(0)
    await build('killed')
    await expectWhole('killed')
  })
})

describe.skipIf(inject('engine') === 'embedded')('a transaction that began before', () => {
  beforeAll(async () => {
    await query('create table old (id int primary key, v vector(3))')
    await query(
      'insert into old select i, array[sin(i), cos(i), 1]::vector from generate_series(1, 50) as i',
    )
    for (const seed of [1, 2])
      await query(
        `select lsh.create_family('old_${seed}', 'old', 'v', bits => 64, seed => ${seed}, kind => 'sign')`,
      )
  })

  const STATEMENTS = [
    `insert into old values (1000, '[1,2,3]')`,
    `update old set v = '[3,2,1]' where id = 1`,
    'delete from old where id = 2',
  ]

  it.each([
    { what: 'an index was made', during: `select lsh.create_index('old', 'v', 'old_1')` },
    { what: 'it was reindexed', during: `select lsh.reindex('old', 'old_2')` },
  ])(
    '$what fails to write with SQLSTATE 40001, and succeeds when it is run again',
    async ({ during }) => {
      const levels = ['repeatable read', 'serializable']
      const clients = await Promise.all(
        levels.flatMap((level) =>
          STATEMENTS.map(async (text) => {
            const client = await database.store.pool.connect()
            await client.query(`begin isolation level ${level}`)
            await client.query('select count(*) from pg_class')
            return { client, text }
          }),
        ),
      )
      await query(during)
      for (const { client, text } of clients) {
        const refusal: unknown = await client.query(text).catch((error: unknown) => error)
        expect(refusal, text).toMatchObject({ code: '40001' })
        await client.query('rollback')
        await client.query('begin isolation level repeatable read')
        await client.query(text)
        await client.query('rollback')
        client.release()
      }
      expect(await query(`select * from lsh.verify_index('old')`)).toEqual([])
    },
  )

  it('an index was reindexed fails to search it with SQLSTATE 40001', async () => {
    const client = await database.store.pool.connect()
    const search = `select count(*)::int from lsh.search('old', '[1,2,3]', stage => 'scan')`
    await client.query('begin isolation level repeatable read')
    await client.query('select count(*) from pg_class')
    await query(`select lsh.reindex('old', 'old_1')`)
    await expect(client.query(search)).rejects.toMatchObject({ code: '40001' })
    await client.query('rollback')
    expect((await client.query(search)).rows).toEqual([{ count: 10 }])
    client.release()
  })

  it('an index was dropped fails to search it with SQLSTATE 40001', async () => {
    await query(`select lsh.create_index('old', 'v', 'old_1', 'fleeting')`)
    const client = await database.store.pool.connect()
    await client.query('begin isolation level repeatable read')
    await client.query('select count(*) from pg_class')
    await query(`select lsh.drop_index('fleeting')`)
    await expect(
      client.query(`select * from lsh.search('fleeting', '[1,2,3]')`),
    ).rejects.toMatchObject({ code: '40001' })
    await client.query('rollback')
    client.release()
  })
})
