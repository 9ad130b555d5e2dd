import type { Cohorts } from '../../store/plans/cohorts.js'
import { foldsOf } from '../../store/plans/folds.js'
import { organCentres } from '../../store/plans/plan-origins.js'
import type { Store } from '../../store/connection/connect.js'
import { mandibleLevels } from '../level-groups.js'
import { nearPlansBySpace } from './near-plans-by-space.js'
import { dosedPlans, openAnatomies, type Anatomies } from './plan-anatomies.js'
import { DEFAULT_NEIGHBOURS } from './plan-archive.js'
import { blendDoses, bringDose, meanDose } from './predict-dose.js'
import { baselineMethods, type PredictionMethod } from './prediction-methods.js'
import { predictionQuality, type PredictionEvaluation, type Scored } from './prediction-quality.js'
import { measuredVoxels, predictionScores } from './prediction-scores.js'
import { fitStructureDistance, STRUCTURE_SPACE, tooFew } from './structure-distance.js'
import type { Alignment, Transferred } from './transfer-dose.js'

export interface EvaluatePredictionsOptions {
  /** Spaces that find the neighbours, in addition to the baselines. (Default: none) */
  spaces?: readonly string[]
  /** Data sets to search. (Default: all; of the query data set, only patients that are not queries) */
  against?: readonly string[] | undefined
  /** Number of folds whose patients are queries in turn. (Default: the held-out patients are the queries, once) */
  folds?: number | undefined
  /** Plans whose dose is transferred. (Default: 20) */
  k?: number
  /** Seed of folds, random choices and the resamples of the intervals. (Default: 1) */
  seed?: number
  /** Called with a space that has no features of some plans, which is left out. (Default: none) */
  onRefused?: (space: string, reason: string) => void
  /** Called with a description of each step. (Default: none) */
  onStep?: (step: string) => void
  /** Stops between two plans. (Default: none) */
  signal?: AbortSignal
}

/**
 * Predicts the dose of each query plan from its nearest searched plans, by each space and baseline, and compares it
 * with the real dose. Null unless both the queries and the searched plans include plans with targets and dose.
 */
export async function evaluatePredictions(
  store: Store,
  dataset: string,
  options: EvaluatePredictionsOptions = {},
): Promise<PredictionEvaluation | null> {
  const { spaces = [], against, folds, k = DEFAULT_NEIGHBOURS, seed = 1 } = options
  const cohorts = await foldsOf(store, dataset, { against, spaces, seed, folds })
  const everybody = [...new Set(cohorts.flatMap((one) => [...one.asking, ...one.searched]))]
  const mandibles = await mandiblesOf(store, everybody)
  const anatomies = openAnatomies(store)
  const scored: Scored[] = []
  for (const [fold, cohort] of cohorts.entries()) {
    const of = cohorts.length > 1 ? `fold ${fold + 1} of ${cohorts.length}, ` : ''
    scored.push(
      ...(await scoresOf(store, anatomies, { ...options, cohort, mandibles, k, seed, of })),
    )
  }
  return scored.length === 0 ? null : predictionQuality(scored, { folds: folds ?? null, k, seed })
}

/** Distance of the middle of each plan's mandible from its first slice, whose position need not be 0. */
async function mandiblesOf(
  store: Store,
  patients: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const levels = mandibleLevels(await organCentres(store, patients))
  const rows = await store.db
    .selectFrom('cbir.slice')
    .select((eb) => ['plan_id', eb.fn.min('position_mm').as('first')])
    .where('plan_id', 'in', [...levels.keys()])
    .groupBy('plan_id')
    .execute()
  return new Map(rows.map(({ plan_id, first }) => [plan_id, levels.get(plan_id)! - first]))
}

interface FoldOptions extends EvaluatePredictionsOptions {
  readonly cohort: Cohorts
  /** Position of the mandible of each plan. */
  readonly mandibles: ReadonlyMap<number, number>
  readonly k: number
  readonly seed: number
  /** Name of the fold, for progress reports. */
  readonly of: string
}

/** Scores predictions for the query plans of one cohort. */
async function scoresOf(
  store: Store,
  anatomies: Anatomies,
  { cohort, mandibles, spaces = [], k, seed, of, onRefused, onStep, signal }: FoldOptions,
): Promise<Scored[]> {
  const { asking, searched } = cohort
  const known = await dosedPlans(store, [...asking, ...searched])
  const asked = known.filter(({ patient }) => asking.includes(patient))
  const archive = known.filter(({ patient }) => searched.includes(patient))
  const stored = archive.map(({ plan }) => plan)
  if (asked.length === 0 || stored.length === 0) return []
  onStep?.(`${of}fit ${STRUCTURE_SPACE} to ${stored.length} plans`)
  const structures = await fitStructureDistance(anatomies, archive, { seed, signal })
  if (!structures) onRefused?.(STRUCTURE_SPACE, tooFew(stored.length))
  const orders = await nearPlansBySpace(store, spaces, { queries: asked, stored, seed, onRefused })
  const scored: Scored[] = []
  for (const [i, { plan, patient }] of asked.entries()) {
    signal?.throwIfAborted()
    onStep?.(`${of}predict plan ${i + 1} of ${asked.length}`)
    const own = await anatomies.of(plan)
    const wanted = measuredVoxels(own)
    const brought = new Map<string, Transferred>()
    // Cached, because several methods choose the same plans.
    const bring = async (other: number, alignment: Alignment) => {
      const key = `${other} ${alignment}`
      const found = brought.get(key) ?? bringDose(own, await anatomies.of(other), wanted, alignment)
      brought.set(key, found)
      return found
    }
    const methods: PredictionMethod[] = [
      ...(await baselineMethods(anatomies, {
        own,
        wanted,
        stored,
        k,
        seed,
        bring,
        structures,
      })),
      ...orders.flatMap(({ by, seesDose, near }): PredictionMethod[] => {
        const plans = near.get(plan)?.slice(0, k)
        return plans ? [{ by, seesDose, alignment: 'deformable', blend: 'median', plans }] : []
      }),
    ]
    for (const method of methods) {
      const doses: Transferred[] = []
      for (const other of method.plans) doses.push(await bring(other, method.alignment))
      const blend = method.blend === 'mean' ? meanDose : blendDoses
      const dose = blend(doses, wanted.length)
      const scores = predictionScores(own, wanted, dose, mandibles.get(plan))
      scored.push({ method, plan, patient, scores })
    }
  }
  return scored
}
