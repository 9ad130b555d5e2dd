import { sql } from 'kysely'
import pg from 'pg'
import type { Store, Transaction } from '../connection/connect.js'
import { openFeatureSource } from './feature-source.js'
import { type Feature } from './feature.js'
import { addCodes, type Encoders } from '../codes/index-codes.js'
import { kindOfSpace, needsOfSpace } from '../spaces/spaces.js'
import { readSpace } from '../spaces/read-space.js'
import { meets } from '../plans/slices.js'

export interface EncodeOptions {
  /** Called after each batch with the number of items that were added. (Default: none) */
  onProgress?: (items: number) => void
  /** Stops between two batches; what was committed stays. (Default: none) */
  signal?: AbortSignal
}

/** Fills a space repeatedly, and keeps its encoder loaded in between. */
export interface SpaceFiller {
  /** Adds the features of all items that have none yet, in one transaction per batch; returns the number of items. */
  fill(options?: EncodeOptions): Promise<number>
  close(): Promise<void>
}

/**
 * Fills a space with the features of all items that have none in it yet, in one transaction per batch, so that an
 * interrupted run continues where it stopped. Returns the number of items that were added.
 *
 * @throws LshError `LSH01` for an unknown space
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
    await filler.close()
  }
}

/**
 * Opens a space for filling.
 *
 * @throws LshError `LSH01` for an unknown space
 */
export async function openSpaceFiller(store: Store, space: string): Promise<SpaceFiller> {
  const source = await openFeatureSource(store, space)
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

/** Number of items that `encodeSpace` would add: those without features that have the input of the space. */
export async function pendingItems(store: Store, space: string): Promise<number> {
  const { parts, pooling } = await readSpace(store, space)
  const own = sql.id('space', space)
  const kind = await kindOfSpace(store, space)
  const query = parts
    ? sql<{ count: number }>`
        select count(*)::int as count from ${sql.id('space', parts[0]?.space ?? space)} as part
        where ${inSpaces(parts.map((part) => part.space))}
          and not exists (select 1 from ${own} as feature where feature.item_id = part.item_id)`
    : pooling
      ? // Counts slices and not plan_item, because a plan becomes an item only when it is first encoded.
        sql<{ count: number }>`
          select (count(distinct part.plan_id) - (select count(*) from ${own}))::int as count
          from cbir.slice as part
          where ${inSpaces([pooling.features, pooling.levels])}`
      : kind !== 'slice'
        ? sql<{ count: number }>`
            select count(*)::int as count
            from cbir.picture join cbir.item on item.id = picture.item_id
            where item.kind = ${kind}
              and not exists (select 1 from ${own} as feature where feature.item_id = picture.item_id)`
        : sql<{ count: number }>`
          select count(*)::int as count from cbir.slice
          where ${meets(await needsOfSpace(store, space))}
            and not exists (select 1 from ${own} as feature where feature.item_id = slice.item_id)`
  const { rows } = await query.execute(store.db)
  return rows[0]?.count ?? 0
}

/** Condition that the item of `part` has features in each of the spaces. */
function inSpaces(spaces: readonly string[]) {
  const each = spaces.map(
    (name) =>
      sql`exists (select 1 from ${sql.id('space', name)} as held where held.item_id = part.item_id)`,
  )
  return sql.join(each, sql` and `)
}

/** Stores the features that are still missing: another process may have added some, or deleted their items. */
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

/**
 * The features that a space still lacks. Until the transaction ends, their items cannot be deleted, and no other
 * process adds features to the space.
 */
async function lockMissing(
  { db }: Transaction,
  space: string,
  features: readonly Feature[],
): Promise<readonly Feature[]> {
  await sql`select pg_advisory_xact_lock(hashtext('pg-lsh encode'), hashtext(${space}))`.execute(db)
  const { rows } = await sql<{ id: number }>`
    select item.id from cbir.item
    where item.id = any(${features.map(({ item }) => item)}::int[])
      and not exists (select 1 from ${sql.id('space', space)} as feature where feature.item_id = item.id)
    for key share`.execute(db)
  const wanted = new Set(rows.map(({ id }) => id))
  return features.filter(({ item }) => wanted.has(item))
}
