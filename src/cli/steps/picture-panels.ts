import { sql } from 'kysely'
import type { PicturePanel, PictureTile } from '../../report/panels/picture-panel.js'
import { similarPictures } from '../../search/similar-pictures.js'
import type { Store } from '../../store/connection/connect.js'

/** Neighbours that a panel shows. */
const SHOWN = 7

/**
 * A query of a space with its nearest items of other sources, marked if an exact search finds them too.
 *
 * @param bits code length of the index
 */
export async function picturePanel(
  store: Store,
  space: string,
  item: number,
  bits: number,
): Promise<PicturePanel> {
  const exact = await similarPictures(store, space, { item }, { k: SHOWN, exact: true })
  const found = await similarPictures(store, space, { item }, { k: SHOWN })
  const farthest = exact.at(-1)?.distance ?? 0
  const tiles = await tilesOf(store, [item, ...found.map(({ item_id }) => item_id)])
  return {
    space,
    query: tiles.get(item) as PictureTile,
    neighbours: found.map(({ item_id, distance, hamming }) => ({
      ...(tiles.get(item_id) as PictureTile),
      distance,
      hamming,
      bits,
      // Ties with the last neighbour count.
      hit: distance <= farthest * (1 + 1e-6),
    })),
  }
}

async function tilesOf(store: Store, items: readonly number[]): Promise<Map<number, PictureTile>> {
  const rows = await store.db
    .selectFrom('cbir.pictures')
    .innerJoin('cbir.item', 'cbir.item.id', 'cbir.pictures.item_id')
    .select(['item_id', 'preview', 'cbir.pictures.label', 'source', 'key'])
    .where('item_id', '=', sql<number>`any(${[...items]}::int[])`)
    .execute()
  return new Map(rows.map(({ item_id, ...tile }) => [item_id, tile]))
}
