import type { RetryOptions } from '../store/connection/retry.js'
import type { Context } from './context.js'
import { duration } from './progress.js'

/** Pauses as the user asked for while a server is away, told as they happen. */
export function retryOptions(
  { output, signal }: Context,
  { retry }: { retry?: number },
): RetryOptions {
  const onPause = (reason: string, pause: number) =>
    output.warn(`lost connection to the database: ${reason}; trying again in ${duration(pause)}`)
  return { signal, onPause, ...(retry !== undefined && { seconds: retry }) }
}
