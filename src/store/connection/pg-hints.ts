/** The part of a PostgreSQL error that determines the hint. */
export interface PgReport {
  readonly code: string
  readonly message: string
  readonly hint?: string | undefined
  /** Position in the statement, from 1, if known. */
  readonly position?: string | undefined
}

const MIGRATE =
  'It belongs to pg-lsh: run "pg-lsh migrate" to upgrade this database to this version.'
/** Only for errors about missing features: the versions do not explain other errors. */
const DOCTOR =
  'The server lacks it or has another version: "pg-lsh doctor" shows the installed versions and what to install.'
const LOG = 'The server itself failed: read its log.'
const LOOK_UP = 'Look up its SQLSTATE in the manual of PostgreSQL, under "Error Codes".'

/** Hints by SQLSTATE, or by its class, which is the first two characters. */
const HINTS: Readonly<Record<string, string>> = {
  '08': 'Check that the server runs and can be reached, then run the same command again.',
  '0A': 'PostgreSQL does not support this: rewrite the statement.',
  '0B': 'Run it again in a separate transaction.',
  '22': 'Check the values: their types, lengths and dimensions must match the columns.',
  '23': 'A row violates a constraint of its table: change the row. In psql, "\\d TABLE" lists the constraints.',
  '23505': 'A row with that key already exists: give another key, or replace the row.',
  '25006':
    'This server accepts no writes, for example because it is a standby: connect to the primary.',
  '25': 'Commit or roll back the open transaction, then run it again.',
  '28': 'Check user and password in the URL, and which connections the server accepts (pg_hba.conf).',
  '3D': 'Check the name of the database in the URL, or create it: "createdb NAME".',
  '3F': 'Check the name of the schema: "\\dn" in psql lists them.',
  '40': 'It conflicted with another transaction: run the same command again.',
  '42': 'Check the statement: its names, types and columns.',
  '42501': 'Ask the owner of the database for the missing privilege.',
  '42704': 'Check its name, and that its schema is on the search_path: "show search_path".',
  '42883':
    'Check the name and the types of the arguments; if its schema is not on the search_path, put the schema before the name.',
  '42P01':
    'Check its name; if its schema is not on the search_path, put the schema before the name: "app.document".',
  '53': 'The server lacks resources for it, such as memory: free some, then run the same command again.',
  '53100': 'Free space on the disk of the database, then run the same command again.',
  '53300': 'Close other connections, or raise max_connections of the server.',
  '54': 'It exceeds a limit of PostgreSQL: request less at once.',
  '55': 'Another session uses it: wait for that session, then run the same command again.',
  '57': 'The server ended it: run the same command again once the server is up.',
  '57014': 'The statement was cancelled or timed out: run the same command again.',
  '58': LOG,
  F0: LOG,
  P0: 'A function or trigger of the database raised it: ask its author.',
  XX: LOG,
}

/**
 * Names that `pg-lsh migrate` creates, such as `lsh.index` and "lsh", but not spaces and code tables, which users
 * create.
 */
const OUR_NAME = /(?<![\w.])(?:lsh|cbir)(?:\.|")/
/** SQLSTATEs of a missing schema, table, function, object or column. */
const MISSING_STATES: readonly string[] = ['3F000', '42P01', '42883', '42704', '42703']

/** Messages about a missing extension or library. */
const MISSING_EXTENSION = /\bextension "|\$libdir|access method "(?:hnsw|ivfflat)"/

/**
 * Hint for an error of PostgreSQL. For a missing object of pg-lsh or pgvector it says how to create it; otherwise it is
 * the hint of the server if there is one, or that of its SQLSTATE.
 */
export function pgHint({ code, message, hint, position }: PgReport): string {
  if (MISSING_STATES.includes(code) && OUR_NAME.test(message))
    return code === '42883' && hint ? `${hint} ${MIGRATE}` : MIGRATE
  if (code === '42704' && message.includes('"vector"'))
    return 'It belongs to pgvector: run "create extension vector". The schema of the extension must be on the search_path.'
  if (['0A000', '58P01', '42704'].includes(code) && MISSING_EXTENSION.test(message)) return DOCTOR
  if (code === '42P01' && /\bspace\./.test(message))
    return 'List the spaces: pg-lsh sql "select name from cbir.space".'
  if (hint && code !== '53100') return hint
  const general = HINTS[code] ?? HINTS[code.slice(0, 2)] ?? LOOK_UP
  return position !== undefined && code.startsWith('42')
    ? `${general} It is at character ${position} of the statement.`
    : general
}
