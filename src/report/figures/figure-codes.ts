import * as Plot from '@observablehq/plot'
import type { Bar } from '../../compare/code-health.js'
import type { SpaceEvaluation } from '../../compare/evaluation.js'
import { axis, drawChart, legend, sideBySide, type Drawing } from '../drawing/chart.js'
import type { Figure } from './figure.js'
import { fixed } from '../drawing/format.js'
import { markup } from '../drawing/markup.js'
import { kindStyle, seriesStyle } from '../drawing/palette.js'

/** Balance of bits, correlation between bits, bucket sizes, and residuals of the measured Hamming curve. */
export function figureCodes(space: SpaceEvaluation): Figure {
  const { health, buckets } = space
  const label = `Code health of ${space.space}`
  return {
    name: `codes-${space.space}`,
    title: `Code health, ${space.space}`,
    caption: markup`Balance: share of ${health[0]?.rows ?? 0} sampled slices for which a bit is 1; a bit carries
most information at ½. Correlation: Pearson correlation of two bits over these slices; it is 0 for independent bits,
and redundant bits are wasted (mean absolute value: ${health.map((one) => `${one.kind} ${fixed(one.meanAbsoluteCorrelation, 3)}`).join(', ')}; constant bits:
${health.map((one) => `${one.kind} ${one.constantBits}`).join(', ')}). Buckets: sizes of the buckets of an index of these
slices, largest first: ${buckets
      .map(
        (one) =>
          `${one.buckets} has ${one.count}, of which ${one.empty} are empty; the largest has ${one.largest} slices, and a slice shares its bucket with ${fixed(Math.max(0, one.met - 1), 0)} others on average`,
      )
      .join('; ')}. Theory: measured minus expected share of differing bits, for the longest
measured code; within ± 0.01 if the two agree.`,
    drawing: sideBySide(
      [
        barsChart(
          'Balance of bits',
          'share of slices with a 1',
          health.map((one) => ({ ...one, bars: one.balance })),
        ),
        barsChart(
          'Correlation of two bits',
          'correlation',
          health.map((one) => ({ ...one, bars: one.correlation })),
        ),
        bucketChart(space),
        residualChart(space),
      ],
      2,
      label,
    ),
    rows: [
      ...health.flatMap((one) => [
        ...barRows(space.space, one.kind, 'balance', one.balance),
        ...barRows(space.space, one.kind, 'correlation', one.correlation),
      ]),
      ...buckets.flatMap((one) =>
        one.sizes.map((size, rank) => ({
          space: space.space,
          of: one.buckets,
          what: 'bucket size by rank',
          from: rank,
          to: rank + 1,
          count: size,
        })),
      ),
    ],
  }
}

function barRows(space: string, of: string, what: string, bars: readonly Bar[]): Figure['rows'] {
  return bars.map(({ from, to, count }) => ({ space, of, what, from, to, count }))
}

function barsChart(
  title: string,
  label: string,
  series: readonly { kind: string; bits: number; bars: readonly Bar[] }[],
): Drawing {
  const points = series.flatMap(({ kind, bars }) => {
    const total = bars.reduce((sum, { count }) => sum + count, 0)
    return bars.map(({ from, to, count }) => ({
      kind,
      middle: (from + to) / 2,
      share: count / total,
    }))
  })
  const first = series[0]?.bars
  return frameChart(title, {
    x: { ...axis(label), domain: [first?.[0]?.from ?? 0, first?.at(-1)?.to ?? 1] },
    y: { ...axis('share of bits or pairs'), grid: true, ticks: 5, nice: true },
    marks: [
      ...series.map(({ kind }) => {
        const { colour, dashes } = kindStyle(kind)
        return Plot.line(
          points.filter((point) => point.kind === kind),
          {
            x: 'middle',
            y: 'share',
            curve: 'step',
            stroke: colour,
            strokeDasharray: dashes,
            strokeWidth: 1.7,
          },
        )
      }),
      ...legend(
        series.map(({ kind, bits }) => ({ name: `${kind} (${bits})`, style: kindStyle(kind) })),
        {
          x: 0,
          y: -16,
          step: 112,
        },
      ),
    ],
  })
}

function bucketChart({ buckets }: SpaceEvaluation): Drawing {
  const names = buckets.map((one) => one.buckets)
  return frameChart('Bucket sizes', {
    x: {
      ...axis('bucket, largest first (logarithmic)'),
      type: 'log',
      ticks: 4,
      tickFormat: String,
    },
    y: {
      ...axis('slices per bucket (logarithmic)'),
      type: 'log',
      grid: true,
      ticks: 4,
      tickFormat: String,
    },
    marks: [
      ...buckets.map(({ sizes }, i) =>
        Plot.line(
          sizes.map((size, rank) => ({ rank: rank + 1, size })),
          {
            x: 'rank',
            y: 'size',
            stroke: seriesStyle(i).colour,
            strokeDasharray: seriesStyle(i).dashes,
            strokeWidth: 1.8,
          },
        ),
      ),
      ...legend(
        names.map((name, i) => ({ name, style: seriesStyle(i) })),
        { y: -16, step: 112 },
      ),
    ],
  })
}

function residualChart({ curves }: SpaceEvaluation): Drawing {
  const known = curves.filter(
    ({ setting, means }) =>
      setting === 'calibrated' && means.some(({ expected }) => expected !== null),
  )
  const longest = known.filter((curve) =>
    known.every((one) => one.kind !== curve.kind || one.bits <= curve.bits),
  )
  const points = longest.flatMap(({ kind, means }) =>
    means.map(({ distance, measured, expected }) => ({
      kind,
      distance,
      gap: measured - (expected ?? NaN),
    })),
  )
  const highest = Math.max(0.015, ...points.map(({ gap }) => Math.abs(gap)))
  return frameChart('Measured minus expected', {
    x: { ...axis('Euclidean distance'), ticks: 6 },
    y: {
      ...axis('difference of shares'),
      domain: [-1.05 * highest, 1.05 * highest],
      grid: true,
      ticks: 5,
    },
    marks: [
      Plot.ruleY([0], { stroke: 'var(--soft)' }),
      Plot.ruleY([-0.01, 0.01], { stroke: 'var(--soft)', strokeDasharray: '1 3' }),
      ...longest.flatMap(({ kind }) => {
        const { colour, dashes, symbol } = kindStyle(kind)
        const own = points.filter((point) => point.kind === kind)
        return [
          Plot.line(own, { x: 'distance', y: 'gap', stroke: colour, strokeDasharray: dashes }),
          Plot.dot(own, { x: 'distance', y: 'gap', fill: colour, symbol, r: 3 }),
        ]
      }),
      ...legend(
        longest.map(({ kind, bits }) => ({ name: `${kind} (${bits})`, style: kindStyle(kind) })),
        {
          y: -16,
          step: 112,
        },
      ),
    ],
  })
}

function frameChart(title: string, options: Pick<Plot.PlotOptions, 'x' | 'y' | 'marks'>): Drawing {
  return drawChart({
    label: title,
    width: 510,
    height: 290,
    marginTop: 52,
    marginBottom: 42,
    marginLeft: 68,
    marginRight: 18,
    ...options,
    marks: [
      Plot.frame({ stroke: 'var(--rule)' }),
      ...(options.marks ?? []),
      Plot.text([title], { frameAnchor: 'top-left', dy: -36, fontWeight: 'bold' }),
    ],
  })
}
