import { LshError, type LshErrorCode } from '../core/errors.js'

const OWN_CODES: readonly string[] = ['LSH01', 'LSH02', 'LSH03'] satisfies LshErrorCode[]

/** Hints for errors whose message alone does not say what to type. */
const HINTS: Readonly<Record<string, string>> = {
  '3F000': 'The schema is missing: run "pg-lsh migrate" on this database.',
  '42P01': 'The table is missing: run "pg-lsh migrate" on this database.',
  '42883': 'The function is missing: run "pg-lsh migrate" on this database.',
  '42501': 'Ask the owner of the database for the privilege named.',
  '53100': 'Free space on the disk of the database, then run the same command again.',
  '57014': 'The statement was cancelled or timed out; run the same command again.',
}

/** Whether an error came from PostgreSQL, which always names an SQLSTATE. */
export function isPgError(error: unknown): error is Error & { code: string; hint?: string } {
  return (
    error instanceof Error &&
    'severity' in error &&
    typeof (error as { code?: unknown }).code === 'string'
  )
}

/** The error of a database as one of ours, its SQLSTATE and hint kept; any other error as it is. */
export function fromPgError(error: unknown): unknown {
  if (!isPgError(error)) return error
  const code = OWN_CODES.includes(error.code) ? (error.code as LshErrorCode) : 'database'
  return new LshError(code, `${error.message} (SQLSTATE ${error.code})`, {
    hint: hintOf(error) ?? 'Run "pg-lsh doctor" to see what the database lacks.',
    cause: error,
  })
}

/** The server's own hint, but where ours says more: "Check free disk space." */
function hintOf({ code, hint }: { code: string; hint?: string }): string | undefined {
  return code === '53100' ? HINTS[code] : (hint ?? HINTS[code])
}
