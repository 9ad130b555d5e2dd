import { sql } from 'kysely'
import { openEncoder } from '../encode/encoder.js'
import { frame, type SliceWithAny } from '../encode/frame.js'
import type { Store } from '../store/connect.js'
import { readEncoder } from '../store/encoders.js'
import { joined } from '../store/features.js'
import { readSpace } from '../store/spaces.js'
import { openIndex, type OpenIndex } from './open-index.js'

/** What encodes and hashes queries of a space here. */
export interface OpenSpace {
  readonly name: string
  readonly index: OpenIndex
  /** `cbir.space_version` of what it was opened at. */
  readonly version: string
  /** The features of a slice, as those of the stored items were made. */
  features(slice: SliceWithAny): Float32Array
  /** Gives the memory of the numerical back end back. */
  close(): void
}

type Features = Pick<OpenSpace, 'features' | 'close'>

/**
 * Reads encoder and index of a space, to encode queries here.
 *
 * @throws LshError `LSH01` for an unknown space; fails with SQLSTATE `LSH03` where the space has no index
 */
export async function openSpace(db: Store['db'], name: string): Promise<OpenSpace> {
  const { features, close } = await openFeatures(db, name)
  try {
    const [row] = (
      await sql<{ version: string; index: string }>`
        select cbir.space_version(${name}) as version, (cbir._require_index(${name})).name as index`.execute(
        db,
      )
    ).rows as [{ version: string; index: string }]
    const index = await openIndex(db, row.index)
    return {
      name,
      index,
      version: row.version,
      features,
      close() {
        index.close()
        close()
      },
    }
  } catch (error) {
    close()
    throw error
  }
}

async function openFeatures(db: Store['db'], name: string): Promise<Features> {
  const { parts } = await readSpace({ db }, name)
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

async function openEncoded(db: Store['db'], name: string): Promise<Features> {
  const trained = await readEncoder({ db }, name)
  const encoder = await openEncoder(trained)
  return {
    features: (slice) => encoder.encode(frame(slice, trained.preprocessing)),
    close: () => encoder.close(),
  }
}
