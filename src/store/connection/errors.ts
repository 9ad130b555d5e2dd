import { LshError, type LshErrorCode } from '../../core/errors.js'
import { pgHint, type PgReport } from './pg-hints.js'

const OWN_CODES: readonly string[] = ['LSH01', 'LSH02', 'LSH03'] satisfies LshErrorCode[]

/** Error codes of the network and of streams over it. */
const CONNECTION_CODES: readonly string[] = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ERR_STREAM_DESTROYED',
  'ENOTFOUND',
  'EAI_AGAIN',
]
/** Errors of the driver that have no code. */
const CONNECTION_MESSAGES =
  /connection terminated|connection error|not queryable|client was closed|timeout exceeded when trying to connect/i

/** Whether an error means that a connection was lost or could not be opened. */
export function isConnectionError(error: Error): boolean {
  const { code } = error as { code?: unknown }
  if (typeof code === 'string' && CONNECTION_CODES.includes(code)) return true
  return CONNECTION_MESSAGES.test(error.message)
}

/** Whether an error came from PostgreSQL, which always names an SQLSTATE. */
export function isPgError(error: unknown): error is Error & PgReport {
  return (
    error instanceof Error &&
    'severity' in error &&
    typeof (error as { code?: unknown }).code === 'string'
  )
}

/**
 * Converts an error of the database, with its SQLSTATE and hint, or of a lost connection to an LshError; returns any
 * other error unchanged.
 */
export function fromPgError(error: unknown): unknown {
  if (!isPgError(error)) {
    if (!(error instanceof Error) || error instanceof LshError || !isConnectionError(error))
      return error
    return new LshError('database', `lost connection to the database: ${reasonOf(error)}`, {
      hint: 'Run the same command again once the server is back; what was committed is still there.',
      cause: error,
    })
  }
  const code = OWN_CODES.includes(error.code) ? (error.code as LshErrorCode) : 'database'
  return new LshError(code, `${error.message} (SQLSTATE ${error.code})`, {
    hint: pgHint(error),
    cause: error,
  })
}

/** The message of a thrown value; a refused connection may only have the messages of its attempts. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '')
    return error.errors.map(reasonOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}
