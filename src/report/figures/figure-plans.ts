import * as Plot from '@observablehq/plot'
import type { PlanDvh, PlanEvaluation } from '../../compare/evaluate-plans.js'
import type { SpaceEvaluation } from '../../compare/evaluation.js'
import { axis, drawChart, legend, sideBySide, type Drawing } from '../drawing/chart.js'
import type { Figure } from './figure.js'
import { fixed } from '../drawing/format.js'
import { intervalChart } from '../drawing/interval-chart.js'
import { intervalsNote } from '../drawing/intervals.js'
import { markup } from '../drawing/markup.js'
import { seriesStyle, type SeriesStyle } from '../drawing/palette.js'

/** Number of structures in the figure, which fill three rows. */
const STRUCTURES = 9

/** Similarity in dose of the plans found across patients; null if plans were not compared. */
export function figurePlans({ space, plans }: SpaceEvaluation): Figure | null {
  if (!plans) return null
  const drawings = [gapChart(plans), ...(plans.shown ? dvhCharts(plans.shown.curves) : [])]
  const label = `Dose of plans found across patients in ${space}`
  const { nearest, random } = plans
  return {
    name: `plans-${space}`,
    title: `Retrieval across patients: doses of plans with similar anatomy, ${space}`,
    caption: markup`Dose gap: mean absolute difference of the criteria of the OpenKBP challenge (D0.1cc and mean of organs;
D1, D95 and D99 of targets), over the structures that both plans have; ${plans.queries} query plans, ${intervalsNote([nearest])}. The nearest plan
by the modified Hausdorff distance of slices differs by ${fixed(nearest.mean, 2)} Gy, a random plan by ${fixed(random.mean, 2)} Gy, the best
possible plan by ${fixed(plans.best.mean, 2)} Gy. The other charts show cumulative dose-volume histograms of one query plan${plans.shown ? markup` (<code>${plans.shown.plan}</code>)` : markup``}, its nearest
plans of other patients and one random plan (seeded).`,
    drawing: sideBySide(drawings, 3, label),
    rows: [
      ...(['nearest', 'five', 'random', 'best'] as const).map((of) => ({
        space,
        what: `dose gap, ${of}`,
        plan: null,
        structure: null,
        dose_gy: null,
        volume: null,
        gap_gy: plans[of].mean,
        gap_low: plans[of].low,
        gap_high: plans[of].high,
      })),
      ...(plans.shown?.curves ?? []).flatMap((curve) =>
        curve.volume.map((volume, bin) => ({
          space,
          what: `dose-volume histogram, ${nameOf(curve)}`,
          plan: curve.plan,
          structure: curve.structure,
          dose_gy: bin * curve.bin_gy,
          volume,
          gap_gy: null,
          gap_low: null,
          gap_high: null,
        })),
      ),
    ],
  }
}

function gapChart(plans: PlanEvaluation): Drawing {
  const rows = [
    { name: 'nearest plan', ...plans.nearest },
    { name: 'five nearest, mean', ...plans.five },
    { name: 'random plan', ...plans.random },
    { name: 'best possible', ...plans.best },
  ].map((row) => ({ ...row, end: row.high ?? row.mean }))
  return intervalChart({
    label: 'Dose gap',
    title: 'Dose gap to the query',
    measure: 'dose gap (Gy)',
    width: 340,
    height: 250,
    marginLeft: 136,
    marginRight: 14,
    most: 1.3 * Math.max(...rows.map(({ end }) => end)),
    names: rows.map(({ name }) => name),
    intervals: rows,
    marks: [
      Plot.dot(rows, { y: 'name', x: 'mean', r: 5, fill: 'var(--series-1)' }),
      Plot.text(rows, {
        y: 'name',
        x: 'end',
        dx: 6,
        textAnchor: 'start',
        text: ({ mean }: { mean: number }) => fixed(mean, 2),
      }),
    ],
  })
}

function dvhCharts(curves: readonly PlanDvh[]): Drawing[] {
  const own = curves.filter(({ role }) => role === 'query')
  const shared = own.map(({ structure }) => structure)
  // Targets first, then the organs that most of the plans have.
  const count = (name: string) => curves.filter(({ structure }) => structure === name).length
  const target = (name: string) => (/^PTV/i.test(name) ? 0 : 1)
  const chosen = [...shared]
    .sort((a, b) => target(a) - target(b) || count(b) - count(a) || (a < b ? -1 : 1))
    .slice(0, STRUCTURES - 1)
  const most = Math.max(...curves.map(({ volume, bin_gy }) => volume.length * bin_gy))
  return chosen.map((structure, i) =>
    dvhChart(
      structure,
      curves.filter((curve) => curve.structure === structure),
      most,
      i === 0,
    ),
  )
}

function dvhChart(
  structure: string,
  curves: readonly PlanDvh[],
  most: number,
  named: boolean,
): Drawing {
  return drawChart({
    label: `Dose-volume histograms of ${structure}`,
    width: 340,
    height: 250,
    marginTop: 48,
    marginLeft: 56,
    marginRight: 14,
    marginBottom: 42,
    x: { ...axis('dose (Gy)'), domain: [0, Math.ceil(most / 10) * 10], ticks: 5 },
    y: { ...axis('volume (%)'), domain: [0, 100], grid: true, ticks: 5 },
    marks: [
      Plot.frame({ stroke: 'var(--rule)' }),
      ...curves.map((curve) => {
        const { colour, dashes } = styleOf(curve)
        return Plot.line(
          curve.volume.map((volume, bin) => ({ dose: bin * curve.bin_gy, percent: 100 * volume })),
          {
            x: 'dose',
            y: 'percent',
            stroke: colour,
            strokeDasharray: dashes,
            strokeWidth: curve.role === 'query' ? 2.6 : 1.4,
          },
        )
      }),
      Plot.text([structure], { frameAnchor: 'top-left', dy: -18, fontWeight: 'bold' }),
      ...(named
        ? legend(
            LEGEND.filter(({ role, rank }) =>
              curves.some((curve) => curve.role === role && curve.rank === rank),
            ).map(({ name, ...of }) => ({ name, style: styleOf(of) })),
            { x: -36, y: -34, step: 64, mark: 'line' },
          )
        : []),
    ],
  })
}

/** Names of the curves; the legend lists those that are drawn. */
const LEGEND: readonly (Pick<PlanDvh, 'role' | 'rank'> & { name: string })[] = [
  { name: 'query', role: 'query', rank: 0 },
  { name: '1st', role: 'nearest', rank: 1 },
  { name: '2nd', role: 'nearest', rank: 2 },
  { name: '3rd', role: 'nearest', rank: 3 },
  { name: 'random', role: 'random', rank: 0 },
]

const STYLES: Record<PlanDvh['role'], SeriesStyle> = {
  query: { colour: 'var(--ink)', symbol: 'circle', dashes: 'none' },
  nearest: seriesStyle(0),
  random: { ...seriesStyle(1), dashes: '4 3' },
}

function styleOf({ role, rank }: Pick<PlanDvh, 'role' | 'rank'>): SeriesStyle {
  if (role !== 'nearest') return STYLES[role]
  // Nearest plans are one series; dashes distinguish the second and third.
  return { ...STYLES.nearest, dashes: ['none', 'none', '9 3', '3 2'][rank] ?? 'none' }
}

function nameOf({ role, rank }: PlanDvh): string {
  return role === 'nearest' ? `nearest ${rank}` : role
}
