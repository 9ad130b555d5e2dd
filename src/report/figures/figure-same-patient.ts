import * as Plot from '@observablehq/plot'
import type { EvaluationSettings, SpaceEvaluation } from '../../compare/evaluation.js'
import { axis, drawChart, legend } from '../drawing/chart.js'
import type { Figure } from './figure.js'
import { bounded, intervalsNote, whyNoIntervals } from '../drawing/intervals.js'
import { markup } from '../drawing/markup.js'
import { seriesStyle } from '../drawing/palette.js'

/** Dice over the number of bits, with and without the query's own patient. */
export function figureSamePatient(
  { space, agreement }: SpaceEvaluation,
  { k }: EvaluationSettings,
): Figure {
  const shown = agreement.filter((one) => one.k === k && (one.same_patient || one.overlaps))
  const kinds = [...new Set(shown.map(({ kind }) => kind))]
  const lengths = [...new Set(shown.map(({ bits }) => bits))].sort((a, b) => a - b)
  const modes = [
    { samePatient: false, name: 'other patients only', style: seriesStyle(0) },
    { samePatient: true, name: 'the query’s own patient included', style: seriesStyle(1) },
  ]
  const points = shown.map((one) => ({ ...one, ...one.dice, place: lengths.indexOf(one.bits) }))
  const facet = { x: 'place', fx: 'kind' } as const
  const drawing = drawChart({
    label: `Dice with and without the query’s own patient in ${space}`,
    width: 1000,
    height: 300,
    marginTop: 54,
    marginLeft: 52,
    marginBottom: 44,
    marginRight: 12,
    fx: { domain: kinds, label: null, padding: 0.06 },
    x: {
      ...axis('code length (bits)'),
      domain: [-0.3, lengths.length - 0.7],
      ticks: lengths.map((_, i) => i),
      tickFormat: (i: number) => shortened(lengths[i] ?? 0),
    },
    y: { ...axis(`mean Dice@${k}`), domain: [0, 1], grid: true },
    marks: [
      Plot.frame({ stroke: 'var(--rule)' }),
      ...modes.flatMap(({ samePatient, style: { colour, symbol, dashes } }) => {
        const own = points.filter((point) => point.same_patient === samePatient)
        return [
          Plot.areaY(bounded(own), {
            ...facet,
            y1: 'low',
            y2: 'high',
            fill: colour,
            fillOpacity: 0.15,
          }),
          Plot.line(own, { ...facet, y: 'mean', stroke: colour, strokeDasharray: dashes }),
          Plot.dot(own, { ...facet, y: 'mean', fill: colour, symbol, r: 4 }),
        ]
      }),
      ...whyNoIntervals(points),
      ...legend(modes, { y: -40, step: 170 }),
    ],
  })
  return {
    name: `same-patient-${space}`,
    title: `Effect of including the query’s own patient, ${space}`,
    caption: markup`Mean Dice@${k}, ${intervalsNote(points)}. Slices adjacent to the query look almost
like it, and any method finds them. Including them makes codes look better than they are at finding other patients, which
is what matters. All other figures exclude them.`,
    drawing,
    rows: shown.map(
      ({ kind, bits, k: retrieved, same_patient, queries, patients, dice, jaccard }) => ({
        space,
        kind,
        bits,
        k: retrieved,
        same_patient,
        queries,
        patients,
        dice: dice.mean,
        dice_low: dice.low,
        dice_high: dice.high,
        jaccard: jaccard.mean,
        jaccard_low: jaccard.low,
        jaccard_high: jaccard.high,
      }),
    ),
  }
}

/** A number of bits in units of 1024: 4096 is 4k. */
function shortened(bits: number): string {
  return bits >= 1024 && bits % 1024 === 0 ? `${bits / 1024}k` : String(bits)
}
