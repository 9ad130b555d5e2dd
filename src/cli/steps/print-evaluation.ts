import type { Estimate } from '../../compare/bootstrap.js'
import type {
  PredictionEvaluation,
  PredictionQuality,
} from '../../compare/prediction/prediction-quality.js'
import type { SpaceQuality } from '../../compare/space-quality.js'
import { intervalText } from '../../report/drawing/intervals.js'
import type { Output } from '../output.js'
import { QUALITY_COLUMNS } from '../quality-columns.js'

/** Prints the retrieval figures of spaces, over all slices and by part of the body. */
export function printSpaces(output: Output, spaces: readonly SpaceQuality[]): void {
  output.table<SpaceQuality>(spaces, [
    'space',
    'dims',
    'patients',
    ...QUALITY_COLUMNS,
    { key: 'level_error_mm', label: 'level mm', digits: 1 },
    { key: 'dose_gap_gy', label: 'dose Gy', digits: 2 },
    { key: 'dvh_gap_gy', label: 'DVH Gy', digits: 2 },
    { key: 'same_patient_share', label: 'same patient', digits: 3 },
    { key: 'tied_share', label: 'tied', digits: 3 },
    { key: 'encode_per_s', label: 'encoded/s', digits: 0 },
  ])
  const groups = spaces.flatMap(({ space, groups: own }) =>
    own.map(({ group, slices, level_error_mm, dose_gap_gy }) => ({
      space,
      part: nameOf(group),
      slices,
      level: withInterval(level_error_mm, 1),
      dose: withInterval(dose_gap_gy, 2),
    })),
  )
  if (groups.length === 0) return
  output.table(groups, [
    'space',
    'part',
    'slices',
    { key: 'level', label: 'level mm (95 %)' },
    { key: 'dose', label: 'dose Gy (95 %)' },
  ])
}

/**
 * Prints the accuracy of predicted doses: first methods that a new patient allows, then those that use the dose of the
 * query plan.
 */
export function printPredictions(output: Output, predictions: PredictionEvaluation): void {
  const { methods, reference, comparisons } = predictions
  for (const seesDose of [false, true]) {
    const own = methods.filter(({ sees_dose }) => sees_dose === seesDose)
    if (own.length === 0) continue
    output.table(own.map(row), [
      {
        key: 'by',
        label: seesDose ? 'dose predicted by (using the dose)' : 'dose predicted by',
      },
      'k',
      'plans',
      { key: 'dose', label: 'dose score Gy (95 %)' },
      { key: 'dvh', label: 'DVH score Gy (95 %)' },
      { key: 'gamma', label: 'gamma pass (95 %)' },
      { key: 'less_dose', label: `dose − ${reference}`, digits: 2 },
      { key: 'p_dose', label: 'p', digits: 3 },
      { key: 'less_dvh', label: `DVH − ${reference}`, digits: 2 },
      { key: 'p_dvh', label: 'p', digits: 3 },
    ])
  }
  output.say(
    `p: sign-flip tests over patients, corrected for ${comparisons} comparisons with ${reference} (Holm)`,
  )
}

function row(one: PredictionQuality) {
  return {
    by: one.by,
    k: one.k,
    plans: one.plans,
    dose: withInterval(one.dose_score_gy, 2),
    dvh: withInterval(one.dvh_score_gy, 2),
    gamma: withInterval(one.gamma_pass, 3),
    less_dose: one.less?.dose.mean ?? null,
    p_dose: one.less?.dose.p ?? null,
    less_dvh: one.less?.dvh.mean ?? null,
    p_dvh: one.less?.dvh.p ?? null,
  }
}

function withInterval(estimate: Estimate, digits: number): string {
  return `${estimate.mean.toFixed(digits)} (${intervalText(estimate, digits)})`
}

function nameOf(group: string): string {
  return group === 'from_1_gy' ? 'slices with at least 1 Gy' : group
}
