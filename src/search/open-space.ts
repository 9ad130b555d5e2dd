import { sql } from 'kysely'
import { assertText } from '../core/arguments.js'
import { LshError } from '../core/errors.js'
import { openEncoder } from '../encode/encoder.js'
import { frame, type SliceWithAny } from '../encode/frames/frame.js'
import type { Database, Queryable } from '../store/connection/database.js'
import { readEncoder } from '../store/spaces/encoders.js'
import { ourTables } from '../store/connection/handles.js'
import { joined } from '../store/encode/joined-features.js'
import { readSpace } from '../store/spaces/read-space.js'
import { openIndex, type OpenIndex } from './open-index.js'

/** A space opened for encoding and hashing queries in the client. */
export interface OpenSpace {
  readonly name: string
  readonly index: OpenIndex
  /** Encodes a slice in the same way as the stored items. */
  features(slice: SliceWithAny): Float32Array
  /** Frees the memory of the numerical back end. */
  close(): void
}

type Features = Pick<OpenSpace, 'features' | 'close'>

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

async function openFeatures(db: Queryable<Database>, name: string): Promise<Features> {
  const { parts, pooling } = await readSpace({ db }, name)
  if (pooling) {
    throw new LshError(
      'bad_usage',
      `space "${name}" holds whole plans, so a single slice cannot be a query`,
      {
        hint: `Ask for plans like a stored one: "select * from cbir.similar_plans(1, '${name}')".`,
      },
    )
  }
  if (!parts) return openEncoded(db, name)
  const opened: Features[] = []
  const close = () => opened.forEach((part) => part.close())
  try {
    for (const { space } of parts) opened.push(await openFeatures(db, space))
  } catch (error) {
    close()
    throw error
  }
  const features = (slice: SliceWithAny) =>
    joined(
      parts,
      opened.map((part) => part.features(slice)),
    )
  return { features, close }
}

async function openEncoded(db: Queryable<Database>, name: string): Promise<Features> {
  const trained = await readEncoder({ db }, name)
  const encoder = await openEncoder(trained)
  return {
    features: (slice) => encoder.encode(frame(slice, trained.preprocessing)),
    close: () => encoder.close(),
  }
}
