import type { z } from '@hono/zod-openapi'
import { LshError } from '../core/errors.js'
import { structureStyles } from '../report/drawing/structure-style.js'
import type { Store } from '../store/connection/connect.js'
import type { PlansView } from '../store/connection/views.js'
import { planConditions } from './conditions.js'
import type { Filter } from './schemas/parameters.js'
import type { planDetailSchema, planSchema } from './schemas/plan-answers.js'

export type PlanAnswer = z.infer<typeof planSchema>

/** Plans sorted by key, one page at a time. */
export async function listPlans(
  { db }: Store,
  { after, limit, ...filter }: Filter & { after: number; limit: number },
): Promise<PlanAnswer[]> {
  const rows = await planConditions(filter, 'plan')
    .reduce(
      (query, condition) => query.where(condition),
      db.selectFrom('cbir.plans as plan').selectAll().where('plan.plan_id', '>', after),
    )
    .orderBy('plan.plan_id')
    .limit(limit)
    .execute()
  return rows.map(answerOf)
}

/** Plans by their keys. */
export async function readPlans(
  { db }: Store,
  plans: readonly number[],
): Promise<Map<number, PlanAnswer>> {
  if (plans.length === 0) return new Map()
  const rows = await db
    .selectFrom('cbir.plans')
    .selectAll()
    .where('plan_id', 'in', [...plans])
    .execute()
  return new Map(rows.map((row) => [row.plan_id, answerOf(row)]))
}

/**
 * A plan with its structures and slices.
 *
 * @throws LshError `LSH01` if there is no such plan, or the role cannot see it
 */
export async function readPlan(
  store: Store,
  plan: number,
): Promise<z.infer<typeof planDetailSchema>> {
  const found = (await readPlans(store, [plan])).get(plan)
  if (!found)
    throw new LshError('LSH01', `plan ${plan} does not exist`, {
      hint: 'List plans: GET /api/v1/plans.',
    })
  const structures = await store.db
    .selectFrom('cbir.structure')
    .select(['name', 'role', 'volume_cc', 'mean_gy', 'max_gy'])
    .where('plan_id', '=', plan)
    .orderBy('role', 'desc')
    .orderBy('name')
    .execute()
  const slices = await store.db
    .selectFrom('cbir.slice')
    .select(['item_id', 'index', 'position_mm', 'dose_mean_gy', 'dose_max_gy'])
    .where('plan_id', '=', plan)
    .orderBy('index')
    .execute()
  const styles = structureStyles([
    structures.map(({ name, role, mean_gy: meanGy }) => ({ name, role, meanGy })),
  ])
  return {
    ...found,
    doses: structures.map(({ name, role, volume_cc, mean_gy, max_gy }) => ({
      name,
      role,
      letter: styles.find((style) => style.name === name)?.letter ?? null,
      volumeCc: volume_cc,
      meanGy: mean_gy,
      maxGy: max_gy,
    })),
    items: slices.map(({ item_id, index, position_mm, dose_mean_gy, dose_max_gy }) => ({
      item: item_id,
      index,
      positionMm: position_mm,
      doseMeanGy: dose_mean_gy,
      doseMaxGy: dose_max_gy,
    })),
  }
}

function answerOf(row: PlansView): PlanAnswer {
  const { plan_id, dataset, patient, plan, site, fractions, radiation, technique, machine } = row
  return {
    planId: plan_id,
    dataset,
    patient,
    plan,
    site,
    prescriptionGy: row.prescription_gy,
    fractions,
    radiation,
    technique,
    machine,
    slices: row.slices,
    targetVolumeCc: row.target_volume_cc,
    doseMaxGy: row.dose_max_gy,
    structures: row.structures,
  }
}
