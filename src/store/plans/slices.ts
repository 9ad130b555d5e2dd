import { sql } from 'kysely'
import type { Channel, SliceImage } from '../../core/plan.js'
import type { Store } from '../connection/connect.js'
import type { SliceTable } from '../connection/database.js'
import { inPages } from '../connection/in-pages.js'
import {
  CHANNEL_COLUMNS,
  IMAGE_COLUMNS,
  unpackImage,
  type StoredChannels,
  type StoredImage,
} from './images.js'

/** A stored slice with its images. */
export interface StoredSlice {
  readonly item: number
  readonly plan: number
  readonly positionMm: number
  readonly image: SliceImage
}

type SliceRow = StoredImage & Pick<SliceTable, 'item_id' | 'plan_id' | 'position_mm'>

const COLUMNS = ['item_id', 'plan_id', 'position_mm', ...IMAGE_COLUMNS] as const

/** Slices that are decompressed at once; 256 slices of 128 × 128 pixels take about 25 MB. */
const BATCH = 256

/** Slices of the given patients, every n-th of each plan, in the order of their keys. */
export async function* slicesOf(
  store: Store,
  patients: readonly number[],
  options: { every?: number } = {},
): AsyncGenerator<StoredSlice[]> {
  const { every = 1 } = options
  yield* batches((after) =>
    store.db
      .selectFrom('cbir.slice')
      .innerJoin('cbir.plan', 'cbir.plan.id', 'cbir.slice.plan_id')
      .select(COLUMNS)
      .where('cbir.plan.patient_id', '=', sql<number>`any(${patients}::int[])`)
      .where(sql`${sql.ref('cbir.slice.index')} % ${every}::int`, '=', 0)
      .where('item_id', '>', after)
      .orderBy('item_id')
      .limit(BATCH)
      .execute(),
  )
}

/** A stored slice with the requested images, still compressed. */
export interface PackedSlice {
  readonly item: number
  readonly image: StoredChannels
}

/**
 * Slices of all data sets that have these images but no features in a space yet, in the order of their keys, after a
 * key.
 */
export async function* slicesWithout(
  store: Store,
  space: string,
  { channels, startAfter = 0 }: { channels: readonly Channel[]; startAfter?: number },
): AsyncGenerator<PackedSlice[]> {
  const images = channels.flatMap((channel) => CHANNEL_COLUMNS[channel])
  const pages = inPages(
    (after): Promise<(StoredChannels & { item_id: number })[]> =>
      store.db
        .selectFrom('cbir.slice')
        .select(['item_id', 'rows', 'columns', ...images])
        .where(
          sql<boolean>`not exists (
        select from ${sql.id('space', space)} as feature where feature.item_id = ${sql.ref('cbir.slice.item_id')})`,
        )
        .$if(channels.includes('dose'), (query) => query.where('dose', 'is not', null))
        .where('item_id', '>', after)
        .orderBy('item_id')
        .limit(BATCH)
        .execute(),
    ({ item_id }) => item_id,
    startAfter,
  )
  for await (const rows of pages) yield rows.map((row) => ({ item: row.item_id, image: row }))
}

async function* batches(
  read: (after: number) => Promise<SliceRow[]>,
): AsyncGenerator<StoredSlice[]> {
  for await (const rows of inPages(read, ({ item_id }) => item_id))
    yield rows.map((row) => ({
      item: row.item_id,
      plan: row.plan_id,
      positionMm: row.position_mm,
      image: unpackImage(row),
    }))
}
