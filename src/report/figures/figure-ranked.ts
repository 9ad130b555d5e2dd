import * as Plot from '@observablehq/plot'
import type { EvaluationSettings, SpaceEvaluation } from '../../compare/evaluation.js'
import { axis, drawChart, legend } from '../drawing/chart.js'
import { fixed } from '../drawing/format.js'
import { bounded, intervalsNote, intervalText, whyNoIntervals } from '../drawing/intervals.js'
import { markup } from '../drawing/markup.js'
import { kindStyle } from '../drawing/palette.js'
import type { Figure } from './figure.js'

/** Name of the rate-distortion estimate in an evaluation. */
const IDEAL = 'rate_distortion'

const BY = ['by Hamming distance', 'as a search ranks codes'] as const

/** Mean Dice over the bits, by Hamming distance and as a search ranks codes, with the rate-distortion estimate. */
export function figureRanked(
  { space, agreement, ranked }: SpaceEvaluation,
  { k, resamples }: EvaluationSettings,
): Figure | null {
  if (!ranked || ranked.length === 0) return null
  const lengths = [...new Set(ranked.map(({ bits }) => bits))].sort((a, b) => a - b)
  const plain = agreement.filter(
    (one) => one.k === k && !one.same_patient && one.overlaps && lengths.includes(one.bits),
  )
  const points = [
    ...plain.map(({ kind, bits, dice }) => ({ by: BY[0], kind, bits, ...dice })),
    ...ranked.map(({ kind, bits, dice }) => ({ by: BY[1], kind, bits, ...dice })),
  ]
  const codes = points.filter(({ kind }) => kind !== IDEAL)
  const ideal = points.filter(({ kind }) => kind === IDEAL)
  const kinds = [...new Set(codes.map(({ kind }) => kind))]
  const facet = { x: 'bits', fx: 'by' } as const
  const drawing = drawChart({
    label: `Dice at ${k} neighbours by number of bits in ${space}, by Hamming distance and as a search ranks codes`,
    width: 1000,
    height: 360,
    marginTop: 52,
    marginLeft: 52,
    marginBottom: 44,
    marginRight: 16,
    fx: { domain: [...BY], label: null, padding: 0.08 },
    x: {
      ...axis('code length (bits, logarithmic)'),
      type: 'log',
      ticks: lengths,
      tickFormat: String,
    },
    y: { ...axis('mean Dice, 0 to 1'), domain: [0, 1], grid: true },
    marks: [
      Plot.frame({ stroke: 'var(--rule)' }),
      // In both halves, for comparison.
      ...BY.map((by) =>
        Plot.line(
          ideal.map((point) => ({ ...point, by })),
          { ...facet, y: 'mean', stroke: 'var(--soft)', strokeWidth: 1.5, strokeDasharray: '2 3' },
        ),
      ),
      ...kinds.flatMap((kind) => {
        const own = codes.filter((point) => point.kind === kind)
        const { colour, symbol, dashes } = kindStyle(kind)
        return [
          Plot.link(bounded(own), {
            fx: 'by',
            x1: 'bits',
            x2: 'bits',
            y1: 'low',
            y2: 'high',
            stroke: colour,
            strokeWidth: 1.4,
          }),
          Plot.line(own, {
            ...facet,
            y: 'mean',
            z: 'by',
            stroke: colour,
            strokeWidth: 1.8,
            strokeDasharray: dashes,
          }),
          Plot.dot(own, { ...facet, y: 'mean', fill: colour, symbol, r: 4 }),
        ]
      }),
      ...whyNoIntervals(codes),
      ...legend(
        kinds.map((kind) => ({ name: kind, style: kindStyle(kind) })),
        { y: -40, step: 100 },
      ),
      ...(ideal.length > 0 ? [idealNote(kinds.length)] : []),
    ],
  })
  return {
    name: `ranked-${space}`,
    title: `Agreement of ranked codes with the true neighbours, ${space}`,
    caption: markup`Mean Dice of the ${k} nearest, other patients only. Left: ranked by the number of
differing bits. Right: as a search ranks codes before it reads vectors, by the margins of the query or by the estimated
distance; residual and scalar codes can only be ranked in this way. Lines through the dots: ${intervalsNote(codes)}, from
${resamples} resamples of patients. Dotted: limit of any code of that length if the features were Gaussian
(rate-distortion), without the cell, which residual and scalar codes know in addition. At the longest codes: ${kinds.map((kind) => longestOf(codes, kind)).join('; ')}.`,
    drawing,
    rows: points.map(({ by, kind, bits, mean, low, high }) => ({
      space,
      by,
      kind,
      bits,
      k,
      dice: mean,
      dice_low: low,
      dice_high: high,
    })),
  }
}

interface Point {
  readonly by: string
  readonly kind: string
  readonly bits: number
  readonly mean: number
  readonly low: number | null
  readonly high: number | null
}

function longestOf(points: readonly Point[], kind: string): string {
  const means = BY.flatMap((by) => {
    const last = points.filter((one) => one.kind === kind && one.by === by).at(-1)
    return last ? [`${fixed(last.mean, 2)} (${intervalText(last, 2)}) ${by}`] : []
  })
  return `${kind} ${means.join(', ')}`
}

function idealNote(place: number): Plot.Markish {
  return Plot.text(['dotted: rate-distortion estimate'], {
    frameAnchor: 'top-left',
    facet: 'super',
    dx: 100 * place + 6,
    dy: -40,
    textAnchor: 'start',
    lineAnchor: 'middle',
    fill: 'var(--soft)',
  })
}
