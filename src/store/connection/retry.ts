import { setTimeout } from 'node:timers/promises'
import { isConnectionError, isPgError, reasonOf } from './errors.js'
import type { Store } from './connect.js'

export interface RetryOptions {
  /** Seconds to wait for an unavailable database before the work fails. (Default: 60) */
  seconds?: number
  /**
   * Called before each pause with the message of the error and the milliseconds until the next attempt. (Default: none)
   */
  onPause?: (reason: string, pause: number) => void
  /** Ends a pause at once and rejects with its reason. (Default: none) */
  signal?: AbortSignal
}

/** First and longest pause in milliseconds; each pause is twice the previous one. */
const PAUSE = { first: 250, longest: 8000 } as const

/**
 * SQLSTATE classes of lost connections and shutdowns, of missing memory, disk space or connections, and of transaction
 * conflicts.
 */
const PASSING_STATES = /^(08...|57P0[1-5]|53[1-3]00|40001|40P01)$/

/**
 * Runs work, and runs it again after a pause while a server is unavailable, restarts, lacks resources or reports a
 * transaction conflict. The work must be one transaction, or safe to repeat. On the embedded engine it runs once, because
 * that engine is available as long as its process runs.
 *
 * @throws the error of the work, if it is of another kind or the time is over
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

/** Whether an error means that the database is temporarily unavailable, and not that it refused the work. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (isPgError(error)) return PASSING_STATES.test(error.code)
  return isConnectionError(error) || isPassing(error.cause)
}
