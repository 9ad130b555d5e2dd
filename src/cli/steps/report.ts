import { writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder } from '../../core/make-folder.js'
import {
  renderRetrievalPage,
  type Listing,
  type RetrievalPage,
} from '../../report/pages/retrieval-page.js'

/** Statements to paste into psql, about one slice of the current database. */
export function listings(item: number): Listing[] {
  return [
    {
      title: 'The ten most similar slices of other patients',
      statement: `select item_id, distance, hamming, patient, plan, index, position_mm
from cbir.similar_slices(${item}, 'ct_shallow', k => 10);`,
    },
    {
      title: 'Plans with similar CT and dose, and their mean dose in the right parotid',
      statement: `select found.plan, count(*) as slices, min(found.distance) as nearest, organ.mean_gy
from cbir.similar_slices(${item}, 'joint_shallow', k => 50) as found
  join cbir.slice on slice.item_id = found.item_id
  left join cbir.structure as organ on organ.plan_id = slice.plan_id and organ.name = 'RightParotid'
group by found.plan, organ.mean_gy
order by nearest
limit 5;`,
    },
    {
      title: 'The cost of hashing: Dice of codes alone, and recall of the whole search',
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
