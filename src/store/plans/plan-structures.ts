import type { Structure } from '../../core/plan.js'
import type { Store } from '../connection/connect.js'
import type { StructureTable } from '../connection/database.js'

/** The stored figures of a structure, without its masks. */
export type StructureFigures = Omit<StructureTable, 'masks'>

/** These columns, as a list for `select`. */
export const FIGURE_COLUMNS = [
  'plan_id',
  'name',
  'role',
  'volume_cc',
  'mean_gy',
  'max_gy',
  'dvh_bin_gy',
  'dvh',
  'dosed_share',
  'areas_cm2',
] as const satisfies readonly (keyof StructureFigures)[]

/** The dose of a structure of a stored plan. */
export type StoredDose = Pick<Structure, 'name' | 'role' | 'meanGy' | 'dvh'>

/** The structures of each plan with their histograms, by the key of the plan, in the order of their names. */
export async function planStructures(
  { db }: Pick<Store, 'db'>,
  plans: readonly number[],
): Promise<Map<number, StoredDose[]>> {
  const found = new Map(plans.map((plan): [number, StoredDose[]] => [plan, []]))
  if (plans.length === 0) return found
  const rows = await db
    .selectFrom('cbir.structure')
    .select(['plan_id', 'name', 'role', 'mean_gy', 'dvh_bin_gy', 'dvh'])
    .where('plan_id', 'in', [...found.keys()])
    .orderBy('plan_id')
    .orderBy('name')
    .execute()
  for (const { plan_id, name, role, mean_gy: meanGy, dvh_bin_gy: binGy, dvh } of rows)
    found.get(plan_id)?.push({
      name,
      role,
      meanGy,
      dvh: dvh === null || binGy === null ? null : { binGy, volume: Float32Array.from(dvh) },
    })
  return found
}
