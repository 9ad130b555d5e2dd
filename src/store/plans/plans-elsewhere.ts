import { sql } from 'kysely'
import type { Store } from '../connection/connect.js'

/** Another data set that has the same plans. */
export interface PlansElsewhere {
  readonly dataset: string
  /** Number of the given plans that this data set has too. */
  readonly plans: number
}

/**
 * Finds the other data sets that have plans with the same checksums as the given plans of a data set. A patient belongs
 * to one data set, so searches treat such duplicates as plans of other patients.
 *
 * @param keys - keys of plans, such as `train-pats/pt_3`
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
