import * as Plot from '@observablehq/plot'
import type { Agreement, SpaceEvaluation } from '../../compare/evaluation.js'
import { axis, drawChart } from '../drawing/chart.js'
import type { Figure } from './figure.js'
import { fixed } from '../drawing/format.js'
import { intervalText } from '../drawing/intervals.js'
import { markup } from '../drawing/markup.js'
import { kindStyle } from '../drawing/palette.js'

const MEASURES = ['Dice', 'Jaccard'] as const
type Measure = (typeof MEASURES)[number]

/** Standard deviation of the kernel that smooths each query: half the step between two possible values. */
const SMEAR = 0.05
/** Half of the width available for each length. */
const HALF = 0.42
const STEPS = 60

/** Violin plots of Dice and Jaccard of all queries, over the number of bits. */
export function figureBits(
  { space, agreement }: SpaceEvaluation,
  { bits, k, tie_rule }: { bits: readonly number[]; k: number; tie_rule: string },
): Figure {
  const shown = agreement.filter((one) => one.k === k && !one.same_patient && one.overlaps)
  const kinds = [...new Set(shown.map(({ kind }) => kind))]
  const violins = shown.flatMap((one) =>
    MEASURES.map((measure) => ({ ...one, measure, values: valuesOf(one, measure) })),
  )
  const place = ({ bits: own }: Agreement) => positions.indexOf(own)
  const positions = [...new Set([...bits, ...shown.map((one) => one.bits)])].sort((a, b) => a - b)
  const facet = { fx: 'measure', fy: 'kind' } as const
  const drawing = drawChart({
    label: `Dice and Jaccard at ${k} neighbours by number of bits in ${space}`,
    width: 1000,
    height: 62 + 150 * kinds.length,
    marginLeft: 58,
    marginRight: 66,
    marginBottom: 44,
    marginTop: 24,
    fx: { domain: [...MEASURES], label: null, padding: 0.06 },
    fy: { domain: kinds, label: null, padding: 0.1 },
    x: {
      ...axis('code length (bits)'),
      domain: [-0.6, positions.length - 0.4],
      ticks: positions.map((_, i) => i),
      tickFormat: (i: number) => String(positions[i]),
    },
    y: { ...axis('agreement per query, 0 to 1'), domain: [0, 1], grid: true, ticks: 5 },
    marks: [
      Plot.frame({ stroke: 'var(--rule)' }),
      ...violins.flatMap((violin) => {
        const { colour } = kindStyle(violin.kind)
        const x = place(violin)
        const outline = densityOf(violin.values).map((point) => ({ ...violin, ...point }))
        const quarters = [0.25, 0.5, 0.75].map((share) => quantileOf(violin.values, share))
        return [
          Plot.areaX(outline, {
            ...facet,
            y: 'value',
            x1: (point: { width: number }) => x - HALF * point.width,
            x2: (point: { width: number }) => x + HALF * point.width,
            fill: colour,
            fillOpacity: 0.4,
            stroke: colour,
          }),
          Plot.link(
            quarters.map((value, i) => ({ ...violin, value, half: i === 1 ? 0.3 : 0.17 })),
            {
              ...facet,
              x1: ({ half }: { half: number }) => x - half,
              x2: ({ half }: { half: number }) => x + half,
              y1: 'value',
              y2: 'value',
              stroke: 'var(--ink)',
              strokeWidth: 1.6,
            },
          ),
        ]
      }),
    ],
  })
  return {
    name: `bits-${space}`,
    title: `Agreement with the true neighbours by code length, ${space}`,
    caption: markup`Each violin shows the agreement of the ${k} nearest slices by Hamming distance alone with
the ${k} true neighbours, over ${shown[0]?.queries ?? 0} query slices of ${shown[0]?.patients ?? 0} held-out patients; other
slices of the query’s own patient are excluded. The width of a violin shows how many queries have that value; the long
line is the median, the short ones are the quartiles. Dice is the overlap of the two lists, as for two contours: 1 is
full agreement. Jaccard is a stricter measure of the same overlap, J = D / (2 − D), checked query by query. ${tie_rule}. Mean Dice with its 95 % interval over
patients: ${kinds.map((kind) => meansOf(shown, kind)).join('; ')}.`,
    drawing,
    rows: shown.flatMap((one) => rowsOf(space, one)),
  }
}

function meansOf(shown: readonly Agreement[], kind: string): string {
  const own = shown.filter((one) => one.kind === kind)
  const first = own[0]
  const last = own.at(-1)
  if (!first || !last) return kind
  const meanText = (one: Agreement) =>
    `${fixed(one.dice.mean, 2)} (${intervalText(one.dice, 2)}) at ${one.bits} bits`
  return `${kind} ${meanText(first)}${last === first ? '' : `, ${meanText(last)}`}`
}

function valuesOf({ overlaps, sizes }: Agreement, measure: Measure): number[] {
  return (overlaps ?? []).flatMap((hits, i) => {
    const size = sizes?.[i] ?? 0
    if (size === 0) return []
    return [measure === 'Dice' ? hits / size : hits / (2 * size - hits)]
  })
}

/** Density of values between 0 and 1, with a maximum of 1, reflected at both ends. */
function densityOf(values: readonly number[]): { value: number; width: number }[] {
  const bell = (x: number) => Math.exp(-(x ** 2) / (2 * SMEAR ** 2))
  const points = Array.from({ length: STEPS + 1 }, (_, i) => {
    const value = i / STEPS
    const width = values.reduce(
      (sum, one) => sum + bell(value - one) + bell(value + one) + bell(2 - value - one),
      0,
    )
    return { value, width }
  })
  const highest = Math.max(...points.map(({ width }) => width))
  return points.map(({ value, width }) => ({ value, width: width / highest }))
}

function quantileOf(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const [low, high] = [sorted[Math.floor(at)] ?? NaN, sorted[Math.ceil(at)] ?? NaN]
  return low + (high - low) * (at - Math.floor(at))
}

/** One row per query. */
function rowsOf(space: string, one: Agreement): Figure['rows'] {
  return (one.overlaps ?? []).map((overlap, query) => {
    const size = one.sizes?.[query] ?? 0
    const { kind, bits, k } = one
    return {
      space,
      kind,
      bits,
      k,
      query,
      overlap,
      dice: overlap / size,
      jaccard: overlap / (2 * size - overlap),
    }
  })
}
