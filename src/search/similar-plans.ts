import { sql, type Expression, type ExpressionBuilder, type RawBuilder, type SqlBool } from 'kysely'
import {
  assertFlag,
  assertOneOf,
  assertOptions,
  assertText,
  assertWhole,
} from '../core/arguments.js'
import type { Database, Queryable } from '../store/connection/database.js'
import { ourTables } from '../store/connection/handles.js'
import { assertCondition, assertExpression } from './asserted-expression.js'
import { assertCount } from './asserted-query.js'

/** Weights of the slices of a plan: equal, or their mean dose. */
export type SliceWeights = 'equal' | 'dose'

/** A condition on plans: `(plan) => plan('site', '=', 'head and neck')`. */
export type PlanCondition = (plan: ExpressionBuilder<Database, 'cbir.plans'>) => Expression<SqlBool>

export interface SimilarPlansOptions {
  /** Space whose features are compared. (Default: `cbir.plan_space`, the best measured space that holds the plan) */
  space?: string
  /** Plans to return. (Default: 10) */
  k?: number
  /** Leaves out all plans of the query's own patient. (Default: true) */
  excludeSamePatient?: boolean
  /** What each slice counts. (Default: 'equal') */
  weights?: SliceWeights
  /**
   * Plans that the hash index selects for comparison, if there are over three times as many. (Default: 5 k, at least
   * 100)
   */
  candidates?: number
  /** Which plans are searched; `k` of them come back if there are `k`. (Default: all) */
  where?: PlanCondition
  /** Only the most similar plan of each patient. (Default: false) */
  onePerPatient?: boolean
}

/** A plan that resembles another one. */
export interface SimilarPlan {
  plan_id: number
  /** Modified Hausdorff distance: the greater of `forward` and `backward`. */
  distance: number
  /** Mean distance of the query's slices to the nearest slice of this plan. */
  forward: number
  /** Mean distance of this plan's slices to the nearest slice of the query. */
  backward: number
  /** Slices of this plan that are the nearest of one of the query. */
  matched: number
  patient: string
  /** Key of the plan in its source. */
  plan: string
}

/**
 * Finds the plans most similar to a stored one, nearest first, joined with `cbir.plans` as `plans`. Returns a query to
 * filter, join or run. Conditions on that query filter the `k` rows; the option `where` chooses which plans are
 * searched.
 *
 * ```ts
 * const rows = await similarPlans(db, 12, {
 *   k: 5,
 *   where: (plan) => plan.and([plan('site', '=', 'head and neck'), plan('target_volume_cc', '<', 300)]),
 * })
 *   .select('plans.structures')
 *   .execute()
 * ```
 *
 * ```sql
 * select "found".*
 * from cbir.similar_plans($1, $2, k => $3, …, allowed => array(select "plan_id" from "cbir"."plans" where …), …) as "found"
 *   inner join "cbir"."plans" as "plans" on "plans"."plan_id" = "found"."plan_id"
 * order by "found"."distance", "found"."plan_id"
 * ```
 *
 * `plan` is the number of the plan, or its key if only one plan has it. When executed, the query fails with SQLSTATE
 * `LSH01` for an unknown plan or space, and with `LSH03` if the plan is not encoded or the space has no index.
 */
export function similarPlans<DB extends Database>(
  db: Queryable<DB>,
  plan: number | string,
  options: SimilarPlansOptions = {},
) {
  assertPlans({ plan }, options, [
    'space',
    'k',
    'excludeSamePatient',
    'weights',
    'candidates',
    'where',
    'onePerPatient',
  ])
  for (const name of ['excludeSamePatient', 'onePerPatient'] as const)
    assertFlag(name, options[name])
  for (const name of ['k', 'candidates'] as const)
    if (options[name] !== undefined) assertCount(name, options[name])
  assertCondition(options.where, 'plan')
  const ours = ourTables(db)
  const { space = null, k = 10, excludeSamePatient = true, weights = 'equal' } = options
  const { candidates = null, where, onePerPatient = false } = options
  const asked = typeof plan === 'string' ? sql`${plan}::text` : sql`${plan}::int`
  const found = sql<SimilarPlan>`cbir.similar_plans(${asked}, ${space}::text, k => ${k}::int,
    exclude_same_patient => ${excludeSamePatient}::boolean, weights => ${weights}::text,
    candidates => ${candidates}::int, allowed => ${allowedPlans(ours, where)},
    one_per_patient => ${onePerPatient}::boolean)`
  return ours
    .selectFrom(found.as('found'))
    .innerJoin('cbir.plans as plans', 'plans.plan_id', 'found.plan_id')
    .selectAll('found')
    .orderBy('found.distance')
    .orderBy('found.plan_id')
}

/** @throws LshError `bad_usage` for arguments of other types, from callers without types */
function assertPlans(
  plans: Readonly<Record<string, unknown>>,
  options: Partial<MatchedSlicesOptions>,
  names: readonly string[],
): void {
  for (const [name, id] of Object.entries(plans))
    if (typeof id === 'string') assertText(`the ${name}`, id, 'Give its key, or its plan_id.')
    else assertWhole(`the ${name}`, id, 1, 'Give its plan_id or its key, as of cbir.plans.')
  assertOptions(options, names)
  if (options.space !== undefined || !names.includes('k'))
    assertText('the space', options.space, 'Name it: "select name from cbir.space" lists them.')
  assertOneOf('weights', options.weights, ['equal', 'dose'])
}

function allowedPlans(
  db: Queryable<Database>,
  where: PlanCondition | undefined,
): RawBuilder<number[] | null> {
  if (!where) return sql`null`
  const plans = db
    .selectFrom('cbir.plans')
    .select('plan_id')
    .where((plan) => {
      const condition = where(plan)
      assertExpression('the condition on plans', condition)
      return condition
    })
  return sql`array${plans}`
}

export interface MatchedSlicesOptions {
  /** Space whose features are compared. */
  space: string
  /** What each slice counts. (Default: 'equal') */
  weights?: SliceWeights
}

/** A slice of a plan with the nearest slice of another plan. */
export interface MatchedSlice {
  item_id: number
  index: number
  position_mm: number
  other_item_id: number
  other_index: number
  other_position_mm: number
  /** Euclidean distance in the space. */
  distance: number
  /** Weight of the slice. The weights of a plan sum to 1, and `weight * distance` to `forward`. */
  weight: number
}

/**
 * Shows why two plans are similar, slice by slice along the axis: `select * from cbir.matched_slices($1, $2, $3, …) as
 * found order by found.index`.
 */
export function matchedSlices<DB extends Database>(
  db: Queryable<DB>,
  plan: number,
  other: number,
  options: MatchedSlicesOptions,
) {
  assertPlans({ plan, other }, options, ['space', 'weights'])
  const ours = ourTables(db)
  const { space, weights = 'equal' } = options
  const found = sql<MatchedSlice>`cbir.matched_slices(${plan}::int, ${other}::int, ${space}::text,
    weights => ${weights}::text)`
  return ours.selectFrom(found.as('found')).selectAll().orderBy('found.index')
}
