import type { Store } from '../../store/connection/connect.js'
import type { Anatomy } from './anatomy.js'
import { doseCriteria, quantile } from './dose-criteria.js'
import { openAnatomies } from './plan-anatomies.js'
import { DEFAULT_NEIGHBOURS, orderOf, planningSpace, searchedPlans } from './plan-archive.js'
import { histogram, structureVoxels } from './structure-voxels.js'
import { predictDose } from './predict-dose.js'
import { targetDoses } from './target-doses.js'
import type { Alignment } from './transfer-dose.js'

/** Prediction of a plan's dose from the doses of the nearest plans. */
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

/**
 * Predicted dose of a structure. Bands are the 10, 50 and 90 % quantiles over the neighbours: for an organ, of the
 * doses that each predicts; for a target, of the doses that each gives its own target of that name.
 */
export interface PredictedStructure {
  readonly name: string
  readonly role: 'target' | 'organ'
  readonly volume_cc: number
  readonly objectives: readonly Objective[]
  /** Element i is the fraction of the volume that gets at least i Gy. */
  readonly dvh: {
    readonly p10: readonly number[]
    readonly p50: readonly number[]
    readonly p90: readonly number[]
  }
  /** The same for the plan's own dose; null without one. */
  readonly own_dvh: readonly number[] | null
}

/** One dose criterion, in Gy. */
export interface Objective {
  readonly criterion: string
  readonly p10: number
  readonly p50: number
  readonly p90: number
  /** From the prediction that combines all neighbours. */
  readonly predicted: number
  /** From the plan's own dose; null without one. */
  readonly own: number | null
}

export interface PredictPlanOptions {
  /**
   * Space that finds the neighbours. `plan_structures` compares places in anatomies with weights that are fitted to the
   * doses of the searched plans, `plan_ovh` compares overlap volume histograms; neither needs a dose of the plan.
   * (Default: plan_structures; plan_ovh if there are too few plans to fit it)
   */
  space?: string
  /** Plans whose dose is transferred. (Default: 20) */
  k?: number
  /** (Default: deformable) */
  alignment?: Alignment
  /** Data sets to search. (Default: all) */
  against?: readonly string[] | undefined
  /** Called with a description of each step. (Default: none) */
  onStep?: (step: string) => void
  /** Stops between two plans. (Default: none) */
  signal?: AbortSignal
}

/**
 * Predicts the dose of a plan from the doses of the nearest plans of other patients. The plan's own dose, if it has
 * one, is only returned for comparison.
 *
 * @throws LshError `LSH01` for an unknown plan, space or data set, `LSH03` if there are no plans with dose and targets
 * to learn from, or the plan has no targets
 */
export async function predictPlan(
  store: Store,
  plan: number,
  options: PredictPlanOptions = {},
): Promise<PlanPrediction> {
  const { k = DEFAULT_NEIGHBOURS, alignment = 'deformable', onStep, signal } = options
  const anatomies = openAnatomies(store)
  onStep?.('read the plan')
  const own = await anatomies.of(plan)
  const archive = await searchedPlans(store, own.volume.patient, options.against)
  const space = options.space ?? planningSpace(archive)
  onStep?.(`find ${k} of ${archive.length} plans in ${space}`)
  const order = await orderOf(store, anatomies, { plan, archive, space, signal })
  const near = order.slice(0, k)
  const others: Anatomy[] = []
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
      const targets = role === 'target' ? targetDoses(own, others, name) : []
      // If few neighbours have such a target, the transferred dose is used.
      const comparable = 2 * targets.length >= others.length && targets.length > 0
      const all = comparable ? targets.map(({ dvh }) => dvh) : each.map(dvhOf)
      const reached = comparable ? targets.map(({ criteria }) => criteria) : found
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
        const values = reached.map((one) => one.get(criterion)!).sort((a, b) => a - b)
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
