import { sql } from 'kysely'
import type { Store } from '../store/connection/connect.js'
import { vectorText } from '../store/connection/types.js'
import type { NeighbourItem } from './neighbour.js'

/** A neighbour of an image or of a neuron; an exact search compares no codes, so its `hamming` is null. */
export interface SimilarPicture extends NeighbourItem {
  readonly label: string | null
  readonly source: string
  readonly key: string
}

export interface SimilarPicturesOptions {
  k: number
  /** Leaves out items of the query's source. (Default: true) */
  otherSources?: boolean
  candidates?: number
  probes?: number
  /** Scans the space instead of using its index. (Default: false) */
  exact?: boolean
}

/**
 * Images or neurons most similar to a stored one, or to a vector of the space, nearest first.
 *
 * @throws fails with SQLSTATE `LSH03` if the space has no index, `P0002` if the item has no features in it
 */
export async function similarPictures(
  { db }: Pick<Store, 'db'>,
  space: string,
  query: { item: number } | { vector: Float32Array },
  options: SimilarPicturesOptions,
): Promise<SimilarPicture[]> {
  const { k, otherSources = true, candidates = null, probes = null, exact = false } = options
  const item = 'item' in query ? query.item : null
  const vector =
    'item' in query ? sql`cbir._features(${item}::int, ${space})` : sql`${vectorText(query.vector)}`
  const { rows: indexes } = await sql<{ index: string }>`
    select (cbir._require_index(${space})).name as index`.execute(db)
  const index = indexes[0]?.index ?? space
  const left = sql`array(
    select other.item_id::text
    from cbir.picture as other
    where other.item_id = ${item}::int
      or (${otherSources}::boolean and other.patient_id = (
        select own.patient_id from cbir.picture as own where own.item_id = ${item}::int))
  )`
  const found = exact
    ? sql`(select key, distance, null::int as hamming
        from lsh.search_exact(${index}, ${vector}, k => ${k}::int, exclude => ${left}))`
    : sql`lsh.search(${index}, ${vector}, k => ${k}::int, candidates => ${candidates}::int,
        probes => ${probes}::int, exclude => ${left})`
  const { rows } = await sql<SimilarPicture>`
    select pictures.item_id, found.distance, found.hamming, pictures.label, pictures.source, pictures.key
    from ${found} as found join cbir.pictures on pictures.item_id = found.key::int
    order by found.distance, pictures.item_id`.execute(db)
  return rows
}
