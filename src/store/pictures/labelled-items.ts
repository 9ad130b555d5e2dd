import { sql } from 'kysely'
import { filledSpaces } from '../spaces/filled-spaces.js'
import type { Store } from '../connection/connect.js'

/** An image or a neuron with the facts that an evaluation needs. */
export interface LabelledItem {
  readonly item: number
  /** Key of the patient, tile or neuron that it shows. */
  readonly source: number
  readonly label: string | null
}

/** Images and neurons of a data set that have features in each of the spaces, in the order of their keys. */
export async function labelledItems(
  store: Store,
  dataset: string,
  spaces: readonly string[],
): Promise<LabelledItem[]> {
  const filled = spaces.map(
    (space) =>
      sql`and exists (select 1 from ${sql.id('space', space)} as feature where feature.item_id = item.id)`,
  )
  const { rows } = await sql<LabelledItem>`
    select item.id as item, picture.patient_id as source, item.label
    from cbir.picture join cbir.item on item.id = picture.item_id
    where item.dataset = ${dataset} ${sql.join(filled, sql` `)}
    order by item.id`.execute(store.db)
  return rows
}

/** Whether a data set has images or neurons. */
export async function holdsPictures(store: Store, dataset: string): Promise<boolean> {
  const row = await store.db
    .selectFrom('cbir.picture')
    .innerJoin('cbir.item', 'cbir.item.id', 'cbir.picture.item_id')
    .select('item_id')
    .where('dataset', '=', dataset)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Names of the spaces with features of images or neurons of a data set, sorted. */
export async function pictureSpacesOf(store: Store, dataset: string): Promise<string[]> {
  const spaces = await store.db.selectFrom('cbir.space').select('name').orderBy('name').execute()
  return filledSpaces(store, spaces, dataset, 'picture')
}

/** Sources of which an encoder of one of the spaces has seen images, in training or in validation. */
export async function sourcesSeen(store: Store, spaces: readonly string[]): Promise<Set<number>> {
  const seen = new Set<number>()
  for (const space of spaces) {
    const rows = await store.db
      .selectFrom('cbir.encoder')
      .select('trained_on')
      .where('id', '=', sql<number>`any(cbir.encoders_of(${space}))`)
      .execute()
    for (const { trained_on } of rows) for (const source of trained_on) seen.add(source)
  }
  return seen
}

/** Vectors of items in a space, concatenated in the order of the items: `items.length * dims` values. */
export async function vectorsOf(
  store: Store,
  space: string,
  items: readonly number[],
  dims: number,
): Promise<Float32Array> {
  const all = new Float32Array(items.length * dims)
  for (let from = 0; from < items.length; from += AT_ONCE) {
    const wanted = items.slice(from, from + AT_ONCE)
    const { rows } = await sql<{ embedding: Float32Array }>`
      select embedding
      from unnest(${wanted}::int[]) with ordinality as wanted (item_id, place)
        join ${sql.id('space', space)} as feature using (item_id)
      order by place`.execute(store.db)
    rows.forEach(({ embedding }, i) => all.set(embedding, (from + i) * dims))
  }
  return all
}

/** Items of one query. */
const AT_ONCE = 1000
