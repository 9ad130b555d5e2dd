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

/** What encodes and hashes queries of a space here. */
export interface OpenSpace {
  readonly name: string
  readonly index: OpenIndex
  /** The features of a slice, as those of the stored items were made. */
  features(slice: SliceWithAny): Float32Array
  /** Gives the memory of the numerical back end back. */
  close(): void
}

type Features = Pick<OpenSpace, 'features' | 'close'>

/**
 * Reads encoder and index of a space, to encode queries here; anew after the space was trained again.
 *
 * @throws LshError `LSH01` for an unknown space; fails with SQLSTATE `LSH03` where the space has no index
 */
export async function openSpace<DB extends Database>(
  db: Queryable<DB>,
  name: string,
): Promise<OpenSpace> {
  const ours = ourTables(db)
  assertText('the space', name, 'Name it: "select name from cbir.space" lists them.')
  // Plugins of the caller's, as withSchema, would rename what is ours.
  const plain = ours.withoutPlugins()
  const { rows } = await sql<{ index: string }>`
    select (cbir._require_index(${name})).name as index`.execute(plain)
  const index = await openIndex(plain, (rows[0] as { index: string }).index)
  return { name, index, ...(await openFeatures(plain, name)) }
}

async function openFeatures(db: Queryable<Database>, name: string): Promise<Features> {
  const { parts, pooling } = await readSpace({ db }, name)
  if (pooling) {
    throw new LshError('bad_usage', `space "${name}" holds whole plans, which no single slice is`, {
      hint: `Ask for plans like a stored one: "select * from cbir.similar_plans(1, '${name}')".`,
    })
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
