import * as Plot from '@observablehq/plot'
import type { SpaceEvaluation } from '../../compare/evaluation.js'
import type { StageCost } from '../../compare/search-cost.js'
import { axis, drawChart, legend, sideBySide } from '../drawing/chart.js'
import type { Figure } from './figure.js'
import { fixed } from '../drawing/format.js'
import { bounded, intervalsNote, whyNoIntervals } from '../drawing/intervals.js'
import { markup } from '../drawing/markup.js'
import { seriesStyle } from '../drawing/palette.js'

const STAGES = ['buckets', 'scan', 'hnsw', 'exact'] as const

/** With fewer slices, an exact search takes a few milliseconds. */
const FEW = 20_000
const FEW_NOTE =
  ' An exact search of so few slices takes only milliseconds: an index pays off from tens of thousands of slices.'

/** Recall against time for the candidate stages of an index, with code loss and bucket loss; null without an index. */
export function figureSearch({ space, search, items }: SpaceEvaluation): Figure | null {
  const first = search[0]
  if (!first) return null
  const label = `Recall against time of the candidate stages in ${space}`
  return {
    name: `search-${space}`,
    title: `Time and recall of searches by the hash index, ${space}`,
    caption: markup`Left: recall@10 (share of the 10 true neighbours that the whole search finds, including
exact re-ranking) against the median time of a query in this database, ${intervalsNote(search.map(({ recall }) => recall))}. The number at a
point is the number of buckets visited at first: a search that finds too few candidates there visits more, so that the
smallest number is not the fastest. Right: recall lost because true neighbours are not candidates even among all codes
(code loss), and recall lost in addition because buckets were not visited (bucket loss; negative if the skipped buckets
held false candidates), with the share of codes visited. Index
${first.index}, ${first.queries} queries, ${items} slices, other patients only.${items < FEW ? FEW_NOTE : ''}`,
    drawing: sideBySide([recallChart(search), lossChart(search)], 2, label),
    rows: search.map((cost) => ({
      space,
      index: cost.index,
      stage: cost.stage,
      probes: cost.probes,
      queries: cost.queries,
      recall: cost.recall.mean,
      recall_low: cost.recall.low,
      recall_high: cost.recall.high,
      code_loss: cost.code_loss,
      bucket_loss: cost.bucket_loss,
      visited_share: cost.visited_share,
      median_ms: cost.median_ms,
      p95_ms: cost.p95_ms,
    })),
  }
}

function recallChart(search: readonly StageCost[]) {
  const points = search.map((cost) => ({ ...cost, ...cost.recall }))
  const present = STAGES.filter((stage) => search.some((cost) => cost.stage === stage))
  const styleOf = (stage: StageCost['stage']) => seriesStyle(STAGES.indexOf(stage))
  const times = search.map(({ median_ms }) => median_ms)
  const lowest = Math.min(...points.map(({ mean, low }) => low ?? mean))
  return drawChart({
    label: 'Recall against time',
    width: 520,
    height: 340,
    marginTop: 48,
    marginBottom: 44,
    marginLeft: 52,
    marginRight: 24,
    x: {
      ...axis('median time of a query (ms, logarithmic)'),
      type: 'log',
      domain: [Math.min(...times) / 1.3, Math.max(...times) * 1.4],
      ticks: 5,
      tickFormat: (ms: number) => String(Number(ms.toPrecision(2))),
      grid: true,
    },
    y: { ...axis('recall@10'), domain: [Math.max(0, lowest - 0.05), 1.02], grid: true },
    marks: [
      Plot.frame({ stroke: 'var(--rule)' }),
      Plot.line(
        points.filter(({ stage }) => stage === 'buckets'),
        {
          x: 'median_ms',
          y: 'mean',
          stroke: styleOf('buckets').colour,
          strokeWidth: 1.2,
        },
      ),
      Plot.link(bounded(points), {
        x1: 'median_ms',
        x2: 'median_ms',
        y1: 'low',
        y2: 'high',
        stroke: 'var(--soft)',
      }),
      ...present.map((stage) =>
        Plot.dot(
          points.filter((point) => point.stage === stage),
          {
            x: 'median_ms',
            y: 'mean',
            r: 5,
            fill: styleOf(stage).colour,
            symbol: styleOf(stage).symbol,
          },
        ),
      ),
      Plot.text(
        points.filter(({ probes }) => probes !== null),
        {
          x: 'median_ms',
          y: 'mean',
          text: ({ probes }: StageCost) => String(probes),
          dy: -10,
          dx: -6,
          textAnchor: 'end',
          stroke: 'var(--paper)',
          strokeWidth: 4,
          fill: 'var(--ink)',
        },
      ),
      ...whyNoIntervals(points),
      ...legend(
        present.map((stage) => ({ name: stage, style: styleOf(stage) })),
        { y: -34, step: 100 },
      ),
    ],
  })
}

function lossChart(search: readonly StageCost[]) {
  const settings = search.map((cost) => ({ ...cost, setting: settingOf(cost) }))
  const losses = settings.flatMap((cost) => [
    { setting: cost.setting, loss: cost.code_loss, of: 'code loss' },
    { setting: cost.setting, loss: cost.bucket_loss, of: 'bucket loss' },
  ])
  const names = ['code loss', 'bucket loss']
  const highest = Math.max(
    0.05,
    ...settings.map((cost) => cost.code_loss + Math.max(0, cost.bucket_loss)),
  )
  return drawChart({
    label: 'Code loss and bucket loss',
    width: 480,
    height: 340,
    marginTop: 48,
    marginBottom: 44,
    marginLeft: 96,
    marginRight: 96,
    x: {
      ...axis('share of true neighbours lost'),
      domain: [Math.min(0, ...losses.map(({ loss }) => loss)), highest],
      ticks: 5,
    },
    y: { label: null, domain: settings.map(({ setting }) => setting), padding: 0.3 },
    marks: [
      Plot.barX(losses, {
        y: 'setting',
        x: 'loss',
        fill: ({ of }: { of: string }) => seriesStyle(names.indexOf(of)).colour,
        order: names,
      }),
      Plot.ruleX([0], { stroke: 'var(--soft)' }),
      Plot.text(settings, {
        y: 'setting',
        frameAnchor: 'right',
        dx: 90,
        textAnchor: 'end',
        text: ({ stage, visited_share }: StageCost) =>
          stage === 'exact' ? 'no codes' : `visits ${fixed(100 * visited_share, 1)} %`,
      }),
      ...legend(
        names.map((name, i) => ({ name, style: { ...seriesStyle(i), symbol: 'square' } })),
        { y: -34, step: 110 },
      ),
    ],
  })
}

function settingOf({ stage, probes }: StageCost): string {
  return probes === null ? stage : `${probes} ${probes === 1 ? 'bucket' : 'buckets'}`
}
