import { setTimeout } from 'node:timers/promises'
import { isConnectionError, isPgError, reasonOf } from './errors.js'
import type { Store } from './connect.js'

export interface RetryOptions {
  /** Seconds that the database may be away before the work fails. (Default: 60) */
  seconds?: number
  /** Told before each pause: what went wrong, and the milliseconds until the next try. (Default: nobody is told) */
  onPause?: (reason: string, pause: number) => void
  /** Ends a pause at once; the promise rejects with its reason. (Default: none) */
  signal?: AbortSignal
}

/** Milliseconds of the first pause and of the longest; each is twice the one before. */
const PAUSE = { first: 250, longest: 8000 } as const

/** Connections and shutdowns, lack of memory, disk or connections, transactions that met another. */
const PASSING_STATES = /^(08...|57P0[1-5]|53[1-3]00|40001|40P01)$/

/**
 * Does a work that is one transaction, or may be done twice, until the database lets it: pauses while a
 * server is away, starts again or has no room left. The embedded engine goes away only with its process.
 */
export async function withRetry<T>(
  store: Pick<Store, 'engine'>,
  work: () => Promise<T>,
  options: RetryOptions = {},
): Promise<T> {
  const { seconds = 60, onPause, signal } = options
  let began: number | undefined
  for (let pause: number = PAUSE.first; ; pause = Math.min(PAUSE.longest, 2 * pause)) {
    try {
      return await work()
    } catch (error) {
      if (store.engine === 'embedded' || !isPassing(error)) throw error
      began ??= performance.now()
      const left = 1000 * seconds - (performance.now() - began)
      if (left <= 0) throw error
      const wait = Math.min(pause, left)
      onPause?.(reasonOf(error), wait)
      await setTimeout(wait, undefined, signal ? { signal } : {}).catch(() => undefined)
      signal?.throwIfAborted()
    }
  }
}

/** Whether an error says that lost connection to the database for now, and not that it refused. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (isPgError(error)) return PASSING_STATES.test(error.code)
  return isConnectionError(error) || isPassing(error.cause)
}
