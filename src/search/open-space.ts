import { sql } from 'kysely'
import { assertText } from '../core/arguments.js'
import type { Database, Queryable } from '../store/connection/database.js'
import { ourTables } from '../store/connection/handles.js'
import { openFeatures, type OpenFeatures } from './open-features.js'
import { openIndex, type OpenIndex } from './open-index.js'

/** A space opened for encoding and hashing queries in the client. */
export interface OpenSpace extends OpenFeatures {
  readonly name: string
  readonly index: OpenIndex
}

/**
 * Reads the encoder and the index of a space to encode queries in the client. Open it again after the space was
 * retrained.
 *
 * @throws LshError `LSH01` for an unknown space; fails with SQLSTATE `LSH03` if the space has no index
 */
export async function openSpace<DB extends Database>(
  db: Queryable<DB>,
  name: string,
): Promise<OpenSpace> {
  const ours = ourTables(db)
  assertText('the space', name, 'Name it: "select name from cbir.space" lists them.')
  // Plugins of the caller, such as withSchema, would rename our tables.
  const plain = ours.withoutPlugins()
  const { rows } = await sql<{ index: string }>`
    select (cbir._require_index(${name})).name as index`.execute(plain)
  const index = await openIndex(plain, (rows[0] as { index: string }).index)
  return { name, index, ...(await openFeatures(plain, name)) }
}
