import { sql, type RawBuilder } from 'kysely'
import type { SliceImage } from '../../core/plan.js'
import {
  channelsOf,
  needsOf,
  type Preprocessing,
  type SliceNeeds,
} from '../../encode/frames/frame.js'
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
import { addStructures, hasDrawnTarget, type PackedStructures } from './slice-structures.js'

/** A stored slice with its images. */
export interface StoredSlice {
  readonly item: number
  readonly plan: number
  readonly positionMm: number
  readonly image: SliceImage
  /** If they were requested and a target of the plan was drawn. */
  readonly structures?: PackedStructures
}

type SliceRow = StoredImage & Pick<SliceTable, 'item_id' | 'plan_id' | 'position_mm'>

const COLUMNS = ['item_id', 'plan_id', 'position_mm', ...IMAGE_COLUMNS] as const

/** Slices that are decompressed at once; 256 slices of 128 × 128 pixels take about 25 MB. */
const BATCH = 256

/** Slices of the given patients, every n-th of each plan, in the order of their keys. */
export async function* slicesOf(
  store: Store,
  patients: readonly number[],
  options: { every?: number; structures?: boolean } = {},
): AsyncGenerator<StoredSlice[]> {
  const { every = 1 } = options
  const read = (after: number): Promise<SliceRow[]> =>
    store.db
      .selectFrom('cbir.slice')
      .innerJoin('cbir.plan', 'cbir.plan.id', 'cbir.slice.plan_id')
      .select(COLUMNS)
      .where('cbir.plan.patient_id', '=', sql<number>`any(${patients}::int[])`)
      .where(sql`${sql.ref('cbir.slice.index')} % ${every}::int`, '=', 0)
      .where('item_id', '>', after)
      .orderBy('item_id')
      .limit(BATCH)
      .execute()
  for await (const rows of inPages(read, itemOf)) {
    const slices = await addStructures(store, rows, options)
    yield slices.map(({ structures, ...row }) => ({
      item: row.item_id,
      plan: row.plan_id,
      positionMm: row.position_mm,
      image: unpackImage(row),
      ...(structures && { structures }),
    }))
  }
}

/** A stored slice with the requested images, still compressed. */
export interface PackedSlice {
  readonly item: number
  readonly image: StoredChannels
}

/**
 * Slices of all data sets that have what an encoder needs, but no features in its space yet, in the order of their
 * keys, after a key.
 */
export async function* slicesWithout(
  store: Store,
  space: string,
  { preprocessing, startAfter = 0 }: { preprocessing: Preprocessing; startAfter?: number },
): AsyncGenerator<PackedSlice[]> {
  const needs = needsOf(preprocessing)
  const images = channelsOf(preprocessing).flatMap((channel) => CHANNEL_COLUMNS[channel])
  const pages = inPages(
    (after): Promise<(StoredChannels & { item_id: number })[]> =>
      store.db
        .selectFrom('cbir.slice')
        .select(['item_id', 'rows', 'columns', ...images])
        .where(
          sql<boolean>`not exists (
        select from ${sql.id('space', space)} as feature where feature.item_id = ${sql.ref('cbir.slice.item_id')})`,
        )
        .where(meets(needs))
        .where('item_id', '>', after)
        .orderBy('item_id')
        .limit(BATCH)
        .execute(),
    itemOf,
    startAfter,
  )
  for await (const rows of pages) {
    const slices = await addStructures(store, rows, needs)
    yield (
      slices
        // A slice whose plan was removed since has none.
        .filter((slice) => !needs.structures || slice.structures)
        .map((slice) => ({ item: slice.item_id, image: slice }))
    )
  }
}

/** Condition that a row of `cbir.slice`, named `slice`, has what an encoder needs. */
export function meets({ dose, structures }: SliceNeeds): RawBuilder<boolean> {
  return sql<boolean>`(not ${dose}::boolean or slice.dose is not null)
    and (not ${structures}::boolean or ${hasDrawnTarget('slice.plan_id')})`
}

function itemOf({ item_id }: { readonly item_id: number }): number {
  return item_id
}
