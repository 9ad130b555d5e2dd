import type { Kysely } from 'kysely'
import { LshError } from '../../core/errors.js'
import type { Database } from '../connection/database.js'
import type { PreparedPlan } from './prepared-plan.js'

/**
 * Refuses to replace a stored plan with dose by one without. A plan without dose is valid as long as the patient has no
 * dose yet. If a dose is stored, however, a missing one means that its file was lost, and the stored dose must not be
 * deleted silently.
 *
 * @param stored - id of the stored plan
 * @throws LshError `bad_input`, with the plan and how to replace it nevertheless
 */
export async function refuseLostDose(
  db: Kysely<Database>,
  dataset: string,
  stored: number,
  { sourceKey, slices }: Pick<PreparedPlan, 'sourceKey' | 'slices'>,
): Promise<void> {
  if (slices.some(({ image }) => image.dose !== null)) return
  const dosed = await db
    .selectFrom('cbir.slice')
    .select('item_id')
    .where('plan_id', '=', stored)
    .where('dose', 'is not', null)
    .limit(1)
    .executeTakeFirst()
  if (!dosed) return
  throw new LshError('bad_input', `${sourceKey} is stored with a dose, but its files have none`, {
    hint: `Restore the file of its dose. To remove the stored dose, run: pg-lsh unload --dataset ${dataset} --plan ${sourceKey}, and load it again.`,
  })
}
