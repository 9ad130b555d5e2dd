import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { LshError } from '../core/errors.js'
import { isConnectionError, isPgError } from '../store/connection/errors.js'

/** An error as reported to a client: the fields of RFC 9457, with a code for programs and a hint for users. */
export interface Problem {
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly code: string
  readonly hint: string
}

type Refusal = Omit<Problem, 'code'>

/** Codes of this package, whose messages may be shown. */
const OWN: Readonly<Record<string, Pick<Problem, 'status' | 'title'>>> = {
  LSH01: { status: 404, title: 'Not found' },
  LSH02: { status: 400, title: 'Another length' },
  LSH03: { status: 409, title: 'Not ready' },
  P0002: { status: 404, title: 'Not found' },
  bad_input: { status: 422, title: 'Unreadable file' },
  bad_usage: { status: 400, title: 'Bad request' },
  backend: { status: 503, title: 'No numerical back end' },
}

const BUSY: Refusal = {
  status: 503,
  title: 'Database unavailable',
  detail: 'the database does not answer',
  hint: 'Try again in a moment; "pg-lsh doctor" checks the connection.',
}

const WRONG_VALUE: Refusal = {
  status: 400,
  title: 'Bad request',
  detail: 'the database refuses a value of this request',
  hint: 'Check the names and numbers of the request.',
}

/**
 * By SQLSTATE, or by its class, the first two characters. PostgreSQL's messages are not shown, because they may contain
 * values of a table.
 */
const STATES: Readonly<Record<string, Refusal>> = {
  '08': BUSY,
  '22': WRONG_VALUE,
  '25006': {
    status: 403,
    title: 'Read only',
    detail: 'the explorer only reads',
    hint: 'Change the database with the command line or SQL.',
  },
  '40': BUSY,
  '42501': {
    status: 403,
    title: 'Permission denied',
    detail: 'the role of the database may not read this',
    hint: 'Let the owner of the database run "pg-lsh grant reader ROLE", or connect as another role.',
  },
  '42P01': {
    status: 404,
    title: 'Not found',
    detail: 'a table of the request does not exist, or no longer exists',
    hint: 'Load the page again.',
  },
  '53': BUSY,
  '54': WRONG_VALUE,
  '55': BUSY,
  '57': BUSY,
  '57014': {
    status: 504,
    title: 'Too slow',
    detail: 'the database took longer than the time limit of a request',
    hint: 'Request less, or give "pg-lsh serve" a longer --timeout.',
  },
}

/** Describes an error in words that may leave the server. */
export function problemOf(error: unknown): Problem {
  if (error instanceof HTTPException)
    return {
      status: error.status,
      title: 'Refused',
      detail: error.message,
      code: `http_${error.status}`,
      hint: 'The description of the API is at /api/v1/openapi.json.',
    }
  if (error instanceof LshError) {
    const { code, message, hint, cause } = error
    if (code === 'database' && cause !== undefined) return problemOf(cause)
    const own = OWN[code]
    if (own !== undefined) return { ...own, detail: message, code, hint }
  }
  if (isPgError(error)) {
    const { code, message, hint } = error
    const own = OWN[code]
    // Raised by functions of this package, with messages for users.
    if (own !== undefined && hint) return { ...own, detail: message, code, hint }
    const known = STATES[code] ?? STATES[code.slice(0, 2)]
    if (known !== undefined) return { ...known, code }
  }
  if (error instanceof Error && isConnectionError(error)) return { ...BUSY, code: 'database' }
  return {
    status: 500,
    title: 'Internal error',
    detail: 'an unexpected error occurred in the server',
    code: 'internal',
    hint: 'The output of "pg-lsh serve" shows it.',
  }
}

/** A problem as the response to a request. */
export function answerProblem(context: Context, problem: Problem): Response {
  return context.body(JSON.stringify({ type: 'about:blank', ...problem }), {
    status: problem.status as 400,
    headers: { 'content-type': 'application/problem+json' },
  })
}
