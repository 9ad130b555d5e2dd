import { writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder } from '../../core/make-folder.js'
import {
  renderRetrievalPage,
  type Listing,
  type RetrievalPage,
} from '../../report/retrieval-page.js'
import type { Panel } from '../../report/panel.js'
import {
  similarSlices,
  similarSlicesExact,
  type SimilarSlice,
} from '../../search/similar-slices.js'
import type { Store } from '../../store/connect.js'
import { picturedSlices, type PicturedSlice } from '../../store/tiles.js'

/** Neighbours that a panel shows. */
const SHOWN = 5

/** One query with its nearest slices of other patients, as pictures. */
export async function retrievalPanel(
  store: Store,
  space: string,
  item: number,
  bits: number,
): Promise<Panel> {
  const found = await similarSlices(store.db, item, { space, k: SHOWN }).execute()
  const exact = await similarSlicesExact(store.db, item, { space, k: SHOWN }).execute()
  const edge = Math.max(...exact.map((one) => one.distance))
  const slices = await picturedSlices(store, [item, ...found.map((one) => one.item_id)])
  const slice = (id: number) => slices.get(id) as PicturedSlice
  return {
    space,
    title: `Slice ${slice(item).sliceIndex} of plan ${slice(item).plan} and the nearest of other patients in ${space}`,
    query: slice(item),
    neighbours: found.map((one: SimilarSlice) => ({
      ...slice(one.item_id),
      distance: one.distance,
      hamming: one.hamming,
      bits,
      hit: one.distance <= edge,
    })),
  }
}

/** Statements to paste into psql, about one slice of the database at hand. */
export function listings(item: number): Listing[] {
  return [
    {
      title: 'The ten slices of other patients that are most like this one',
      statement: `select item_id, distance, hamming, patient, plan, index, position_mm
from cbir.similar_slices(${item}, 'ct_shallow', k => 10);`,
    },
    {
      title: 'Plans whose CT and dose resemble it, with what they gave the right parotid',
      statement: `select found.plan, count(*) as slices, min(found.distance) as nearest, organ.mean_gy
from cbir.similar_slices(${item}, 'joint_shallow', k => 50) as found
  join cbir.slice on slice.item_id = found.item_id
  left join cbir.structure as organ on organ.plan_id = slice.plan_id and organ.name = 'RightParotid'
group by found.plan, organ.mean_gy
order by nearest
limit 5;`,
    },
    {
      title:
        'What hashing costs: codes alone (Dice) and the whole search (recall) against exact neighbours',
      statement: `select avg(dice) as dice, avg(recall) as recall, avg(visited_share) as visited
from cbir.compare_slices('ct_shallow', array(
  select item_id from cbir.slices where split = 'test' order by item_id limit 20
));`,
    },
  ]
}

export async function writePage(path: string, page: RetrievalPage): Promise<void> {
  await makeFolder(dirname(path))
  await writeFile(path, renderRetrievalPage(page))
}
