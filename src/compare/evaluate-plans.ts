import { sql } from 'kysely'
import { random } from '../core/random.js'
import { similarPlans } from '../search/similar-plans.js'
import type { Store } from '../store/connection/connect.js'
import { FIGURE_COLUMNS, type StructureFigures } from '../store/plans/plan-structures.js'
import { bootstrapMean, type Estimate } from './bootstrap.js'
import { criteria, gap, isDosed } from './plan-criteria.js'

/** Similarity in dose between a plan and the plans found for it, and random plans. */
export interface PlanEvaluation {
  readonly queries: number
  /** Mean absolute difference of the DVH criteria of OpenKBP from the nearest plan, in Gy. */
  readonly nearest: Estimate
  /** The same difference, averaged over the five nearest plans. */
  readonly five: Estimate
  /** Mean over all plans of other patients: the expectation of a random choice. */
  readonly random: Estimate
  /** Smallest difference from a plan of another patient: a lower bound for any search. */
  readonly best: Estimate
  /** One plan as an example. */
  readonly shown: ShownPlan | null
}

/** Dose-volume histograms of a plan, its nearest plans and a random one. */
export interface ShownPlan {
  readonly plan: string
  readonly curves: readonly PlanDvh[]
}

export interface PlanDvh {
  readonly role: 'query' | 'nearest' | 'random'
  /** 1 for the nearest; 0 for the plan itself and for the random one. */
  readonly rank: number
  readonly plan: string
  readonly structure: string
  readonly gap: number
  readonly bin_gy: number
  /** Element i is the fraction of the structure that gets at least i bins of dose. */
  readonly volume: readonly number[]
}

export interface EvaluatePlansOptions {
  /** Plans that are queries. */
  plans: readonly number[]
  /** Patients whose plans are searched. */
  searched: readonly number[]
  seed: number
  /** Called after each plan. (Default: none) */
  onProgress?: () => void
  /** Stops between two plans. (Default: none) */
  signal?: AbortSignal
}

/** Neighbours that are averaged; their histograms are drawn. */
const FOUND = 5
const DRAWN = 3
/** Step of the stored histograms, finer than a drawn line shows. */
const STEP_GY = 0.5

/** Compares stored plans with the nearest plans of other patients in a space with a hash index. */
export async function evaluatePlans(
  store: Store,
  space: string,
  options: EvaluatePlansOptions,
): Promise<PlanEvaluation | null> {
  const { plans, searched, seed, onProgress, signal } = options
  const known = await readPlans(store)
  const patients = new Set(searched)
  const allowed = [...known.values()]
    .filter(({ patient }) => patients.has(patient))
    .map(({ id }) => id)
  const rows: { patient: number; nearest: number; five: number; random: number; best: number }[] =
    []
  let shown: ShownPlan | null = null
  for (const id of plans) {
    signal?.throwIfAborted()
    const own = known.get(id)
    const found = await similarPlans(store.db, id, {
      space,
      k: FOUND,
      where: (plan) => plan('plan_id', '=', sql<number>`any(${allowed}::int[])`),
    }).execute()
    onProgress?.()
    if (!own || found.length === 0) continue
    const gaps = [...known.values()]
      .filter(({ patient }) => patients.has(patient))
      .map((other) => ({ other, gap: gap(own.criteria, other.criteria) }))
      .filter((one) => Number.isFinite(one.gap))
    const gapOf = new Map(gaps.map((one) => [one.other.id, one.gap]))
    const near = found
      .map((one) => gapOf.get(one.plan_id) ?? NaN)
      .filter((one) => !Number.isNaN(one))
    if (near.length === 0) continue
    rows.push({
      patient: own.patient,
      nearest: near[0] as number,
      five: meanOf(near),
      random: meanOf(gaps.map((one) => one.gap)),
      best: Math.min(...gaps.map((one) => one.gap)),
    })
    if (shown) continue
    const others = found.slice(0, DRAWN).map(({ plan_id }) => known.get(plan_id) as KnownPlan)
    const unfound = gaps.filter((one) => !others.includes(one.other))
    const blind = unfound[random(seed).integer(0, unfound.length - 1)]?.other
    shown = {
      plan: own.plan,
      curves: [
        ...curvesOf(own, 'query', 0, 0),
        ...others.flatMap((other, i) =>
          curvesOf(other, 'nearest', i + 1, gapOf.get(other.id) ?? NaN),
        ),
        ...(blind ? curvesOf(blind, 'random', 0, gapOf.get(blind.id) ?? NaN) : []),
      ],
    }
  }
  if (rows.length === 0) return null
  const owners = Int32Array.from(rows, ({ patient }) => patient)
  const estimate = (of: (row: (typeof rows)[number]) => number) =>
    bootstrapMean(Float64Array.from(rows, of), owners, { seed })
  return {
    queries: rows.length,
    nearest: estimate((row) => row.nearest),
    five: estimate((row) => row.five),
    random: estimate((row) => row.random),
    best: estimate((row) => row.best),
    shown,
  }
}

interface KnownPlan {
  readonly id: number
  readonly patient: number
  readonly plan: string
  readonly structures: readonly StructureFigures[]
  readonly criteria: ReadonlyMap<string, number>
}

async function readPlans(store: Store): Promise<Map<number, KnownPlan>> {
  const plans = await store.db
    .selectFrom('cbir.plan')
    .select(['id', 'patient_id', 'source_key'])
    .orderBy('id')
    .execute()
  const structures = await store.db
    .selectFrom('cbir.structure')
    .select(FIGURE_COLUMNS)
    .orderBy('name')
    .execute()
  return new Map(
    plans.map(({ id, patient_id, source_key }) => {
      const own = structures.filter((one) => one.plan_id === id)
      const known = { id, patient: patient_id, plan: source_key, structures: own }
      return [id, { ...known, criteria: criteria(own) }]
    }),
  )
}

function curvesOf(plan: KnownPlan, role: PlanDvh['role'], rank: number, gapGy: number): PlanDvh[] {
  return plan.structures.filter(isDosed).map((one) => {
    const step = Math.max(1, Math.round(STEP_GY / one.dvh_bin_gy))
    return {
      role,
      rank,
      plan: plan.plan,
      structure: one.name,
      gap: gapGy,
      bin_gy: step * one.dvh_bin_gy,
      volume: one.dvh.filter((_, bin) => bin % step === 0),
    }
  })
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
