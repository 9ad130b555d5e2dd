/** One client of a torture run: random searches, statements and transactions. */
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { random } from '../../src/core/random.js'
import { ALWAYS_EXPECTED, CONNECTION_LOST, operationOf, type Operation } from './operations.js'
import { checkedSearch } from './searches.js'
import type { Tally } from './tally.js'
import type { World } from './world.js'

const LEVELS = ['read committed', 'read committed', 'repeatable read', 'serializable']

export interface Client {
  /** Works until the time `ends`, in milliseconds since 1970. */
  run(ends: number): Promise<void>
}

export function openClient(url: string, world: World, seed: number, tally: Tally): Client {
  const source = random(seed)
  let client: pg.Client | undefined

  async function connection(): Promise<pg.Client> {
    if (client) return client
    const fresh = new pg.Client({ connectionString: url })
    fresh.on('error', () => (client = undefined))
    await fresh.connect()
    await fresh.query(`set statement_timeout = '60s'; set lock_timeout = '20s'`)
    return (client = fresh)
  }

  async function turn(): Promise<void> {
    const open = await connection()
    const dice = source.uniform()
    if (dice < 0.35) return search(open)
    if (dice < 0.65) return one(open)
    return transaction(open)
  }

  async function search(open: pg.Client): Promise<void> {
    try {
      const wrong = await checkedSearch(open, world, source)
      if (wrong !== null) tally.wrong(wrong)
      tally.done('search')
    } catch (error) {
      await undo(open)
      tally.failed('search', error, ALWAYS_EXPECTED)
    }
  }

  async function one(open: pg.Client): Promise<void> {
    const operation = operationOf(world, source, false)
    try {
      await open.query(operation.text)
      tally.done(operation.kind)
    } catch (error) {
      tally.failed(operation.kind, error, [...ALWAYS_EXPECTED, ...operation.expected])
    }
  }

  /** Runs one to five statements, some after savepoints, and commits or rolls back. */
  async function transaction(open: pg.Client): Promise<void> {
    let running: Operation | undefined
    try {
      await open.query(`begin isolation level ${LEVELS[source.integer(0, LEVELS.length - 1)]}`)
      for (let left = source.integer(1, 5); left > 0; left--) {
        const saved = source.uniform() < 0.4
        if (saved) await open.query('savepoint s')
        running = operationOf(world, source, true)
        await open.query(running.text)
        tally.done(running.kind)
        if (saved) await open.query(source.uniform() < 0.5 ? 'rollback to s' : 'release s')
      }
      await open.query(source.uniform() < 0.8 ? 'commit' : 'rollback')
      tally.done('transaction')
    } catch (error) {
      await undo(open)
      tally.failed(running?.kind ?? 'begin', error, [
        ...ALWAYS_EXPECTED,
        ...(running?.expected ?? []),
      ])
    }
  }

  /** Rolls back. A failure is ignored here: the next statement on a lost connection fails and is counted. */
  async function undo(open: pg.Client): Promise<void> {
    await open.query('rollback').catch(() => undefined)
  }

  return {
    async run(ends) {
      while (Date.now() < ends) {
        try {
          await turn()
        } catch (error) {
          tally.failed('connect', error, CONNECTION_LOST)
          await sleep(source.integer(20, 200))
        }
      }
      await client?.end().catch(() => undefined)
    },
  }
}
