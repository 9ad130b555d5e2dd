import { LshError } from '../../core/errors.js'
import type { Store } from '../../store/connection/connect.js'
import { assertDataset } from '../../store/plans/patients.js'
import { doseCriteria, quantile } from './dose-criteria.js'
import { nearPlans } from './near-plans.js'
import { overlapDistance } from './overlap-histogram.js'
import { dosedPlans, openAnatomies, type Anatomies } from './plan-anatomies.js'
import { histogram, structureVoxels } from './structure-voxels.js'
import { predictDose } from './predict-dose.js'
import type { Alignment } from './transfer-dose.js'

/** What the doses of the nearest plans suggest for a plan. */
export interface PlanPrediction {
  readonly plan: string
  readonly plan_id: number
  readonly space: string
  readonly alignment: Alignment
  readonly neighbours: readonly {
    plan_id: number
    plan: string
    patient: string
    distance: number
  }[]
  readonly structures: readonly PredictedStructure[]
}

/** What a structure would get. Bands hold the 10, 50 and 90 % quantiles over the neighbours. */
export interface PredictedStructure {
  readonly name: string
  readonly role: 'target' | 'organ'
  readonly volume_cc: number
  readonly objectives: readonly Objective[]
  /** Fractions of the volume that get at least as many Gy as the place in the list. */
  readonly dvh: {
    readonly p10: readonly number[]
    readonly p50: readonly number[]
    readonly p90: readonly number[]
  }
  /** The same of the plan's own dose; null without. */
  readonly own_dvh: readonly number[] | null
}

/** One dose criterion, in Gy. */
export interface Objective {
  readonly criterion: string
  readonly p10: number
  readonly p50: number
  readonly p90: number
  /** Of the mean of the doses of all neighbours. */
  readonly predicted: number
  /** Of the plan's own dose; null without. */
  readonly own: number | null
}

export interface PredictPlanOptions {
  /** Space that finds the neighbours; `plan_ovh` compares overlap volume histograms, which need no dose. (Default: plan_ovh) */
  space?: string
  /** Plans whose dose is brought. (Default: 10) */
  k?: number
  /** (Default: deformable) */
  alignment?: Alignment
  /** Data sets that are searched. (Default: all) */
  against?: readonly string[] | undefined
  /** Told what is being done. (Default: nobody is told) */
  onStep?: (step: string) => void
  /** Stops between two plans. (Default: none) */
  signal?: AbortSignal
}

export const OVERLAP_SPACE = 'plan_ovh'

/**
 * Predicts the dose of a plan from those of the nearest plans of other patients. The plan's own dose, where it has one, is
 * only shown beside it.
 *
 * @throws LshError `LSH01` for an unknown plan, space or data set, `LSH03` where there are no plans with dose and targets to
 *   learn from, or the plan has no targets
 */
export async function predictPlan(
  store: Store,
  plan: number,
  options: PredictPlanOptions = {},
): Promise<PlanPrediction> {
  const { space = OVERLAP_SPACE, k = 10, alignment = 'deformable', onStep, signal } = options
  const anatomies = openAnatomies(store)
  onStep?.('read the plan')
  const own = await anatomies.of(plan)
  const stored = await searchedPlans(store, own.volume.patient, options.against)
  onStep?.(`find ${k} of ${stored.length} plans in ${space}`)
  const near = (await orderOf(store, anatomies, { plan, stored, space, signal })).slice(0, k)
  const others = []
  for (const other of near) others.push(await anatomies.of(other.plan))
  onStep?.('bring their doses')
  signal?.throwIfAborted()
  const wanted = structureVoxels(own.volume.structures, own.volume.body.length)
  const { dose, each } = predictDose(own, others, wanted, alignment)
  const found = each.map((one) => doseCriteria(own, wanted, one))
  const predicted = doseCriteria(own, wanted, dose)
  const truth = own.volume.dose
  const real = truth ? Float32Array.from(wanted, (voxel) => truth[voxel]!) : null
  const achieved = real ? doseCriteria(own, wanted, real) : null
  const known = await store.db
    .selectFrom('cbir.plans')
    .select(['plan_id', 'plan', 'patient'])
    .where(
      'plan_id',
      'in',
      near.map((one) => one.plan),
    )
    .execute()
  const voxelCc = (own.grid.mm[0] * own.grid.mm[1] * own.grid.mm[2]) / 1000
  return {
    plan: own.volume.key,
    plan_id: plan,
    space,
    alignment,
    neighbours: near.map(({ plan: id, distance }) => {
      const one = known.find(({ plan_id }) => plan_id === id)!
      return { plan_id: id, plan: one.plan, patient: one.patient, distance }
    }),
    structures: own.volume.structures.flatMap(({ name, role, inside }) => {
      const places = Array.from(wanted.keys()).filter((i) => inside[wanted[i]!])
      if (places.length === 0) return []
      const dvhOf = (of: Float32Array) => histogram(places.map((i) => of[i]!))
      const all = each.map(dvhOf)
      const bins = Math.max(...all.map(({ length }) => length))
      const band = (share: number) =>
        Array.from({ length: bins }, (_, bin) =>
          quantile(
            all.map((dvh) => dvh[bin] ?? 0).sort((a, b) => a - b),
            share,
          ),
        )
      const objectives = [...predicted].flatMap(([criterion, gy]): Objective[] => {
        if (!criterion.startsWith(`${name} `)) return []
        const values = found.map((one) => one.get(criterion)!).sort((a, b) => a - b)
        return [
          {
            criterion: criterion.slice(name.length + 1),
            p10: quantile(values, 0.1),
            p50: quantile(values, 0.5),
            p90: quantile(values, 0.9),
            predicted: gy,
            own: achieved?.get(criterion) ?? null,
          },
        ]
      })
      return [
        {
          name,
          role,
          volume_cc: places.length * voxelCc,
          objectives,
          dvh: { p10: band(0.1), p50: band(0.5), p90: band(0.9) },
          own_dvh: real ? dvhOf(real) : null,
        },
      ]
    }),
  }
}

/** Plans with dose of other persons than one patient. */
export async function searchedPlans(
  store: Store,
  patient: number,
  against: readonly string[] | undefined,
): Promise<number[]> {
  for (const name of against ?? []) await assertDataset(store, name)
  const rows = await store.db
    .selectFrom('cbir.patient')
    .select(['id', 'pseudonym', 'dataset'])
    .execute()
  const person = rows.find(({ id }) => id === patient)!.pseudonym
  const patients = rows
    .filter((row) => row.pseudonym !== person && (against?.includes(row.dataset) ?? true))
    .map(({ id }) => id)
  const plans = patients.length === 0 ? [] : await dosedPlans(store, patients)
  if (plans.length > 0) return plans.map((one) => one.plan)
  throw new LshError('LSH03', 'no other patient has a plan with dose and targets', {
    hint: 'Load an archive: "pg-lsh load openkbp DIR --dataset NAME".',
  })
}

/** Plans, nearest first. */
async function orderOf(
  store: Store,
  anatomies: Anatomies,
  {
    plan,
    stored,
    space,
    signal,
  }: { plan: number; stored: readonly number[]; space: string; signal: AbortSignal | undefined },
): Promise<{ plan: number; distance: number }[]> {
  if (space !== OVERLAP_SPACE) {
    const found = (await nearPlans(store, space, { plans: [plan], stored, seed: 1 })).get(plan)
    if (found && found.length > 0) return found
    throw new LshError('LSH03', `the plan has no features in space "${space}"`, {
      hint: `Encode it: "pg-lsh encode --space ${space}"; a plan without dose has none in spaces that see doses: take ${OVERLAP_SPACE}.`,
    })
  }
  const own = await anatomies.histograms(plan)
  const found: { plan: number; distance: number }[] = []
  for (const other of stored) {
    signal?.throwIfAborted()
    found.push({ plan: other, distance: overlapDistance(own, await anatomies.histograms(other)) })
  }
  return found.sort((a, b) => a.distance - b.distance || a.plan - b.plan)
}
