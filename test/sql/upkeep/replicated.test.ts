import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { openTestDatabase, useTestDatabase, type TestDatabase } from '../../database.js'
import { rowsOf, valueOf, warningsOf } from '../asking.js'

const database = useTestDatabase()
const query = <T>(text: string) => rowsOf<T>(database.store, text)

async function addHashed({ store }: TestDatabase, name: string, rows: number): Promise<void> {
  await rowsOf(store, `create table ${name} (id int primary key, note text, v vector(3))`)
  await rowsOf(
    store,
    `insert into ${name} select i, '', array[sin(i), cos(i), i % 7]::vector from generate_series(1, ${rows}) as i`,
  )
  await rowsOf(
    store,
    `select lsh.create_family('${name}', '${name}', 'v', bits => 64, kind => 'sign')`,
  )
}

/** Statements that change rows in every way. */
const CHANGES = [
  `insert into doc values (1001, 'new', '[1,2,3]'), (1002, '', null)`,
  `update doc set v = '[3,2,1]' where id between 20 and 30`,
  `update doc set note = 'changed' where id < 10`,
  `update doc set id = id + 2000 where id between 40 and 45`,
  `update doc set v = null where id = 50`,
  'delete from doc where id < 5',
]

describe('a session with session_replication_role = replica', () => {
  it('updates the codes of the rows that it writes', async () => {
    await addHashed(database, 'doc', 100)
    await query(`select lsh.create_index('doc', 'v', 'doc')`)
    await database.store.db.connection().execute(async (connection) => {
      await rowsOf({ db: connection }, 'set session_replication_role = replica')
      for (const text of CHANGES) await rowsOf({ db: connection }, text)
      await rowsOf({ db: connection }, 'reset session_replication_role')
    })
    expect(await query(`select * from lsh.verify_index('doc')`)).toEqual([])
    await database.store.db.connection().execute(async (connection) => {
      await rowsOf({ db: connection }, 'set session_replication_role = replica')
      await rowsOf({ db: connection }, 'truncate doc')
      await rowsOf({ db: connection }, 'reset session_replication_role')
    })
    expect(await query(`select from lsh_index.doc`)).toEqual([])
  })

  it('can restore rows of a table before its index is registered', async () => {
    await addHashed(database, 'restored', 20)
    await query(`select lsh.create_index('restored', 'v', 'restored')`)
    await database.store.db.connection().execute(async (connection) => {
      const ask = (text: string) => rowsOf({ db: connection }, text)
      await ask('create temporary table registry as select * from lsh.index')
      await ask('create temporary table codes as select * from lsh_index.restored')
      await ask('create temporary table rows as select * from restored')
      await ask('set session_replication_role = replica')
      await ask(`delete from lsh.index where name = 'restored'`)
      await ask('delete from restored')
      await ask('delete from lsh_index.restored')
      await ask('insert into restored select * from rows')
      // Like a dump, without generated columns.
      const [listed] = await rowsOf<{ columns: string }>(
        { db: connection },
        `select string_agg(quote_ident(attname), ', ') as columns from pg_attribute
         where attrelid = 'lsh.index'::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
      )
      await ask(
        `insert into lsh.index (${listed!.columns}) overriding system value
         select ${listed!.columns} from registry where name = 'restored'`,
      )
      await ask('insert into lsh_index.restored select * from codes')
      await ask('reset session_replication_role')
      await ask('discard temporary')
    })
    expect(await query(`select * from lsh.verify_index('restored')`)).toEqual([])
  })

  it('is named in the hint when a restore without it fails', async () => {
    await query(`delete from lsh.index where name = 'restored'`)
    await expect(query(`insert into restored values (2000, '', '[1,2,3]')`)).rejects.toMatchObject({
      code: 'LSH01',
      hint: expect.stringContaining('--disable-triggers'),
    })
  })
})

describe.skipIf(inject('engine') === 'embedded')('a subscription', () => {
  let publisher: TestDatabase | undefined
  const slot = `lsh_test_${process.pid}_${Date.now()}`

  beforeAll(async () => {
    publisher = await openTestDatabase()
    await addHashed(publisher, 'doc', 100)
    await rowsOf(publisher.store, 'create publication doc for table doc')
    await rowsOf(
      publisher.store,
      `select pg_create_logical_replication_slot('${slot}', 'pgoutput')`,
    )
  })
  afterAll(async () => {
    await query('alter subscription doc disable').catch(() => undefined)
    await query('alter subscription doc set (slot_name = none)').catch(() => undefined)
    await query('drop subscription doc').catch(() => undefined)
    if (!publisher) return
    const { store } = publisher
    // The publisher notices a moment later that its subscriber is gone.
    const active = `select exists (
      select from pg_replication_slots where slot_name = '${slot}' and active
    )`
    while (await valueOf(store, active)) await sleep(20)
    await rowsOf(store, `select pg_drop_replication_slot('${slot}')`)
    await publisher.close()
  })

  it('updates codes for its rows, from the initial copy on', async () => {
    const { store } = publisher as TestDatabase
    await addHashed(database, 'model', 100)
    await query('drop table doc')
    await query('create table doc (id int primary key, note text, v vector(3))')
    await query(`select lsh.create_index('doc', 'v', 'model')`)
    const { hostname, port, username, pathname } = new URL((publisher as TestDatabase).place)
    await query(
      `create subscription doc
       connection 'host=${hostname} port=${port} user=${username} dbname=${pathname.slice(1)}'
       publication doc with (create_slot = false, slot_name = '${slot}')`,
    )
    for (const text of CHANGES) await rowsOf(store, text)
    await rowsOf(store, `insert into doc values (9999, 'last', '[1,1,1]')`)
    while (!(await valueOf(database.store, 'select exists (select from doc where id = 9999)')))
      await sleep(50)
    expect(await valueOf(database.store, 'select count(*)::int from doc')).toBe(99)
    expect(await query(`select * from lsh.verify_index('doc')`)).toEqual([])
    await rowsOf(store, 'truncate doc')
    await rowsOf(store, `insert into doc values (1, 'anew', '[1,1,1]')`)
    while (!(await valueOf(database.store, `select exists (select from doc where note = 'anew')`)))
      await sleep(50)
    expect(await query('select key from lsh_index.doc')).toEqual([{ key: 1 }])
  })

  it('causes a warning when its table is indexed', async () => {
    const warnings = await warningsOf(
      database.store,
      `select lsh.create_index('doc', 'v', 'model', 'warned')`,
    )
    expect(warnings).toEqual([expect.stringContaining('filled by a subscription')])
  })
})
