import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { LshError } from '../../core/errors.js'
import { makeFolder } from '../../core/make-folder.js'

/** Major version of the PostgreSQL in PGlite, which only opens files of that version. */
export const EMBEDDED_MAJOR = '18'

/** Directories within the directory of a database: the files of PostgreSQL, and those of a database being created. */
export const FILES = { data: 'data', fresh: 'data.new' } as const

/** Files of a PostgreSQL data directory, complete or partial. */
const POSTGRESQL = /^(base|global|pg_.*|PG_VERSION|postgresql(\.auto)?\.conf|postmaster\..*)$/
/** Files that do not count as content: hidden files, those of the file system, and locks of this package. */
const IGNORED = /^(\..*|lost\+found|lock(\..*)?)$/

/**
 * Checks, before anything is written, whether a directory holds a database of the embedded engine, or nothing, so that
 * one may be created there.
 *
 * @throws LshError `bad_usage` for a file or a directory with other content, `database` for files that this version
 *   cannot open. Existing files are never changed, and hints never tell the user to delete them.
 */
export async function inspectDirectory(directory: string): Promise<'database' | 'nothing'> {
  const entries = await entriesOf(directory)
  if (entries.includes(FILES.data)) {
    await assertFiles(directory)
    return 'database'
  }
  if (entries.includes('PG_VERSION')) throw await isDataItself(directory)
  if (entries.includes(FILES.fresh)) {
    const strange = (await entriesOf(join(directory, FILES.fresh))).filter(isStrange)
    if (strange.length > 0)
      throw refuse(
        `${join(directory, FILES.fresh)} holds ${some(strange)}, which are not files of a database`,
        `New databases are created under that name: rename it, or give another directory with --db.`,
      )
  }
  const others = entries.filter((name) => !IGNORED.test(name) && name !== FILES.fresh)
  if (others.length > 0)
    throw refuse(
      `${directory} holds ${some(others)}, but no database`,
      `Give a database a directory of its own: --db ${join(directory, 'pg-lsh')}.`,
    )
  return 'nothing'
}

/** Creates a directory for a database. */
export async function makeDirectory(directory: string): Promise<void> {
  try {
    await makeFolder(directory)
  } catch (cause) {
    throw fromFileError(directory, cause)
  }
}

/** Error for a missing database that must not be created. */
export function noDatabase(directory: string): LshError {
  return new LshError('database', `there is no database in ${directory}`, {
    hint: `Name your directory or URL with --db or DATABASE_URL. "pg-lsh load" creates a database, and so does "pg-lsh migrate --db ${directory}".`,
  })
}

/** Converts an error of the file system to an LshError with a hint; returns any other error unchanged. */
export function fromFileError(directory: string, error: unknown): unknown {
  const { code = '' } = error as NodeJS.ErrnoException
  switch (code) {
    case 'EEXIST':
    case 'ENOTDIR':
      return refuse(
        `${directory} is a file, or lies below one`,
        'An embedded database is a directory: give another one with --db, or a URL: postgres://….',
        error,
      )
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return refuse(
        `this user may not write to ${directory}`,
        'An embedded database writes into its directory even for a search: change its owner or permissions, copy it to where you may write, or give another one with --db.',
        error,
      )
    case 'ENOENT':
      return refuse(
        `${directory} cannot be created: a folder above it is missing or not accessible`,
        'Create that folder, or give another directory with --db.',
        error,
      )
    case 'ENOSPC':
    case 'EDQUOT':
      return new LshError('database', `there is no space left for ${directory}`, {
        hint: 'Free space on its disk, then run the same command again: what was committed is still there.',
        cause: error,
      })
    default:
      return error
  }
}

async function entriesOf(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw fromFileError(directory, error)
  }
}

/** @throws LshError unless the files belong to a PostgreSQL of this version. */
async function assertFiles(directory: string): Promise<void> {
  const data = join(directory, FILES.data)
  if (!(await stat(data)).isDirectory())
    throw refuse(
      `${data} is a file`,
      `The files of a database are kept in a directory of that name: give another one with --db.`,
    )
  const entries = await entriesOf(data)
  const version = (await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => '')).trim()
  // Without this file the engine would treat the directory as empty and overwrite it with a new database.
  if (version === '')
    throw entries.some((name) => POSTGRESQL.test(name))
      ? damaged(directory, 'PG_VERSION is missing or empty')
      : refuse(
          `${data} is not a directory of a database`,
          `Databases keep their files under that name: rename it, or give another directory with --db.`,
        )
  if (version !== EMBEDDED_MAJOR) throw otherMajor(directory, version)
}

/** Error for files of an embedded database that the engine cannot read. */
export function damaged(directory: string, problem: string, cause?: unknown): LshError {
  return new LshError(
    'database',
    `the files of the embedded database in ${directory} are damaged: ${problem}`,
    {
      hint: `Keep them, and copy the whole directory before you try anything. Use a backup, or load the plans again into another directory: --db ${directory}-2.`,
      cause,
    },
  )
}

function otherMajor(directory: string, version: string): LshError {
  return new LshError(
    'database',
    `the embedded database in ${directory} was created by PostgreSQL ${version}, but this is PostgreSQL ${EMBEDDED_MAJOR}`,
    {
      hint: `Keep it: the version of pg-lsh that created it can still open it. With that version, "pg-lsh export" writes plans and features into files; load them with this version into another directory: --db ${directory}-${EMBEDDED_MAJOR}.`,
    },
  )
}

/** Error for a data directory of PostgreSQL, given instead of the directory above it. */
async function isDataItself(directory: string): Promise<LshError> {
  const above = dirname(directory)
  const ours =
    basename(directory) === FILES.data &&
    (await readFile(join(directory, 'PG_VERSION'), 'utf8')).trim() === EMBEDDED_MAJOR
  return refuse(
    `${directory} is itself a data directory of PostgreSQL`,
    ours
      ? `If it belongs to an embedded database, name the directory above it: --db ${above}.`
      : 'Start its server and give its URL, postgres://…, or give another directory with --db.',
  )
}

/** Whether a file belongs neither to PostgreSQL nor to this package. */
function isStrange(name: string): boolean {
  return !POSTGRESQL.test(name) && !IGNORED.test(name)
}

/** At most three names, and the number of the others. */
function some(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ')
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown
}

function refuse(message: string, hint: string, cause?: unknown): LshError {
  return new LshError('bad_usage', message, { hint, cause })
}
