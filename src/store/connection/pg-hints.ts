/** The part of a PostgreSQL error that determines the hint. */
export interface PgReport {
  readonly code: string
  readonly message: string
  readonly hint?: string | undefined
  /** Position in the statement, from 1, if known. */
  readonly position?: string | undefined
}

const OLDER =
  'It belongs to pg-lsh: run "pg-lsh migrate" on this database, which brings it to this version.'
/** For errors about missing features: checking the versions does not help with other errors. */
const DOCTOR =
  'The server lacks it, or has another version: "pg-lsh doctor" says which it has, and what to install.'
const LOG = 'The server itself failed: read its log.'
const NEXT = 'Look it up by its SQLSTATE in the manual of PostgreSQL, under "Error Codes".'

/** By SQLSTATE, or by its class, the first two characters. */
const HINTS: Readonly<Record<string, string>> = {
  '08': 'Check that the server runs and can be reached, then run the same command again.',
  '0A': 'PostgreSQL does not support this: write the statement in another way.',
  '0B': 'Run it again, in a transaction of its own.',
  '22': 'Check the values that were given: their types, lengths and dimensions must match the columns.',
  '23': 'A row breaks a rule of its table: change the row, or look at the rules by "\\d" in psql.',
  '23505': 'A row with that key already exists: give another key, or replace the row.',
  '25006':
    'This server accepts no writes, for example because it is a standby: connect to the primary.',
  '25': 'End the transaction that is open, by commit or rollback, and run it again.',
  '28': 'Check user and password in the URL, and which connections the server accepts (pg_hba.conf).',
  '3D': 'Check the name of the database in the URL, or create it: "createdb NAME".',
  '3F': 'Check the name of the schema: "\\dn" in psql lists them.',
  '40': 'Another transaction was in the way: run the same command again.',
  '42': 'Check the statement: its names, types and columns.',
  '42501': 'Ask the owner of the database for the privilege named.',
  '42704': 'Check its name, and that its schema is on the search_path: "show search_path".',
  '42883':
    'Check name and types of the arguments; a function of another schema needs it before its name.',
  '42P01': 'Check its name; a table of another schema needs it before its name: "app.document".',
  '53': 'The server has no room left for it: free some, then run the same command again.',
  '53100': 'Free space on the disk of the database, then run the same command again.',
  '53300': 'Close other connections, or raise max_connections of the server.',
  '54': 'It exceeds a limit of PostgreSQL: request less at once.',
  '55': 'Another session uses it: wait for that session, then run the same command again.',
  '57': 'The server ended it; run the same command again once it is up.',
  '57014': 'The statement was cancelled or timed out; run the same command again.',
  '58': LOG,
  F0: LOG,
  P0: 'The database raised it on purpose: ask the author of the function or trigger.',
  XX: LOG,
}

/**
 * Names that `pg-lsh migrate` creates, such as `lsh.index` and "lsh", without spaces and code tables, which users
 * create.
 */
const OURS = /(?<![\w.])(?:lsh|cbir)(?:\.|")/
/** What is missing where one of them is not found. */
const MISSING: readonly string[] = ['3F000', '42P01', '42883', '42704', '42703']

/** Messages about a missing extension or library. */
const LACKING = /\bextension "|\$libdir|access method "(?:hnsw|ivfflat)"/

/** Hint for an error of PostgreSQL: its own hint if it has one. */
export function pgHint({ code, message, hint, position }: PgReport): string {
  const lost = MISSING.includes(code)
  if (lost && OURS.test(message)) return code === '42883' && hint ? `${hint} ${OLDER}` : OLDER
  if (code === '42704' && message.includes('"vector"'))
    return 'It is of pgvector: "create extension vector" makes it; its schema has to be on the search_path.'
  if (['0A000', '58P01', '42704'].includes(code) && LACKING.test(message)) return DOCTOR
  if (code === '42P01' && /\bspace\./.test(message))
    return 'List the spaces: pg-lsh sql "select name from cbir.space".'
  if (hint && code !== '53100') return hint
  const ours = HINTS[code] ?? HINTS[code.slice(0, 2)] ?? NEXT
  return position !== undefined && code.startsWith('42')
    ? `${ours} It is at character ${position} of the statement.`
    : ours
}
