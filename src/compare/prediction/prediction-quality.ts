import { bootstrapMean, type Estimate } from '../bootstrap.js'
import { holm, pairedDifference, type PairedDifference } from '../paired.js'
import type { PredictionMethod } from './prediction-methods.js'
import { SCORE_GROUPS, type ScoreGroup } from '../score-groups.js'
import type { PredictionScores } from './prediction-scores.js'
import { OVERLAP_SPACE, STRUCTURE_SPACE } from './structure-distance.js'
import type { Alignment } from './transfer-dose.js'

/** Accuracy of doses predicted by neighbours, on plans of query patients. */
export interface PredictionEvaluation {
  /** Number of folds whose patients were queries in turn; null if the held-out patients were the queries, once. */
  readonly folds: number | null
  /** Plans whose dose is transferred. */
  readonly k: number
  /** The default method of `pg-lsh predict`, with which all others are compared plan by plan. */
  readonly reference: string
  /** Number of comparisons for which the p-values are corrected. */
  readonly comparisons: number
  readonly methods: readonly PredictionQuality[]
}

/** Accuracy of one method of prediction. */
export interface PredictionQuality {
  /** A space or a baseline. */
  readonly by: string
  /** Whether the search for neighbours used the dose of the query plan, which a new patient does not have. */
  readonly sees_dose: boolean
  readonly alignment: Alignment
  /** Plans whose dose is transferred. */
  readonly k: number
  /** Number of query plans. */
  readonly plans: number
  /** Mean absolute difference in Gy over the voxels with dose, the dose score of the OpenKBP challenge. */
  readonly dose_score_gy: Estimate
  /** Mean absolute difference of the dose criteria in Gy. */
  readonly dvh_score_gy: Estimate
  /** Share of voxels with a gamma of at most 1, global 3 % / 3 mm. */
  readonly gamma_pass: Estimate
  /** The dose score by part of the body and for slices that get at least 1 Gy; null if no plan has such slices. */
  readonly groups: Readonly<Record<ScoreGroup, Estimate | null>>
  /** Difference of the scores from those of the reference on the same plans; null for the reference itself. */
  readonly less: Readonly<Record<ScoreName, PairedDifference>> | null
}

const SCORES = ['dose', 'dvh', 'gamma'] as const
type ScoreName = (typeof SCORES)[number]

/** Scores of one method for one plan. */
export interface Scored {
  readonly method: PredictionMethod
  readonly plan: number
  readonly patient: number
  readonly scores: PredictionScores
}

/** Means over the plans with intervals over their patients, and the differences of each method from the reference. */
export function predictionQuality(
  scored: readonly Scored[],
  { folds, k, seed }: { folds: number | null; k: number; seed: number },
): PredictionEvaluation {
  const names = [...new Set(scored.map(({ method }) => method.by))]
  // The default of `pg-lsh predict`.
  const referred = names.includes(STRUCTURE_SPACE) ? STRUCTURE_SPACE : OVERLAP_SPACE
  const reference = new Map(
    scored.filter(({ method }) => method.by === referred).map((one) => [one.plan, one.scores]),
  )
  const rows = names.map((name) => {
    const own = scored.filter(({ method }) => method.by === name)
    const patients = Int32Array.from(own, ({ patient }) => patient)
    const values = (of: (scores: PredictionScores) => number) =>
      Float64Array.from(own, ({ scores }) => of(scores))
    const estimate = (of: (scores: PredictionScores) => number) =>
      bootstrapMean(values(of), patients, { seed })
    const less = (score: ScoreName) => {
      const gaps = Float64Array.from(
        own,
        ({ plan, scores }) => scores[score] - (reference.get(plan)?.[score] ?? NaN),
      )
      return pairedDifference(gaps, patients, { seed })
    }
    const { method } = own[0]!
    return {
      by: name,
      sees_dose: method.seesDose,
      alignment: method.alignment,
      k: method.plans.length,
      plans: own.length,
      dose_score_gy: estimate(({ dose }) => dose),
      dvh_score_gy: estimate(({ dvh }) => dvh),
      gamma_pass: estimate(({ gamma }) => gamma),
      groups: Object.fromEntries(
        SCORE_GROUPS.map((group) => {
          const found = estimate(({ groups }) => groups[group])
          return [group, Number.isNaN(found.mean) ? null : found]
        }),
      ) as Record<ScoreGroup, Estimate | null>,
      less:
        name === referred ? null : { dose: less('dose'), dvh: less('dvh'), gamma: less('gamma') },
    }
  })
  const compared = rows.flatMap(({ less }) => (less ? SCORES.map((score) => less[score]) : []))
  const corrected = holm(compared.map(({ p }) => p))
  const correctedOf = new Map(compared.map((one, i) => [one, { ...one, p: corrected[i]! }]))
  return {
    folds,
    k,
    reference: referred,
    comparisons: corrected.filter((p) => p !== null).length,
    methods: rows.map((row) => ({
      ...row,
      less: row.less && {
        dose: correctedOf.get(row.less.dose)!,
        dvh: correctedOf.get(row.less.dvh)!,
        gamma: correctedOf.get(row.less.gamma)!,
      },
    })),
  }
}
