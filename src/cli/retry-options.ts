import type { RetryOptions } from '../store/connection/retry.js'
import type { Context } from './context.js'
import { duration } from './progress.js'

/** Retry options of the user, with a message for each pause. */
export function retryOptions(
  { output, signal }: Context,
  { retry }: { retry?: number },
): RetryOptions {
  const onPause = (reason: string, pause: number) =>
    output.warn(`lost connection to the database: ${reason}; trying again in ${duration(pause)}`)
  return { signal, onPause, ...(retry !== undefined && { seconds: retry }) }
}
