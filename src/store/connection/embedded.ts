import { PGlite } from '@electric-sql/pglite'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import { vector } from '@electric-sql/pglite-pgvector'
import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { LshError } from '../../core/errors.js'
import {
  damaged,
  FILES,
  fromFileError,
  inspectDirectory,
  makeDirectory,
  noDatabase,
} from './data-directory.js'
import { claimLock } from './lock.js'
import type { TypeParsers } from './types.js'

/** PostgreSQL inside this process, behind the same pool as for a server. */
export interface Embedded {
  readonly pool: pg.Pool
  /** The engine itself: COPY bypasses the pool, because PGlite cannot stream into `copy … from stdin`. */
  readonly engine: PGlite
  readonly close: () => Promise<void>
}

/**
 * Opens the embedded database of a directory, or creates one. The pool holds one connection, because PGlite has one
 * session: inside a transaction, use only the handle of the transaction.
 *
 * @param create - whether to create a missing database
 * @throws LshError `locked` if another process has the directory open, `database` if there is no database or it cannot
 *   be opened, `bad_usage` for a directory with other content.
 */
export async function openEmbedded(
  directory: string,
  types: TypeParsers,
  create: boolean,
): Promise<Embedded> {
  if ((await inspectDirectory(directory)) === 'nothing') {
    if (!create) throw noDatabase(directory)
    await makeDirectory(directory)
  }
  const release = await claimLock(join(directory, 'lock')).catch((error: unknown) => {
    throw fromFileError(directory, error)
  })
  try {
    const engine = await startEngine(directory)
    const pool = new pg.Pool(Object.assign(createPgConfig(engine), { max: 1, types }))
    const close = async () => {
      // A failed query rejects before the engine has processed its last message, and closing the engine at that point
      // would crash the process. A further query waits for that message. It is "rollback", because a statement of the
      // caller may have left a transaction open.
      try {
        await pool.query('rollback')
        await pool.end()
        await engine.close()
      } finally {
        await release()
      }
    }
    return { pool, engine, close }
  } catch (error) {
    await release()
    throw error
  }
}

async function startEngine(directory: string): Promise<PGlite> {
  const data = join(directory, FILES.data)
  if (!existsSync(data)) {
    // Created under another name and then renamed, so that a killed run leaves nothing that looks like a database.
    const fresh = join(directory, FILES.fresh)
    try {
      await rm(fresh, { recursive: true, force: true })
    } catch (error) {
      throw fromFileError(directory, error)
    }
    const engine = await start(directory, fresh)
    await engine.close()
    await rename(fresh, data)
  }
  return start(directory, data)
}

async function start(directory: string, data: string): Promise<PGlite> {
  const messages: string[] = []
  const onStderr = (text: string) => {
    messages.push(text)
    return false
  }
  try {
    return await PGlite.create(data, { extensions: { vector }, onStderr })
  } catch (cause) {
    throw notStarted(directory, messages, cause)
  }
}

/** Error for an engine that did not start, with the reason from the messages of PostgreSQL. */
function notStarted(directory: string, messages: readonly string[], cause: unknown): unknown {
  const fatal = messages.flatMap((line) => /(?:FATAL|PANIC|DETAIL): +(.*)/.exec(line)?.[1] ?? [])
  const reason = fatal.join('; ')
  if (/no space left on device/i.test(messages.join('\n')))
    return fromFileError(directory, Object.assign(new Error(reason, { cause }), { code: 'ENOSPC' }))
  if (reason.includes('checkpoint record'))
    return damaged(directory, `its write-ahead log (data/pg_wal) is incomplete; ${reason}`, cause)
  if (reason !== '') return damaged(directory, reason, cause)
  const error = fromFileError(directory, cause)
  if (error instanceof LshError) return error
  return new LshError('database', `the embedded database in ${directory} cannot be opened`, {
    hint: 'Keep it as it is. Check that its disk is not full and that you may write to it; DEBUG=1 shows the messages of the engine.',
    cause: new Error([(cause as Error).message, ...messages].join('\n'), { cause }),
  })
}
