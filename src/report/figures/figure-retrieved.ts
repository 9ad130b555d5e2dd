import * as Plot from '@observablehq/plot'
import type { EvaluationSettings, SpaceEvaluation } from '../../compare/evaluation.js'
import { axis, drawChart, legend } from '../drawing/chart.js'
import type { Figure } from './figure.js'
import { bounded, intervalsNote, whyNoIntervals } from '../drawing/intervals.js'
import { markup } from '../drawing/markup.js'
import { kindStyle } from '../drawing/palette.js'

/** Dice and Jaccard over the number of retrieved images, with intervals. */
export function figureRetrieved(
  { space, agreement }: SpaceEvaluation,
  settings: EvaluationSettings,
): Figure {
  const shown = agreement.filter((one) => !one.same_patient && !one.overlaps)
  const kinds = [...new Set(shown.map(({ kind }) => kind))]
  const points = shown.flatMap((one) => [
    { ...one, measure: 'Dice', ...one.dice },
    { ...one, measure: 'Jaccard', ...one.jaccard },
  ])
  const facet = { x: 'k', fx: 'measure' } as const
  const lengthOf = (kind: string) => shown.find((one) => one.kind === kind)?.bits ?? 0
  const drawing = drawChart({
    label: `Dice and Jaccard by number of retrieved slices in ${space}`,
    width: 1000,
    height: 340,
    marginTop: 50,
    marginLeft: 52,
    marginBottom: 44,
    marginRight: 16,
    fx: { domain: ['Dice', 'Jaccard'], label: null, padding: 0.08 },
    x: { ...axis('retrieved slices'), domain: [0, settings.most_retrieved], ticks: 6 },
    y: { ...axis('mean agreement, 0 to 1'), domain: [0, 1], grid: true },
    marks: [
      Plot.frame({ stroke: 'var(--rule)' }),
      ...kinds.flatMap((kind) => {
        const own = points.filter((point) => point.kind === kind)
        const { colour, symbol, dashes } = kindStyle(kind)
        const marked = own.filter(({ k }) => k === 1 || k % 20 === 0)
        return [
          Plot.areaY(bounded(own), {
            ...facet,
            y1: 'low',
            y2: 'high',
            fill: colour,
            fillOpacity: 0.13,
          }),
          Plot.line(own, {
            ...facet,
            y: 'mean',
            stroke: colour,
            strokeWidth: 1.8,
            strokeDasharray: dashes,
          }),
          Plot.dot(marked, { ...facet, y: 'mean', fill: colour, symbol, r: 4 }),
        ]
      }),
      ...whyNoIntervals(points),
      ...legend(
        kinds.map((kind) => ({ name: `${kind}, ${lengthOf(kind)} bits`, style: kindStyle(kind) })),
        { y: -38, step: 150 },
      ),
    ],
  })
  const first = shown[0]
  return {
    name: `retrieved-${space}`,
    title: `Agreement by number of retrieved slices, ${space}`,
    caption: markup`Mean over ${first?.queries ?? 0} query slices of ${first?.patients ?? 0} patients, with 1 to
${settings.most_retrieved} slices retrieved by Hamming distance alone and compared with as many true neighbours; other patients
only. Bands: ${intervalsNote(points)}, from ${settings.resamples} resamples of patients, not slices.
${settings.tie_rule}.`,
    drawing,
    rows: shown.map(({ kind, bits, k, dice, jaccard }) => ({
      space,
      kind,
      bits,
      k,
      dice: dice.mean,
      dice_low: dice.low,
      dice_high: dice.high,
      jaccard: jaccard.mean,
      jaccard_low: jaccard.low,
      jaccard_high: jaccard.high,
    })),
  }
}
