import { alignLevels, type OrganCentres } from '../../core/align-levels.js'
import type { Store } from '../connection/connect.js'

/** For each plan of the patients, the positions of its organs along the body in mm; empty for a plan without organs. */
export async function organCentres(
  store: Pick<Store, 'db'>,
  patients: readonly number[],
): Promise<Map<number, OrganCentres>> {
  const plans = await store.db
    .selectFrom('cbir.plan')
    .select('id')
    .where('patient_id', 'in', [...patients])
    .orderBy('id')
    .execute()
  const rows = await store.db
    .selectFrom('cbir.structures')
    .innerJoin('cbir.plan', 'cbir.plan.id', 'cbir.structures.plan_id')
    .select(['plan_id', 'name', 'centre_mm'])
    .where('role', '=', 'organ')
    .where('centre_mm', 'is not', null)
    .where('patient_id', 'in', [...patients])
    .execute()
  const centres = new Map(plans.map(({ id }) => [id, new Map<string, number>()]))
  for (const { plan_id, name, centre_mm } of rows)
    centres.get(plan_id)?.set(name, centre_mm as number)
  return centres
}

export interface PlanOrigins {
  /** Whether the plans could be aligned. */
  readonly aligned: boolean
  /** For each plan, the `position_mm` of the same place in the body; 0 for all if they are not aligned. */
  readonly of: ReadonlyMap<number, number>
}

/** Aligns plans by their organs; plans are not aligned if one of them has no organs. */
export function planOrigins(centres: ReadonlyMap<number, OrganCentres>): PlanOrigins {
  const origins = alignLevels([...centres.values()])
  const aligned = !origins.some(Number.isNaN)
  const plans = [...centres.keys()]
  return { aligned, of: new Map(plans.map((id, i) => [id, aligned ? origins[i]! : 0])) }
}
