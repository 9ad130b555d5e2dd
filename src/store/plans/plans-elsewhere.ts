import { sql } from 'kysely'
import type { Store } from '../connection/connect.js'

/** Another data set that has the same plans. */
export interface PlansElsewhere {
  readonly dataset: string
  /** Plans of the one data set that the other has too. */
  readonly plans: number
}

/**
 * Which other data sets have some of these plans of a data set, as their checksums tell. Patients belong to one data set,
 * so that searches take such plans for those of other patients.
 *
 * @param keys as `train-pats/pt_3`
 */
export async function plansElsewhere(
  store: Store,
  dataset: string,
  keys: readonly string[],
): Promise<PlansElsewhere[]> {
  const { rows } = await sql<PlansElsewhere>`
    select there.dataset, count(distinct here.id)::int as plans
    from cbir.plan as here
      join cbir.patient as owner on owner.id = here.patient_id
      join cbir.plan as other on other.checksum = here.checksum
      join cbir.patient as there on there.id = other.patient_id
    where owner.dataset = ${dataset}
      and here.source_key = any(${[...keys]}::text[])
      and there.dataset <> owner.dataset
    group by there.dataset
    order by there.dataset`.execute(store.db)
  return rows
}
