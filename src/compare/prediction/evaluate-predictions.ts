import { permutation, random } from '../../core/random.js'
import type { Store } from '../../store/connection/connect.js'
import { cohortsOf } from '../../store/plans/cohorts.js'
import { needsDose } from '../../store/spaces/spaces.js'
import type { Anatomy } from './anatomy.js'
import { bootstrapMean, type Estimate } from '../bootstrap.js'
import { nearPlans } from './near-plans.js'
import { overlapDistance, volumeDistance } from './overlap-histogram.js'
import { dosedPlans, openAnatomies, type Anatomies } from './plan-anatomies.js'
import { predictDose } from './predict-dose.js'
import { measuredVoxels, predictionScores, type PredictionScores } from './prediction-scores.js'
import { cannotBeMeasured } from '../measurable.js'
import { transferDose, type Alignment } from './transfer-dose.js'

/** How near the dose by neighbours comes to that of plans of patients who ask. */
export interface PredictionQuality {
  /** A space, or a baseline: `volumes`, `random`, `mean dose`, `oracle`. */
  readonly by: string
  /** Whether finding the neighbours took the dose of the plan that asks, which a new patient does not have. */
  readonly sees_dose: boolean
  readonly alignment: Alignment
  /** Plans whose dose is brought. */
  readonly k: number
  readonly plans: number
  /** Mean absolute difference in Gy where there is dose, as the OpenKBP challenge has it. */
  readonly dose_score_gy: Estimate
  /** Mean absolute difference of the dose criteria in Gy. */
  readonly dvh_score_gy: Estimate
  /** Share of voxels with a gamma of at most 1, global 3 % / 3 mm. */
  readonly gamma_pass: Estimate
  /** The scores less those by `plan_ovh` of the same plans; negative where this is better. Null for `plan_ovh` itself. */
  readonly less_plan_ovh: { readonly dose_gy: Estimate; readonly dvh_gy: Estimate } | null
}

export interface EvaluatePredictionsOptions {
  /** Spaces that find the neighbours, besides the baselines. (Default: none) */
  spaces?: readonly string[]
  /** Data sets that are searched. (Default: all, of the one that asks those who do not ask) */
  against?: readonly string[] | undefined
  /** Plans whose dose is brought. (Default: 10) */
  k?: number
  /** Decides what is drawn blindly and the resamples of the intervals. (Default: 1) */
  seed?: number
  /** Told of a space that cannot find plans, and is left out. (Default: nobody is told) */
  onRefused?: (space: string, reason: string) => void
  /** Told what is being done. (Default: nobody is told) */
  onStep?: (step: string) => void
  /** Stops between two plans. (Default: none) */
  signal?: AbortSignal
}

export const DEFAULT_NEIGHBOURS = 10

/**
 * Predicts the dose of each plan that asks from the nearest of those that are searched, by each space and baseline, and
 * compares it with the real one. Empty where no plans with targets and dose are on both sides.
 */
export async function evaluatePredictions(
  store: Store,
  dataset: string,
  options: EvaluatePredictionsOptions = {},
): Promise<PredictionQuality[]> {
  const { spaces = [], against, k = DEFAULT_NEIGHBOURS, seed = 1 } = options
  const { onRefused, onStep, signal } = options
  const cohorts = await cohortsOf(store, dataset, { against, spaces, seed })
  const known = await dosedPlans(store, [...cohorts.asking, ...cohorts.searched])
  const asking = known.filter(({ patient }) => cohorts.asking.includes(patient))
  const stored = known.filter(({ patient }) => cohorts.searched.includes(patient))
  if (asking.length === 0 || stored.length === 0) return []
  const ids = (plans: typeof known) => plans.map(({ plan }) => plan)
  const orders = new Map<string, { near: Map<number, number[]>; seesDose: boolean }>()
  for (const space of spaces) {
    try {
      const found = await nearPlans(store, space, { plans: ids(asking), stored: ids(stored), seed })
      const near = new Map([...found].map(([plan, list]) => [plan, list.map((one) => one.plan)]))
      if (near.size < asking.length) onRefused?.(space, 'some plans have no features in it')
      else orders.set(space, { near, seesDose: await needsDose(store, space) })
    } catch (error) {
      if (!onRefused || !cannotBeMeasured(error)) throw error
      onRefused(space, error.message)
    }
  }
  const anatomies = openAnatomies(store)
  const rows = new Map<string, { of: Method; scores: PredictionScores[] }>()
  for (const [i, { plan }] of asking.entries()) {
    signal?.throwIfAborted()
    onStep?.(`predict plan ${i + 1} of ${asking.length}`)
    const own = await anatomies.of(plan)
    const wanted = measuredVoxels(own)
    const methods = await methodsFor(anatomies, own, wanted, { stored: ids(stored), k, seed, plan })
    for (const [space, { near, seesDose }] of orders)
      methods.push({
        by: space,
        seesDose,
        alignment: 'deformable',
        plans: near.get(plan)!.slice(0, k),
      })
    for (const of of methods) {
      const others: Anatomy[] = []
      for (const other of of.plans) others.push(await anatomies.of(other))
      const { dose } = predictDose(own, others, wanted, of.alignment)
      const name = of.alignment === 'rigid' && of.by === 'plan_ovh' ? 'plan_ovh, rigid' : of.by
      const row = rows.get(name) ?? { of: { ...of, by: name }, scores: [] }
      row.scores.push(predictionScores(own, wanted, dose))
      rows.set(name, row)
    }
  }
  const patients = Int32Array.from(asking, ({ patient }) => patient)
  const reference = rows.get('plan_ovh')!.scores
  const estimate = (values: readonly number[]) =>
    bootstrapMean(Float64Array.from(values), patients, { seed })
  return [...rows.values()].map(({ of, scores }) => ({
    by: of.by,
    sees_dose: of.seesDose,
    alignment: of.alignment,
    k: of.plans.length,
    plans: scores.length,
    dose_score_gy: estimate(scores.map(({ dose }) => dose)),
    dvh_score_gy: estimate(scores.map(({ dvh }) => dvh)),
    gamma_pass: estimate(scores.map(({ gamma }) => gamma)),
    less_plan_ovh:
      of.by === 'plan_ovh'
        ? null
        : {
            dose_gy: estimate(scores.map(({ dose }, i) => dose - reference[i]!.dose)),
            dvh_gy: estimate(scores.map(({ dvh }, i) => dvh - reference[i]!.dvh)),
          },
  }))
}

interface Method {
  readonly by: string
  readonly seesDose: boolean
  readonly alignment: Alignment
  readonly plans: readonly number[]
}

/** What finds neighbours without any space. */
async function methodsFor(
  anatomies: Anatomies,
  own: Anatomy,
  wanted: Int32Array,
  { stored, k, seed, plan }: { stored: readonly number[]; k: number; seed: number; plan: number },
): Promise<Method[]> {
  const histograms = await anatomies.histograms(plan)
  const byOverlap: { other: number; distance: number }[] = []
  const byVolume: typeof byOverlap = []
  const byDose: typeof byOverlap = []
  const truth = own.volume.dose!
  for (const other of stored) {
    const found = await anatomies.histograms(other)
    byOverlap.push({ other, distance: overlapDistance(histograms, found) })
    const anatomy = await anatomies.of(other)
    byVolume.push({ other, distance: volumeDistance(own, anatomy) })
    const { dose } = transferDose(own, anatomy, wanted, 'rigid')
    let sum = 0
    for (let i = 0; i < wanted.length; i++) {
      sum += Math.abs((Number.isNaN(dose[i]) ? 0 : dose[i]!) - truth[wanted[i]!]!)
    }
    byDose.push({ other, distance: sum })
  }
  const first = (list: typeof byOverlap) =>
    [...list]
      .sort((a, b) => a.distance - b.distance || a.other - b.other)
      .slice(0, k)
      .map(({ other }) => other)
  const drawn = permutation(stored.length, random(seed + plan)).subarray(0, k)
  return [
    { by: 'plan_ovh', seesDose: false, alignment: 'deformable', plans: first(byOverlap) },
    { by: 'plan_ovh', seesDose: false, alignment: 'rigid', plans: first(byOverlap) },
    { by: 'volumes', seesDose: false, alignment: 'deformable', plans: first(byVolume) },
    {
      by: 'random',
      seesDose: false,
      alignment: 'deformable',
      plans: Array.from(drawn, (i) => stored[i]!),
    },
    { by: 'mean dose', seesDose: false, alignment: 'rigid', plans: stored },
    { by: 'oracle', seesDose: true, alignment: 'deformable', plans: first(byDose) },
  ]
}
