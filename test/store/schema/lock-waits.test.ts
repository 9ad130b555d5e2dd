import { setTimeout } from 'node:timers/promises'
import { CompiledQuery } from 'kysely'
import pg from 'pg'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { openStore } from '../../../src/store/connection/connect.js'
import {
  describeLockWait,
  watchLockWaits,
  type LockWait,
  type WatchOptions,
} from '../../../src/store/schema/lock-waits.js'
import { migrate } from '../../../src/store/schema/migrate.js'
import { useTestDatabase } from '../../database.js'

const database = useTestDatabase()
const often: WatchOptions = { seconds: { first: 0.05, next: 0.05, last: 0.1 } }

/** Another session that holds a lock until the test ends. */
async function holding(...statements: string[]): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.place, application_name: 'somebody' })
  client.on('error', () => undefined)
  await client.connect()
  onTestFinished(() => client.end())
  for (const statement of statements) await client.query(statement)
  return client
}

/** Runs work while waits of the store are watched, until there is one; then releases the lock. */
async function waitsOf(work: () => Promise<unknown>, holder: pg.Client, options: WatchOptions) {
  const waits: LockWait[] = []
  const stop = watchLockWaits(database.store.pool, (wait) => waits.push(wait), options)
  const working = work()
  while (waits.length < 2) await setTimeout(20)
  await holder.query('rollback')
  await holder.query('select pg_advisory_unlock_all()')
  await working
  await stop()
  const count = waits.length
  await setTimeout(200)
  expect(waits).toHaveLength(count)
  return waits
}

describe.runIf(inject('engine') === 'server')('watchLockWaits', () => {
  it.each([
    [
      'the lock of "pg-lsh migrate"',
      `select pg_advisory_lock(hashtext('pg-lsh migrate'))`,
      "select pg_advisory_xact_lock(hashtext('pg-lsh migrate'))",
    ],
    [
      'the lock of "pg-lsh load"',
      `select pg_advisory_lock(hashtext('pg-lsh load'))`,
      "select pg_advisory_xact_lock(hashtext('pg-lsh load'))",
    ],
    [
      'the lock of "pg-lsh encode"',
      `select pg_advisory_lock(hashtext('pg-lsh encode'), hashtext('x'))`,
      `select pg_advisory_xact_lock(hashtext('pg-lsh encode'), hashtext('x'))`,
    ],
    ['an advisory lock', 'select pg_advisory_lock(5)', 'select pg_advisory_xact_lock(5)'],
    ['table cbir.item', 'lock table cbir.item', 'select count(*) from cbir.item'],
  ])('reports which session holds %s', async (what, take, want) => {
    const holder = await holding('begin', take)
    const ask = () =>
      database.store.transaction(({ db }) => db.executeQuery(CompiledQuery.raw(want)))
    const [first] = await waitsOf(ask, holder, often)
    expect(first?.what).toBe(what)
    expect(first?.holders).toMatchObject([
      { application: 'somebody', user: 'postgres', state: 'idle in transaction' },
    ])
    expect(describeLockWait(first as LockWait)).toMatch(
      /^waiting for .*: held by process \d+ \(application "somebody", user postgres, idle in transaction since \d{4}-.*\)\n.*pg_terminate_backend\(\d+\)/,
    )
  })

  it('reports a wait for rows that another transaction has changed', async () => {
    const { pool } = database.store
    await pool.query(`create table waited (id int primary key); insert into waited values (1)`)
    const holder = await holding('begin', 'update waited set id = 2')
    const [first] = await waitsOf(() => pool.query('delete from waited'), holder, often)
    expect(first?.what).toBe('a row or transaction that another session has locked')
  })

  it('reports no waits outside its pool', async () => {
    await holding('begin', 'select pg_advisory_lock(7)')
    const other = await holding()
    const blocked = other.query('select pg_advisory_lock(7)').catch(() => undefined)
    const waits: LockWait[] = []
    const stop = watchLockWaits(database.store.pool, (wait) => waits.push(wait), often)
    await database.store.pool.query('select 1')
    await setTimeout(300)
    await stop()
    expect(waits).toEqual([])
    void blocked
  })

  it('survives a failure of its own queries', async () => {
    const store = await openStore(database.place)
    const stop = watchLockWaits(store.pool, () => undefined, often)
    await store.close()
    await setTimeout(200)
    await stop()
  })
})

describe.runIf(inject('engine') === 'server')(
  'migrate, while another session holds its lock',
  () => {
    it('reports what it waits for, and how to end a session that a pooler keeps', async () => {
      const holder = await holding(`select pg_advisory_lock(hashtext('pg-lsh migrate'))`)
      const waits: LockWait[] = []
      const migrating = migrate(database.store, { onWait: (wait) => waits.push(wait) })
      while (waits.length === 0) await setTimeout(50)
      await holder.query('select pg_advisory_unlock_all()')
      expect(await migrating).toEqual({ applied: [], installed: false })
      const text = describeLockWait(waits[0] as LockWait)
      expect(text).toContain('the lock of "pg-lsh migrate"')
      expect(text).toMatch(/idle since/)
      expect(text).toMatch(/A pooler may keep it.*select pg_terminate_backend\(\d+\);/)
    })

    it('reports nothing if it does not wait', async () => {
      const waits: LockWait[] = []
      await migrate(database.store, { onWait: (wait) => waits.push(wait) })
      expect(waits).toEqual([])
    })
  },
)

describe('describeLockWait', () => {
  it('describes a session that this role may not inspect, and a prepared transaction', () => {
    const hidden = { application: null, user: null, state: null, since: null }
    const said = (pid: number) =>
      describeLockWait({ what: 'table x', seconds: 9, holders: [{ pid, ...hidden }] })
    expect(said(12)).toBe(
      'waiting for table x for 9 s: held by process 12, which this role may not inspect\n' +
        '  Wait for it, or end it: select pg_terminate_backend(12);',
    )
    expect(said(0)).toBe(
      'waiting for table x for 9 s: held by a prepared transaction: select * from pg_prepared_xacts;',
    )
  })
})
