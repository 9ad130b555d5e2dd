import * as Plot from '@observablehq/plot'
import type { AcrossPatients } from '../../compare/across-patients.js'
import type { Estimate } from '../../compare/bootstrap.js'
import type {
  PredictionEvaluation,
  PredictionQuality,
} from '../../compare/prediction/prediction-quality.js'
import { sideBySide, type Drawing } from '../drawing/chart.js'
import type { Figure } from './figure.js'
import { fixed, plain } from '../drawing/format.js'
import { intervalChart } from '../drawing/interval-chart.js'
import { intervalsNote } from '../drawing/intervals.js'
import { markup } from '../drawing/markup.js'

const MEASURES = [
  { key: 'dose_score_gy', title: 'Dose score', label: 'mean difference (Gy)', digits: 2 },
  { key: 'dvh_score_gy', title: 'DVH score', label: 'mean difference of criteria (Gy)', digits: 2 },
  { key: 'gamma_pass', title: 'Gamma pass rate', label: 'share of voxels', digits: 3 },
] as const

/** Accuracy of predicted doses; null if it was not measured. */
export function figurePredictions({ predictions }: AcrossPatients): Figure | null {
  if (!predictions) return null
  const { methods } = predictions
  const sorted = [
    ...methods.filter(({ sees_dose }) => !sees_dose),
    ...methods.filter(({ sees_dose }) => sees_dose),
  ]
  const estimates = sorted.flatMap((one) => MEASURES.map(({ key }) => one[key]))
  return {
    name: 'predictions',
    title: 'Accuracy of doses predicted from the nearest plans',
    caption: markup`${askedText(predictions)} The doses of ${plain(predictions.k)} plans are transferred by
aligning the distances to structures, and combined by their weighted median. Dose score and DVH score: as in the OpenKBP
challenge. Gamma: 3 % of the highest dose, 3 mm. Dots: methods that do not need the dose of the query plan, which a new
patient does not have; triangles: methods that use it. <code>random</code>: random plans; <code>mean dose</code>: the mean
of all plans, aligned at the centre of the targets; <code>oracle</code>: the plans nearest in dose.
Lines: ${intervalsNote(estimates)}. Arrows mark values beyond the frame. ${comparedText(predictions)}`,
    drawing: sideBySide(
      MEASURES.map((measure) => chart(sorted, measure)),
      3,
      'Accuracy of predicted doses',
    ),
    rows: sorted.flatMap((one) =>
      MEASURES.map(({ key }) => ({
        by: one.by,
        sees_dose: one.sees_dose,
        k: one.k,
        plans: one.plans,
        measure: key,
        ...one[key],
      })),
    ),
  }
}

function askedText({ folds, methods }: PredictionEvaluation): string {
  const plans = plain(Math.max(...methods.map((one) => one.plans)))
  return folds === null
    ? `The queries are ${plans} plans of held-out patients.`
    : `Each of ${plans} plans is a query once, in ${plain(folds)} folds of patients, with the plans of the other folds as the archive.`
}

/** Describes the significant differences from the reference. */
function comparedText({ methods, reference, comparisons }: PredictionEvaluation): string {
  const worse = methods.filter(({ less, sees_dose }) => {
    return !sees_dose && less !== null && less.dose.mean > 0 && (less.dose.p ?? 1) < 0.05
  })
  const found =
    worse.length === 0
      ? `no other method is significantly worse than ${reference}`
      : `${reference} is significantly better than ${worse.map(({ by }) => by).join(', ')}`
  return `By the dose score, ${found} (p < 0.05, sign-flip tests over patients, corrected for ${plain(comparisons)} comparisons).`
}

function chart(
  methods: readonly PredictionQuality[],
  { key, title, label, digits }: (typeof MEASURES)[number],
): Drawing {
  const rows = methods.map(({ by, sees_dose, [key]: estimate }: PredictionQuality) => ({
    name: by,
    seen: sees_dose,
    ...(estimate satisfies Estimate),
  }))
  // Without values that are so much worse that they would compress the scale.
  const middle = [...rows].sort((a, b) => a.mean - b.mean)[rows.length >> 1]!.mean
  const most = Math.min(2 * middle, 1.1 * Math.max(...rows.map(({ mean, high }) => high ?? mean)))
  const placed = rows.map((row) => ({
    ...row,
    beyond: row.mean > most,
    at: Math.min(row.mean, most),
    high: row.high === null ? null : Math.min(row.high, most),
  }))
  return intervalChart({
    label: title,
    title,
    measure: label,
    width: 356,
    height: 84 + 22 * rows.length,
    marginLeft: 122,
    marginRight: 48,
    most,
    names: rows.map(({ name }) => name),
    intervals: placed.filter(({ beyond }) => !beyond),
    marks: [
      Plot.dot(placed, {
        y: 'name',
        x: 'at',
        r: 5,
        fill: ({ seen }: { seen: boolean }) => (seen ? 'var(--ink)' : 'var(--series-1)'),
        symbol: ({ seen, beyond }: { seen: boolean; beyond: boolean }) =>
          seen || beyond ? 'triangle' : 'circle',
        rotate: ({ beyond }: { beyond: boolean }) => (beyond ? 90 : 0),
      }),
      Plot.text(rows, {
        y: 'name',
        frameAnchor: 'right',
        dx: 11,
        textAnchor: 'start',
        text: ({ mean }: { mean: number }) => fixed(mean, digits),
      }),
    ],
  })
}
