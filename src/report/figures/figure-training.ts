import * as Plot from '@observablehq/plot'
import type { SpaceEvaluation } from '../../compare/evaluation.js'
import type { TrainedKernel } from '../../compare/measure-training.js'
import { axis, drawChart, legend, sideBySide, type Drawing } from '../drawing/chart.js'
import { fixed, threeDigits } from '../drawing/format.js'
import { markup } from '../drawing/markup.js'
import { seriesStyle } from '../drawing/palette.js'
import type { Figure } from './figure.js'

const SERIES = [
  { name: 'calibrated', style: seriesStyle(0) },
  { name: 'trained', style: seriesStyle(1) },
] as const

/** Kernel and Hamming curve before and after training, and the learned measure. */
export function figureTraining({ space, training, radius }: SpaceEvaluation): Figure | null {
  if (!training) return null
  const { bits, bandwidth, kernels, means, measure, held_out, untrained, trained } = training
  return {
    name: `training-${space}`,
    title: `The kernel before and after training, ${space}`,
    caption: markup`The kernel as a mixture of Gaussian kernels of many bandwidths, trained to agree with
clusters (Schönberg measure, arXiv 2006.13330). Left: the kernel against the distance. Middle: the share of differing
bits of cosine codes of ${bits} bits; lines: expectation from the kernel, dots: measured pairs of sampled slices. Right:
the learned measure, as a histogram of the codes’ directions by bandwidth; before training, all had the calibrated
bandwidth, γ = ${threeDigits(bandwidth)}, at 1. Vertical lines: the neighbour radius. For ${held_out} held-out slices, codes
find ${fixed(untrained, 3)} of the ten nearest by Hamming distance before training, and ${fixed(trained, 3)} after.`,
    drawing: sideBySide(
      [kernelChart(training, radius), hammingChart(training, radius), measureChart(training)],
      3,
      `Kernel, Hamming curve and measure before and after training in ${space}`,
    ),
    rows: [
      ...kernels.flatMap(({ distance, before, after, hamming_before, hamming_after }) => [
        rowOf(space, 'kernel', distance, before, after),
        rowOf(space, 'expected share of differing bits', distance, hamming_before, hamming_after),
      ]),
      ...means.map(({ trained: late, distance, measured }) =>
        rowOf(
          space,
          'measured share of differing bits',
          distance,
          late ? null : measured,
          late ? measured : null,
        ),
      ),
      ...measure.map(({ from, to, count }) =>
        rowOf(
          space,
          'directions by bandwidth, relative to the calibrated one',
          (from + to) / 2,
          null,
          count,
        ),
      ),
    ],
  }
}

function rowOf(
  space: string,
  what: string,
  at: number,
  before: number | null,
  after: number | null,
) {
  return { space, what, at, before, after }
}

function kernelChart({ kernels }: TrainedKernel, radius: number | null): Drawing {
  return frame('Kernel', {
    x: { ...axis('Euclidean distance'), ticks: 6 },
    y: { ...axis('kernel'), domain: [0, 1], grid: true, ticks: 5 },
    marks: [...radiusMark(radius), line(kernels, 'before', 0), line(kernels, 'after', 1)],
  })
}

function hammingChart({ kernels, means }: TrainedKernel, radius: number | null): Drawing {
  return frame('Hamming curve', {
    x: { ...axis('Euclidean distance'), ticks: 6 },
    y: { ...axis('share of differing bits'), domain: [0, 0.55], grid: true, ticks: 5 },
    marks: [
      ...radiusMark(radius),
      line(kernels, 'hamming_before', 0),
      line(kernels, 'hamming_after', 1),
      ...SERIES.map(({ style }, i) =>
        Plot.dot(
          means.filter(({ trained }) => trained === (i === 1)),
          { x: 'distance', y: 'measured', fill: style.colour, symbol: style.symbol, r: 2.6 },
        ),
      ),
    ],
  })
}

function measureChart({ measure, bits }: TrainedKernel): Drawing {
  const share = measure.map(({ from, to, count }) => ({ from, to, share: count / bits }))
  const { style } = SERIES[1]
  return frame('Measure', {
    x: { ...axis('bandwidth, relative to the calibrated one'), ticks: 6 },
    y: { ...axis('share of directions'), grid: true, ticks: 5, nice: true },
    marks: [
      Plot.rect(share, {
        x1: 'from',
        x2: 'to',
        y1: () => 0,
        y2: 'share',
        fill: style.colour,
        fillOpacity: 0.6,
        inset: 0.5,
      }),
      Plot.ruleX([1], { stroke: SERIES[0].style.colour, strokeWidth: 1.8 }),
    ],
  })
}

function line(points: TrainedKernel['kernels'], y: string, series: 0 | 1): Plot.Markish {
  const { colour, dashes } = SERIES[series].style
  return Plot.line(points, {
    x: 'distance',
    y,
    stroke: colour,
    strokeDasharray: dashes,
    strokeWidth: 1.8,
  })
}

function radiusMark(radius: number | null): Plot.Markish[] {
  return radius === null ? [] : [Plot.ruleX([radius], { stroke: 'var(--soft)' })]
}

function frame(title: string, options: Pick<Plot.PlotOptions, 'x' | 'y' | 'marks'>): Drawing {
  return drawChart({
    label: title,
    width: 346,
    height: 300,
    marginTop: 52,
    marginBottom: 42,
    marginLeft: 58,
    marginRight: 14,
    ...options,
    marks: [
      Plot.frame({ stroke: 'var(--rule)' }),
      ...(options.marks ?? []),
      ...legend(SERIES, { y: -16, step: 100 }),
      Plot.text([title], { frameAnchor: 'top-left', dy: -36, fontWeight: 'bold' }),
    ],
  })
}
