import { sql } from 'kysely'
import pg from 'pg'
import { openEncoder } from '../encode/encoder.js'
import { frameAll } from '../encode/frame.js'
import type { Store } from './connect.js'
import type { SpacePart } from './database.js'
import { readEncoder } from './encoders.js'
import { pooledFeatures } from './plan-vectors.js'
import { addCodes, type Encoders } from './index-codes.js'
import { slicesWithout } from './slices.js'
import { readSpace } from './spaces.js'

export interface EncodeOptions {
  /** Told after each batch how many items were added. (Default: nobody is told) */
  onProgress?: (items: number) => void
  /** Stops between two batches; what was committed stays. (Default: none) */
  signal?: AbortSignal
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
  const row = await readSpace(store, space)
  const batches = row.parts
    ? joinedFeatures(store, space, row.parts)
    : row.pooling
      ? pooledFeatures(store, space, row.pooling)
      : encodedFeatures(store, space)
  const encoders: Encoders = new Map()
  let added = 0
  for await (const features of batches) {
    options.signal?.throwIfAborted()
    await addFeatures(store, space, features, encoders)
    added += features.length
    options.onProgress?.(features.length)
  }
  return added
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

async function* encodedFeatures(store: Store, space: string): AsyncGenerator<Feature[]> {
  const trained = await readEncoder(store, space)
  const encoder = await openEncoder(trained)
  try {
    for await (const slices of slicesWithout(store, space)) {
      const vectors = encoder.encode(
        frameAll(
          slices.map((slice) => slice.image),
          trained.preprocessing,
        ),
      )
      yield slices.map(({ item }, i) => ({
        item,
        vector: vectors.subarray(i * encoder.dims, (i + 1) * encoder.dims),
      }))
    }
  } finally {
    encoder.close()
  }
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

async function addFeatures(
  store: Store,
  space: string,
  features: readonly Feature[],
  encoders: Encoders,
): Promise<void> {
  const table = `space.${pg.escapeIdentifier(space)}`
  await store.transaction(async (transaction) => {
    await transaction.copy(
      { table, columns: { item_id: 'int4', embedding: 'vector' } },
      features.map(({ item, vector }) => [item, vector]),
    )
    await addCodes(
      transaction,
      table,
      features.map(({ item, vector }) => ({ key: item, vector })),
      encoders,
    )
  })
}
