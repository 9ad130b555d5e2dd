import * as Plot from '@observablehq/plot'
import type {
  PlanPrediction,
  PredictedStructure,
} from '../../compare/prediction/plan-prediction.js'
import { axis, drawChart, type Drawing } from '../drawing/chart.js'
import { fixed, plain } from '../drawing/format.js'
import { markup } from '../drawing/markup.js'
import type { Markup } from '../drawing/markup.js'
import { renderPage } from './page.js'
import { PALETTE } from '../drawing/palette.js'

/** The predicted dose of a plan as one self-contained page, objectives first. */
export function renderPredictionPage(prediction: PlanPrediction): string {
  const { plan, space, alignment, neighbours, structures } = prediction
  const title = `Achievable doses for plan ${plan}`
  const ordered = [...structures].sort((a, b) =>
    a.role === b.role ? (a.name < b.name ? -1 : 1) : a.role === 'organ' ? -1 : 1,
  )
  const compared = structures.some(({ own_dvh }) => own_dvh !== null)
  return renderPage(
    title,
    markup`<header>
<h1>${title}</h1>
<p class="guide">Doses that the ${plain(neighbours.length)} most similar plans of other patients (space <code>${space}</code>) suggest for
the structures of this patient, transferred by ${alignment} alignment. Half of the
neighbours stay below the typical value, one in ten below the first column, and one in ten above the last. For targets
these are the doses of the neighbours’ own targets of the same name.</p>
<p class="notice"><strong>What this is for.</strong> To choose objectives before planning, and to see where a plan
falls short of what others achieved. It is not a plan, not a dose that a machine can deliver, and no reason to accept a
plan: it does not take into account beams, earlier treatments, or the reasons for the neighbours’ plans.</p>
</header>
<main>
<section>
<h2>Achievable objectives</h2>
${table(ordered, compared)}
</section>
<section>
<h2>Dose-volume histograms</h2>
<p class="guide">Band: from the 10 % to the 90 % quantile of the neighbours. Solid line: their median.${compared ? ' Dashed line: the plan itself.' : ''}</p>
<div class="bands">${ordered.map((one) => ({ markup: chart(one).svg }))}</div>
</section>
<section>
<h2>Neighbours</h2>
<ol>${neighbours.map(
      (one) => markup`<li><code>${one.plan}</code>, distance ${fixed(one.distance, 3)}</li>
`,
    )}</ol>
</section>
</main>`,
    `${PALETTE}
.bands { display: flex; flex-wrap: wrap; gap: 12px; }
.bands svg { max-width: 100%; height: auto; }
.objectives td { text-align: right; }
.objectives .worse { font-weight: 700; }
`,
  )
}

function table(structures: readonly PredictedStructure[], compared: boolean): Markup {
  const rows = structures.flatMap(({ name, role, objectives, volume_cc }) =>
    objectives.map(({ criterion, p10, p50, p90, own }, i) => {
      const beyond =
        own !== null && (role === 'organ' ? own > p90 : criterion === 'D1' ? own > p90 : own < p10)
      const head =
        i === 0
          ? markup`<th scope="rowgroup" rowspan="${objectives.length}">${name}, ${fixed(volume_cc, 0)} cc</th>`
          : markup``
      const last = compared
        ? markup`<td${{ markup: beyond ? ' class="worse"' : '' }}>${own === null ? '' : fixed(own, 1)}${beyond ? ' (worse than nine of ten neighbours)' : ''}</td>`
        : markup``
      return markup`<tr>${head}<th scope="row">${criterion}</th><td>${fixed(p10, 1)}</td><td>${fixed(p50, 1)}</td><td>${fixed(p90, 1)}</td>${last}</tr>
`
    }),
  )
  return markup`<div class="wide"><table class="objectives">
<thead><tr><th scope="col">Structure</th><th scope="col">Criterion</th><th scope="col">1 in 10 below (Gy)</th><th scope="col">typical (Gy)</th><th scope="col">1 in 10 above (Gy)</th>${compared ? markup`<th scope="col">this plan (Gy)</th>` : markup``}</tr></thead>
<tbody>
${rows}
</tbody>
</table></div>`
}

function chart({ name, dvh, own_dvh }: PredictedStructure): Drawing {
  const bands = dvh.p50.map((middle, gy) => ({
    gy,
    low: 100 * dvh.p10[gy]!,
    middle: 100 * middle,
    high: 100 * dvh.p90[gy]!,
  }))
  const most = 10 * Math.ceil(Math.max(bands.length, own_dvh?.length ?? 0) / 10)
  return drawChart({
    label: `Dose-volume band of ${name}`,
    width: 330,
    height: 230,
    marginTop: 28,
    marginLeft: 52,
    marginRight: 12,
    marginBottom: 40,
    x: { ...axis('dose (Gy)'), domain: [0, most], ticks: 5 },
    y: { ...axis('volume (%)'), domain: [0, 100], grid: true, ticks: 5 },
    marks: [
      Plot.frame({ stroke: 'var(--rule)' }),
      Plot.areaY(bands, {
        x: 'gy',
        y1: 'low',
        y2: 'high',
        fill: 'var(--series-1)',
        fillOpacity: 0.25,
      }),
      Plot.line(bands, { x: 'gy', y: 'middle', stroke: 'var(--series-1)', strokeWidth: 1.8 }),
      ...(own_dvh
        ? [
            Plot.line(
              own_dvh.map((volume, gy) => ({ gy, percent: 100 * volume })),
              {
                x: 'gy',
                y: 'percent',
                stroke: 'var(--ink)',
                strokeWidth: 2,
                strokeDasharray: '6 4',
              },
            ),
          ]
        : []),
      Plot.text([name], { frameAnchor: 'top-left', dy: -16, fontWeight: 'bold' }),
    ],
  })
}
