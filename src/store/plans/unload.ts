import { sql } from 'kysely'
import { LshError } from '../../core/errors.js'
import type { Store } from '../connection/connect.js'
import { withRetry, type RetryOptions } from '../connection/retry.js'

/** Selects plans: all of a data set, those of a key, or those of both. */
export interface PlanChoice {
  dataset?: string
  plan?: string
}

/** A plan in the database. */
export interface StoredPlan {
  readonly id: number
  readonly patient: number
  readonly dataset: string
  /** Such as `train-pats/pt_3`. */
  readonly key: string
  /** Number of its slices. */
  readonly slices: number
}

/**
 * The selected plans, in the order of their keys.
 *
 * @throws LshError `LSH01` if there are none, `bad_usage` for a key that several data sets have
 */
export async function choosePlans(store: Store, choice: PlanChoice): Promise<StoredPlan[]> {
  const { dataset = null, plan = null } = choice
  const { rows } = await sql<StoredPlan>`
    select plan.id, patient_id as patient, dataset, source_key as key,
      (select count(*)::int from cbir.slice where slice.plan_id = plan.id) as slices
    from cbir.plan join cbir.patient on patient.id = plan.patient_id
    where (${dataset}::text is null or dataset = ${dataset})
      and (${plan}::text is null or source_key = ${plan})
    order by dataset, source_key, plan.id`.execute(store.db)
  const conditions = [
    dataset !== null && `data set "${dataset}"`,
    plan !== null && `plan "${plan}"`,
  ]
  if (rows.length === 0)
    throw new LshError('LSH01', `there is no plan of ${conditions.filter(Boolean).join(', ')}`, {
      hint: 'List them: pg-lsh sql "select dataset, plan from cbir.plans".',
    })
  const datasets = [...new Set(rows.map((row) => row.dataset))]
  if (datasets.length > 1)
    throw new LshError('bad_usage', `data sets ${datasets.join(', ')} each have a plan "${plan}"`, {
      hint: 'Choose one with --dataset.',
    })
  return rows
}

/**
 * Removes plans with their slices, structures, features and codes, in one transaction per plan, and their patients if
 * nothing else refers to them. Yields each removed plan.
 */
export async function* unloadPlans(
  store: Store,
  plans: readonly StoredPlan[],
  options: RetryOptions = {},
): AsyncGenerator<StoredPlan, void, undefined> {
  for (const plan of plans) {
    options.signal?.throwIfAborted()
    await withRetry(store, () => unloadPlan(store, plan), options)
    yield plan
  }
}

async function unloadPlan(store: Store, { id, patient }: StoredPlan): Promise<void> {
  await store.transaction(async ({ db }) => {
    // Waits for loaders, which may be adding a plan of the same patient.
    await sql`select pg_advisory_xact_lock(hashtext('pg-lsh load'))`.execute(db)
    await sql`select cbir.delete_plan(${id})`.execute(db)
    // A patient that an encoder has seen stays, so that its id never names another patient.
    await sql`
      delete from cbir.patient
      where id = ${patient}
        and not exists (select from cbir.plan where plan.patient_id = patient.id)
        and not exists (select from cbir.picture where picture.patient_id = patient.id)
        and not exists (select from cbir.encoder where trained_on @> array[patient.id])`.execute(db)
  })
}
