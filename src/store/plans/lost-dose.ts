import type { Kysely } from 'kysely'
import { LshError } from '../../core/errors.js'
import type { Database } from '../connection/database.js'
import type { PreparedPlan } from './prepared-plan.js'

/**
 * Refuses a plan without dose in the place of one that is stored with dose. A patient who is not yet planned has no
 * dose; one who was planned has lost a file, and the stored dose must not vanish with it without a word.
 *
 * @param standing - id of the stored plan
 * @throws LshError `bad_input`, naming the plan and how to replace it nevertheless
 */
export async function refuseLostDose(
  db: Kysely<Database>,
  dataset: string,
  standing: number,
  { sourceKey, slices }: Pick<PreparedPlan, 'sourceKey' | 'slices'>,
): Promise<void> {
  if (slices.some(({ image }) => image.dose !== null)) return
  const dosed = await db
    .selectFrom('cbir.slice')
    .select('item_id')
    .where('plan_id', '=', standing)
    .where('dose', 'is not', null)
    .limit(1)
    .executeTakeFirst()
  if (!dosed) return
  throw new LshError('bad_input', `${sourceKey} is stored with a dose, but its files have none`, {
    hint: `Restore the file of its dose. To remove the stored dose, run: pg-lsh unload --dataset ${dataset} --plan ${sourceKey}, and load it again.`,
  })
}
