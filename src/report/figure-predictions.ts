import * as Plot from '@observablehq/plot'
import type { AcrossPatients } from '../compare/across-patients.js'
import type { Estimate } from '../compare/bootstrap.js'
import type {
  PredictionEvaluation,
  PredictionQuality,
} from '../compare/prediction/prediction-quality.js'
import { sideBySide, type Drawing } from './chart.js'
import type { Figure } from './figure.js'
import { fixed, plain } from './format.js'
import { intervalChart } from './interval-chart.js'
import { intervalsNote } from './intervals.js'
import { markup } from './markup.js'

const MEASURES = [
  { key: 'dose_score_gy', title: 'Dose score', label: 'mean difference (Gy)', digits: 2 },
  { key: 'dvh_score_gy', title: 'DVH score', label: 'difference of criteria (Gy)', digits: 2 },
  { key: 'gamma_pass', title: 'Gamma pass rate', label: 'share of voxels', digits: 3 },
] as const

/** How near doses by neighbours come to the real ones; null where that was not measured. */
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
    title: 'Dose by neighbours: how near the doses of other plans come to that of the plan',
    caption: markup`${askedText(predictions)} The doses of ${plain(predictions.k)} plans are brought by aligning the
distances to structures, and blended by their weighted median. Dose score, DVH score: as in the OpenKBP challenge; gamma: 3 % of the highest dose, 3 mm.
Dots: found without the dose of the plan that asks, which a new patient does not have; triangles: its dose was seen.
<code>random</code>: plans taken at random; <code>mean dose</code>: that of all plans, placed by the middle of the targets; <code>oracle</code>: the plans
nearest in dose. Lines: ${intervalsNote(estimates)}. ${comparedText(predictions)}`,
    drawing: sideBySide(
      MEASURES.map((measure) => chart(sorted, measure)),
      3,
      'Dose by neighbours',
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
    ? `${plans} plans of patients who were held out ask.`
    : `Each of ${plans} plans asks once, in ${plain(folds)} folds of patients, and is compared with the plans of the other folds.`
}

/** What differs from the reference beyond chance, as a sentence. */
function comparedText({ methods, reference, comparisons }: PredictionEvaluation): string {
  const worse = methods.filter(({ less, sees_dose }) => {
    return !sees_dose && less !== null && less.dose.mean > 0 && (less.dose.p ?? 1) < 0.05
  })
  const whom = worse.map(({ by }) => by).join(', ')
  return `By the dose score ${reference} is better than ${whom === '' ? 'none of the others' : whom} (p < 0.05, sign-flip tests over patients, corrected for ${plain(comparisons)} comparisons).`
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
  const most = 1.1 * Math.max(...rows.map(({ mean, high }) => high ?? mean))
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
    intervals: rows,
    marks: [
      Plot.dot(rows, {
        y: 'name',
        x: 'mean',
        r: 5,
        fill: ({ seen }: { seen: boolean }) => (seen ? 'var(--ink)' : 'var(--series-1)'),
        symbol: ({ seen }: { seen: boolean }) => (seen ? 'triangle' : 'circle'),
      }),
      Plot.text(rows, {
        y: 'name',
        frameAnchor: 'right',
        dx: 6,
        textAnchor: 'start',
        text: ({ mean }: { mean: number }) => fixed(mean, digits),
      }),
    ],
  })
}
