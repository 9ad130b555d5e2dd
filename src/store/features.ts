import { sql } from 'kysely'
import pg from 'pg'
import { openEncoder } from '../encode/encoder.js'
import { channelsOf, frameAll } from '../encode/frame.js'
import { ahead } from '../core/ahead.js'
import type { Pooling } from '../core/pool-slices.js'
import type { Store, Transaction } from './connect.js'
import type { SpacePart } from './database.js'
import { readEncoder } from './encoders.js'
import { pooledFeatures } from './plan-vectors.js'
import { addCodes, type Encoders } from './index-codes.js'
import { unpackChannels } from './images.js'
import { slicesWithout, type PackedSlice } from './slices.js'
import { readSpace } from './spaces.js'

export interface EncodeOptions {
  /** Told after each batch how many items were added. (Default: nobody is told) */
  onProgress?: (items: number) => void
  /** Stops between two batches; what was committed stays. (Default: none) */
  signal?: AbortSignal
}

/** Fills a space again and again, with its encoder at hand. */
export interface SpaceFiller {
  /** Adds the features of items that have none yet, one transaction a batch; returns their number. */
  fill(options?: EncodeOptions): Promise<number>
  close(): void
}

/**
 * Fills a space with the features of all items that have none in it yet, one transaction a batch:
 * interrupted, it goes on where it stopped. Returns the number of items added.
 *
 * @throws LshError `LSH01` for an unknown space, `LSH03` for a joint space whose parts are not filled.
 */
export async function encodeSpace(
  store: Store,
  space: string,
  options: EncodeOptions = {},
): Promise<number> {
  const filler = await openSpaceFiller(store, space)
  try {
    return await filler.fill(options)
  } finally {
    filler.close()
  }
}

/** @throws LshError `LSH01` for an unknown space. */
export async function openSpaceFiller(store: Store, space: string): Promise<SpaceFiller> {
  const row = await readSpace(store, space)
  const source = row.parts
    ? madeOfOthers(() => joinedFeatures(store, space, row.parts ?? []))
    : row.pooling
      ? madeOfOthers(() => pooledFeatures(store, space, row.pooling as Pooling))
      : await encodedSource(store, space)
  const encoders: Encoders = new Map()
  return {
    fill: async ({ onProgress, signal } = {}) => {
      let added = 0
      for await (const features of source.features()) {
        signal?.throwIfAborted()
        const count = await addFeatures(store, space, features, encoders)
        added += count
        onProgress?.(count)
      }
      return added
    },
    close: () => source.close(),
  }
}

/** Number of items that `encodeSpace` would add. */
export async function pendingItems(store: Store, space: string): Promise<number> {
  const { pooling } = await readSpace(store, space)
  // Not by plan_item: plans become items when they are first encoded.
  const { rows } = pooling
    ? await sql<{ count: number }>`
        select ((select count(*) from cbir.plan) - (select count(*) from ${sql.id('space', space)}))::int as count`.execute(
        store.db,
      )
    : await sql<{ count: number }>`
        select count(*)::int as count from cbir.slice
        where not exists (
          select from ${sql.id('space', space)} as feature where feature.item_id = slice.item_id
        )`.execute(store.db)
  return rows[0]?.count ?? 0
}

interface Feature {
  readonly item: number
  readonly vector: Float32Array
}

interface FeatureSource {
  /** Features that are missing, in the order of their items. */
  features(): AsyncGenerator<Feature[]>
  close(): void
}

async function encodedSource(store: Store, space: string): Promise<FeatureSource> {
  const trained = await readEncoder(store, space)
  const encoder = await openEncoder(trained)
  const { preprocessing } = trained
  const channels = channelsOf(preprocessing)
  // New items come behind those that were looked at, so that no later look goes through all of them again.
  let after = 0
  return {
    async *features() {
      const missing = slicesWithout(store, space, { channels, behind: after })
      for await (const slices of ahead(missing, unpacked, { limit: BATCHES_AHEAD })) {
        const images = slices.map((slice) => slice.image)
        const vectors = encoder.encode(frameAll(images, preprocessing))
        yield slices.map(({ item }, i) => ({
          item,
          vector: vectors.subarray(i * encoder.dims, (i + 1) * encoder.dims),
        }))
        after = slices.at(-1)?.item ?? after
      }
    },
    close: () => encoder.close(),
  }
}

/** Batches that other threads unpack while one is encoded. */
const BATCHES_AHEAD = 2

function unpacked(slices: readonly PackedSlice[]) {
  return Promise.all(
    slices.map(async ({ item, image }) => ({ item, image: await unpackChannels(image) })),
  )
}

/** Features that come from other spaces, without an encoder. */
function madeOfOthers(features: FeatureSource['features']): FeatureSource {
  return { features, close: () => undefined }
}

/** An item with its vector in each part of a joint space. */
interface JoinedRow {
  item_id: number
  [part: `vector${number}`]: Float32Array
}

/** Vectors of several spaces one after the other, each divided by its scale, so that none drowns the others. */
async function* joinedFeatures(
  store: Store,
  space: string,
  parts: readonly SpacePart[],
): AsyncGenerator<Feature[]> {
  const columns = parts.map(
    (_, i) => sql`${sql.ref(`part${i}.embedding`)} as ${sql.id(`vector${i}`)}`,
  )
  const joins = parts.map((part, i) =>
    i === 0
      ? sql`${sql.id('space', part.space)} as ${sql.id(`part${i}`)}`
      : sql`join ${sql.id('space', part.space)} as ${sql.id(`part${i}`)} using (item_id)`,
  )
  for (;;) {
    const { rows } = await sql<JoinedRow>`
      select item_id, ${sql.join(columns)}
      from ${sql.join(joins, sql` `)}
      where not exists (select from ${sql.id('space', space)} as feature where feature.item_id = part0.item_id)
      order by item_id
      limit 512`.execute(store.db)
    if (rows.length === 0) return
    yield rows.map((row) => ({
      item: row.item_id,
      vector: joined(
        parts,
        parts.map((_, i) => row[`vector${i}`] as Float32Array),
      ),
    }))
  }
}

/** The vector of an item in a joint space, from those in its parts. */
export function joined(
  parts: readonly SpacePart[],
  vectors: readonly Float32Array[],
): Float32Array {
  const out = new Float32Array(vectors.reduce((sum, vector) => sum + vector.length, 0))
  let at = 0
  parts.forEach(({ scale, weight }, i) => {
    for (const value of vectors[i] as Float32Array) out[at++] = (value * weight) / scale
  })
  return out
}

/** Adds the features that are still missing: another process may have added some, or removed their items. */
async function addFeatures(
  store: Store,
  space: string,
  features: readonly Feature[],
  encoders: Encoders,
): Promise<number> {
  const table = `space.${pg.escapeIdentifier(space)}`
  return store.transaction(async (transaction) => {
    const missing = await lockMissing(transaction, space, features)
    await transaction.copy(
      { table, columns: { item_id: 'int4', embedding: 'vector' } },
      missing.map(({ item, vector }) => [item, vector]),
    )
    const rows = missing.map(({ item, vector }) => ({ key: item, vector }))
    if (rows.length > 0) await addCodes(transaction, table, rows, encoders)
    return rows.length
  })
}

/** The features that a space lacks; their items stay, and nobody else adds to the space, while the transaction lasts. */
async function lockMissing(
  { db }: Transaction,
  space: string,
  features: readonly Feature[],
): Promise<readonly Feature[]> {
  await sql`select pg_advisory_xact_lock(hashtext('pg-lsh encode'), hashtext(${space}))`.execute(db)
  const { rows } = await sql<{ id: number }>`
    select item.id from cbir.item
    where item.id = any(${features.map(({ item }) => item)}::int[])
      and not exists (select from ${sql.id('space', space)} as feature where feature.item_id = item.id)
    for key share`.execute(db)
  const wanted = new Set(rows.map(({ id }) => id))
  return features.filter(({ item }) => wanted.has(item))
}
