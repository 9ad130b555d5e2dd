import { sql } from 'kysely'
import type { Morphology, Raster } from '../../core/picture.js'
import type { Store } from '../connection/connect.js'
import { inPages } from '../connection/in-pages.js'
import { unpackContent, type StoredContent } from './picture-content.js'

/** A stored image or neuron, still compressed. */
export interface PackedPicture extends StoredContent {
  readonly item: number
}

/** A stored image or neuron with its source and class. */
export interface StoredPicture {
  readonly item: number
  /** Key of the patient, tile or neuron that it shows. */
  readonly source: number
  readonly label: string | null
  readonly content: Raster | Morphology
}

/** Items that are read at once; as colour images of 256 × 256 pixels they take 50 MB. */
const BATCH = 256

/** Images or neurons of the given sources, in the order of their keys. */
export async function* picturesOf(
  store: Store,
  sources: readonly number[],
  kind: 'image' | 'neuron',
): AsyncGenerator<StoredPicture[]> {
  const pages = inPages(
    (after) =>
      store.db
        .selectFrom('cbir.picture')
        .innerJoin('cbir.item', 'cbir.item.id', 'cbir.picture.item_id')
        .select(['item_id', 'patient_id', 'label', 'shape', 'content'])
        .where('patient_id', '=', sql<number>`any(${sources}::int[])`)
        .where('kind', '=', kind)
        .where('item_id', '>', after)
        .orderBy('item_id')
        .limit(BATCH)
        .execute(),
    ({ item_id }) => item_id,
  )
  for await (const rows of pages)
    yield rows.map((row) => ({
      item: row.item_id,
      source: row.patient_id,
      label: row.label,
      content: unpackContent(row),
    }))
}

/** Images or neurons of all data sets that have no features in a space yet, in the order of their keys, after a key. */
export async function* picturesWithout(
  store: Store,
  space: string,
  { kind, startAfter = 0 }: { kind: 'image' | 'neuron'; startAfter?: number },
): AsyncGenerator<PackedPicture[]> {
  yield* inPages(
    (after) =>
      store.db
        .selectFrom('cbir.picture')
        .innerJoin('cbir.item', 'cbir.item.id', 'cbir.picture.item_id')
        .select(['item_id as item', 'shape', 'content'])
        .where('kind', '=', kind)
        .where(
          sql<boolean>`not exists (
        select from ${sql.id('space', space)} as feature where feature.item_id = ${sql.ref('cbir.picture.item_id')})`,
        )
        .where('cbir.picture.item_id', '>', after)
        .orderBy('cbir.picture.item_id')
        .limit(BATCH)
        .execute(),
    ({ item }) => item,
    startAfter,
  )
}
