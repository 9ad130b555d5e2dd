import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { LshError } from '../../core/errors.js'
import { makeFolder } from '../../core/make-folder.js'

/** Major version of the PostgreSQL inside PGlite: it opens the files of no other. */
export const EMBEDDED_MAJOR = '18'

/** Where PostgreSQL's files stand in the directory of a database, and where new ones are made. */
export const FILES = { data: 'data', fresh: 'data.new' } as const

/** What stands in the files of PostgreSQL, and in half of them. */
const POSTGRESQL = /^(base|global|pg_.*|PG_VERSION|postgresql(\.auto)?\.conf|postmaster\..*)$/
/** What may stand in any directory and is no content: of the system, or ours. */
const BESIDES = /^(\..*|lost\+found|lock(\..*)?)$/

/**
 * Looks at a directory before anything is written: whether it holds a database of the embedded engine, or nothing,
 * so that one may be made there.
 *
 * @throws LshError `bad_usage` for a file or a directory of something else, `database` for files that this version
 *   does not open; what is there is never touched, nor called useless
 */
export async function inspectDirectory(directory: string): Promise<'database' | 'nothing'> {
  const entries = await entriesOf(directory)
  if (entries.includes(FILES.data)) {
    await assertFiles(directory)
    return 'database'
  }
  if (entries.includes('PG_VERSION')) throw await notAbove(directory)
  if (entries.includes(FILES.fresh)) {
    const strange = (await entriesOf(join(directory, FILES.fresh))).filter(isStrange)
    if (strange.length > 0)
      throw refuse(
        `${join(directory, FILES.fresh)} holds ${some(strange)}, which are no files of a database`,
        `New databases are made under that name: rename it, or give another directory with --db.`,
      )
  }
  const others = entries.filter((name) => !BESIDES.test(name) && name !== FILES.fresh)
  if (others.length > 0)
    throw refuse(
      `${directory} holds ${some(others)}, and no database`,
      `Give a database a directory of its own: --db ${join(directory, 'pg-lsh')}.`,
    )
  return 'nothing'
}

/** Makes a directory that a database may be made in. */
export async function makeDirectory(directory: string): Promise<void> {
  try {
    await makeFolder(directory)
  } catch (cause) {
    throw fromFileError(directory, cause)
  }
}

/** That there is no database, where none is to be made. */
export function noDatabase(directory: string): LshError {
  return new LshError('database', `there is no database in ${directory}`, {
    hint: `Name your directory or URL with --db or DATABASE_URL. "pg-lsh load" makes one, and so does "pg-lsh migrate --db ${directory}".`,
  })
}

/** An error of the file system with its remedy; any other error as it is. */
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
        `${directory} cannot be made: a folder above it is missing or may not be used`,
        'Make that folder, or give another directory with --db.',
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

/** @throws LshError unless the files are those of a PostgreSQL of this version, its name on them. */
async function assertFiles(directory: string): Promise<void> {
  const data = join(directory, FILES.data)
  if (!(await stat(data)).isDirectory())
    throw refuse(
      `${data} is a file`,
      `The files of a database stand in a directory of that name: give another one with --db.`,
    )
  const entries = await entriesOf(data)
  const version = (await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => '')).trim()
  // Without it the engine takes the directory for an empty one, and makes a new database over what is there.
  if (version === '')
    throw entries.some((name) => POSTGRESQL.test(name))
      ? damaged(directory, 'PG_VERSION is missing or empty')
      : refuse(
          `${data} is no directory of a database`,
          `Databases keep their files under that name: rename it, or give another directory with --db.`,
        )
  if (version !== EMBEDDED_MAJOR) throw otherMajor(directory, version)
}

/** Files that are ours to read but cannot be. */
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
    `the embedded database in ${directory} was made by PostgreSQL ${version}, this is PostgreSQL ${EMBEDDED_MAJOR}`,
    {
      hint: `Keep it: the version of pg-lsh that created it can still open it. With that version, "pg-lsh export" writes plans and features into files; load them with this version into another directory: --db ${directory}-${EMBEDDED_MAJOR}.`,
    },
  )
}

/** Of the files of a PostgreSQL where the directory above them is wanted. */
async function notAbove(directory: string): Promise<LshError> {
  const above = dirname(directory)
  const ours =
    basename(directory) === FILES.data &&
    (await readFile(join(directory, 'PG_VERSION'), 'utf8')).trim() === EMBEDDED_MAJOR
  return refuse(
    `${directory} holds the files of a PostgreSQL themselves`,
    ours
      ? `If they are of an embedded database, name the directory above them: --db ${above}.`
      : 'Start its server and give its URL, postgres://…, or give another directory with --db.',
  )
}

function isStrange(name: string): boolean {
  return !POSTGRESQL.test(name) && !BESIDES.test(name)
}

function some(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ')
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown
}

function refuse(message: string, hint: string, cause?: unknown): LshError {
  return new LshError('bad_usage', message, { hint, cause })
}
