import * as Plot from '@observablehq/plot'
import type { SpaceEvaluation } from '../../compare/evaluation.js'
import type { HammingCell, HammingCurve } from '../../compare/hamming-curve.js'
import { gaussianKernel, leastHamming, mostHamming } from '../../hash/expected-hamming.js'
import { FAMILY_KINDS, kindNamed } from '../../hash/kinds.js'
import { axis, drawChart, sideBySide, type Drawing } from '../drawing/chart.js'
import type { Figure } from './figure.js'
import { fixed, threeDigits } from '../drawing/format.js'
import { markup } from '../drawing/markup.js'

const WIDTH = 346
const HEIGHT = 290

/** Normalised Hamming against Euclidean distance, with theory, for all kinds and settings. */
export function figureHamming({ space, curves, radius }: SpaceEvaluation): Figure {
  const order = [...curves].sort((a, b) => placeOf(a.kind) - placeOf(b.kind) || rank(a) - rank(b))
  const panels = order.map((curve) => drawPanel(curve, radius))
  const label = `Normalised Hamming distance against Euclidean distance in ${space}`
  const gaps = order.flatMap((curve) => gapOf(curve) ?? [])
  return {
    name: `hamming-${space}`,
    title: `Hamming distance as an estimate of the true distance, ${space}`,
    caption: markup`Share of bits in which the codes of two slices differ, against the distance of their
features; stronger colours mean more pairs (${order[0]?.pairs ?? 0} per panel, half of them near ones). Dots: means of pairs at
similar distances. Solid line: expectation from theory, for kernel codes between the two bounds of Raginsky and Lazebnik
(dashed lines); it ends on a plateau, 4/π² = 0.405 for kernel and ½ for cosine codes, where the Hamming distance carries
no information. Vertical line: the neighbour radius, the median distance to the 50th neighbour,
${radius === null ? 'undefined here' : threeDigits(radius)}. The bandwidth γ is calibrated so that neighbours are on the steep part of the curve. With γ = 1
on raw features, the setting of the talk, nearly all pairs are on the plateau, which makes the scatter plot flat. Largest
deviation of a mean from the expectation for its pairs: ${gaps.join('; ')}.`,
    drawing: sideBySide(panels, 3, label),
    rows: order.flatMap(({ kind, bits, setting, bandwidth, means }) =>
      means.map(({ distance, pairs, measured, expected }) => ({
        space,
        kind,
        bits,
        setting,
        bandwidth,
        distance,
        pairs,
        measured,
        expected,
      })),
    ),
  }
}

/** Trained directions follow those of the kernel, from which they started. */
function placeOf(kind: string): number {
  return kind === 'trained' ? 0.5 : FAMILY_KINDS.findIndex((known) => known === kind)
}

/** Orders the calibrated setting before others. */
function rank({ bits, setting }: HammingCurve): number {
  return setting === 'calibrated' ? bits : Infinity
}

function gapOf({ kind, bits, setting, means }: HammingCurve): string | null {
  const gaps = means.flatMap(({ measured, expected }) =>
    expected === null ? [] : [Math.abs(measured - expected)],
  )
  if (gaps.length === 0 || setting !== 'calibrated') return null
  return `${fixed(Math.max(...gaps), 4)} (${kind}, ${bits} bits)`
}

function drawPanel(curve: HammingCurve, radius: number | null): Drawing {
  const { kind, bits, bandwidth, setting, cells, means, farthest } = curve
  const most = Math.max(...cells.map(({ pairs }) => pairs))
  const [width, height] = [
    stepOf(cells.map((c) => c.distance)),
    stepOf(cells.map((c) => c.hamming)),
  ]
  const gamma = bandwidth === null ? '' : `, γ = ${threeDigits(bandwidth)}`
  const title = `${kind}, ${bits} bits${gamma}${setting === 'gamma-1' ? ' (the talk)' : ''}`
  return drawChart({
    label: title,
    width: WIDTH,
    height: HEIGHT,
    marginTop: 34,
    marginBottom: 40,
    marginLeft: 58,
    marginRight: 14,
    x: { ...axis('Euclidean distance'), domain: [0, farthest * 1.02], ticks: 6 },
    y: {
      ...axis('share of differing bits'),
      domain: [0, Math.max(0.55, ...cells.map((c) => c.hamming + height))],
      ticks: 6,
    },
    marks: [
      Plot.frame({ stroke: 'var(--rule)' }),
      Plot.rect(cells, {
        x1: ({ distance }: HammingCell) => distance - width / 2,
        x2: ({ distance }: HammingCell) => distance + width / 2,
        y1: ({ hamming }: HammingCell) => Math.max(0, hamming - height / 2),
        y2: ({ hamming }: HammingCell) => hamming + height / 2,
        fill: 'var(--series-1)',
        fillOpacity: ({ pairs }: { pairs: number }) => 0.08 + 0.72 * Math.sqrt(pairs / most),
      }),
      ...plateauMarks(kind),
      ...(radius === null ? [] : radiusMarks(radius)),
      ...theory(curve),
      Plot.dot(means, {
        x: 'distance',
        y: 'measured',
        r: 2.6,
        fill: 'var(--ink)',
        stroke: 'var(--paper)',
        strokeWidth: 0.7,
      }),
      Plot.text([title], { frameAnchor: 'top-left', dy: -18, fontWeight: 'bold' }),
    ],
  })
}

/** Line at the limit of the expected share; none for kinds without a limit. */
function plateauMarks(kind: string): Plot.Markish[] {
  const y = kindNamed(kind)?.plateau
  if (y === undefined) return []
  return [
    Plot.ruleY([y], { stroke: 'var(--soft)', strokeDasharray: '1 3' }),
    Plot.text(['plateau'], { x: 0, y, dx: 4, dy: -8, textAnchor: 'start', fill: 'var(--soft)' }),
  ]
}

function radiusMarks(radius: number): Plot.Markish[] {
  const y = 0.02
  return [
    Plot.ruleX([radius], { stroke: 'var(--soft)' }),
    Plot.text(['neighbour radius'], {
      x: radius,
      y,
      dx: 4,
      textAnchor: 'start',
      fill: 'var(--soft)',
      stroke: 'var(--paper)',
      strokeWidth: 4,
    }),
  ]
}

/** The expected curve through the bins; for kernel codes also the bounds, which need no measurement. */
function theory({ kind, bandwidth, means, farthest }: HammingCurve): Plot.Markish[] {
  const colour = 'var(--series-2)'
  const expected = means.filter((mean) => mean.expected !== null)
  const line = Plot.line(expected, {
    x: 'distance',
    y: 'expected',
    stroke: colour,
    strokeWidth: 1.8,
  })
  if (kind !== 'kernel' || bandwidth === null) return expected.length > 0 ? [line] : []
  const bounds = Array.from({ length: 81 }, (_, i) => {
    const distance = (i / 80) * farthest
    const kernel = gaussianKernel(bandwidth, distance)
    return { distance, least: leastHamming(kernel), most: mostHamming(kernel) }
  })
  const style = { x: 'distance', stroke: colour, strokeDasharray: '4 3' } as const
  return [
    Plot.line(bounds, { ...style, y: 'least' }),
    Plot.line(bounds, { ...style, y: 'most' }),
    line,
  ]
}

/** Smallest step between values on a grid. */
function stepOf(values: readonly number[]): number {
  const sorted = [...new Set(values)].sort((a, b) => a - b)
  const steps = sorted.slice(1).map((value, i) => value - (sorted[i] as number))
  return steps.length > 0 ? Math.min(...steps.filter((step) => step > 1e-9)) : 1
}
