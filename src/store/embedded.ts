import { PGlite } from '@electric-sql/pglite'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import { vector } from '@electric-sql/pglite-pgvector'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { LshError } from '../core/errors.js'
import { claimLock } from './lock.js'
import type { TypeParsers } from './types.js'

/** PostgreSQL inside this process, behind the same pool that a server would have. */
export interface Embedded {
  readonly pool: pg.Pool
  /** The engine itself: COPY goes past the pool, since PGlite cannot stream into `copy … from stdin`. */
  readonly engine: PGlite
  readonly close: () => Promise<void>
}

/**
 * Opens, or creates, the embedded database of a directory. The pool holds one connection, because
 * PGlite has one session: inside a transaction only the transaction's own handle may be used.
 *
 * @throws LshError `locked` while another process has the directory open, `database` when it cannot be opened.
 */
export async function openEmbedded(directory: string, types: TypeParsers): Promise<Embedded> {
  await mkdir(directory, { recursive: true })
  const release = await claimLock(join(directory, 'lock'))
  try {
    const engine = await startEngine(directory)
    const pool = new pg.Pool(Object.assign(createPgConfig(engine), { max: 1, types }))
    const close = async () => {
      // A failed query rejects before its last message went through; closed under it, the engine
      // brings the process down. The next query comes after that message.
      // "rollback", since a statement of the caller's may have left a transaction open.
      try {
        await pool.query('rollback')
        await pool.end()
        await engine.close()
      } finally {
        await release()
      }
    }
    return { pool, engine, close }
  } catch (cause) {
    await release()
    throw new LshError('database', `the embedded database in ${directory} cannot be opened`, {
      hint: 'Check that the disk is not full; otherwise give another directory with --db, or delete this one.',
      cause,
    })
  }
}

async function startEngine(directory: string): Promise<PGlite> {
  const data = join(directory, 'data')
  if (!existsSync(data)) {
    // Made beside and moved into place: a run killed half way through leaves nothing that looks like a database.
    const fresh = join(directory, 'data.new')
    await rm(fresh, { recursive: true, force: true })
    const engine = await PGlite.create(fresh, { extensions: { vector } })
    await engine.close()
    await rename(fresh, data)
  }
  return PGlite.create(data, { extensions: { vector } })
}
