import { setTimeout } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import { random } from '../../../src/core/random.js'
import { openStore, type Store } from '../../../src/store/connection/connect.js'
import { isPassing } from '../../../src/store/connection/retry.js'
import { onServer } from '../../database.js'
import { openProxy, type Proxy } from './proxy.js'

/** A call whose connection is lost at each of its steps. */
export interface LostCall {
  /** Runs the call on a store that goes through the proxy, whose URL is also given. */
  readonly run: (store: Store, url: string) => Promise<unknown>
  /** Prepares the database for the call, over a connection of its own. (Default: no preparation) */
  readonly before?: (store: Store) => Promise<unknown>
  /** The state that must be the same as after an undisturbed call. (Default: the result of the call) */
  readonly after?: (store: Store) => Promise<unknown>
}

export interface LosingOptions {
  /** Moments on each side. (Default: 4, or 12 with PG_LSH_SLOW) */
  moments?: number
  seed: number
}

/** Milliseconds that a call may take after it has lost its connection. */
const LONGEST = 20_000

/**
 * Loses the connection of a call at many moments, one per run: after a message of either side or in its middle, by an
 * end, by a reset, and because the server terminates it. Each time the call must settle, and an error must say that the
 * database was away. No error may remain unhandled, and a repeated call must end as an undisturbed one does.
 */
export async function loseAtEachStep(
  place: string,
  call: LostCall,
  { moments = process.env.PG_LSH_SLOW === '1' ? 12 : 4, seed }: LosingOptions,
): Promise<{ runs: number; lost: number }> {
  const strays = collectStrays()
  const proxy = await openProxy(place)
  const direct = await openStore(withName(place, 'direct'))
  const store = await openStore(proxy.url)
  const source = random(seed)
  const result = async (value: unknown) => (call.after ? call.after(direct) : value)
  try {
    await call.before?.(direct)
    proxy.watch()
    const expected = await result(await call.run(store, proxy.url))
    const counts = proxy.counts()
    let [runs, lost] = [0, 0]
    for (const side of ['client', 'server'] as const)
      for (const message of spread(counts[side], moments)) {
        const moment = { side, message, part: source.integer(0, 2) === 0 ? 0.5 : 1 } as const
        const how = (['end', 'reset', 'terminate'] as const)[source.integer(0, 3)]!
        const where = `${side} message ${message} of ${counts[side]}, part ${moment.part}, ${how}`
        await call.before?.(direct)
        let losing = Promise.resolve()
        proxy.watch(moment, () => (losing = lose(proxy, place, how)))
        const settled = await settle(call.run(store, proxy.url), where)
        await losing
        proxy.watch()
        runs++
        if (settled.status === 'rejected') {
          lost++
          expect(isPassing(settled.reason), `${where}: ${String(settled.reason)}`).toBe(true)
        }
        await setTimeout(20)
        expect(strays, where).toEqual([])
        const again = await settle(call.run(store, proxy.url), `again after ${where}`)
        if (again.status === 'rejected') throw again.reason
        expect(await result(again.value), where).toEqual(expected)
      }
    return { runs, lost }
  } finally {
    // Closing would wait for a connection that was never released.
    await settle(store.close(), 'close')
    await direct.close()
    await setTimeout(20)
    expect(strays).toEqual([])
  }
}

function withName(place: string, name: string): string {
  const url = new URL(place)
  url.searchParams.set('application_name', name)
  return url.toString()
}

/** All numbers up to a count, or a selection of the wanted size that includes the first and the last. */
function spread(count: number, wanted: number): number[] {
  if (count <= wanted) return Array.from({ length: count }, (_, i) => i + 1)
  return Array.from({ length: wanted }, (_, i) => 1 + Math.round((i * (count - 1)) / (wanted - 1)))
}

async function lose(proxy: Proxy, place: string, how: 'end' | 'reset' | 'terminate') {
  if (how !== 'terminate') {
    proxy.cut(5, how)
    return
  }
  await onServer(place, (admin) =>
    admin.query(
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and application_name = 'pg-lsh'
         and client_port <> 0 and backend_type = 'client backend'`,
    ),
  )
}

async function settle(work: Promise<unknown>, where: string) {
  const late = new AbortController()
  const [settled] = await Promise.race([
    Promise.allSettled([work]),
    setTimeout(LONGEST, undefined, { signal: late.signal }).then(() => {
      throw new Error(`the call never settled: ${where}`)
    }),
  ])
  late.abort()
  return settled
}

/** Collects unhandled errors and rejections until the test ends. */
export function collectStrays(): unknown[] {
  const strays: unknown[] = []
  const collect = (error: unknown) => strays.push(error)
  for (const event of ['unhandledRejection', 'uncaughtException'] as const) {
    process.on(event, collect)
    onTestFinished(() => void process.off(event, collect))
  }
  return strays
}
