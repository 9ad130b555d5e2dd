import { renderAgreementTable, renderDifferenceTable } from '../figures/agreement-table.js'
import { renderEvaluationFacts } from '../figures/evaluation-facts.js'
import { FACTS, NUMBERS, renderContents } from './evaluation-contents.js'
import { SECTIONS, sectionNumber, type EvaluationRun } from '../figures/evaluation-sections.js'
import { renderSummary } from './evaluation-summary.js'
import type { Figure } from '../figures/figure.js'
import { markup } from '../drawing/markup.js'
import type { Markup } from '../drawing/markup.js'
import { renderPage } from './page.js'
import { PALETTE } from '../drawing/palette.js'
import { TURNING_VOLUME_SCRIPT } from '../panels/turning-volume-script.js'
import {
  renderTurningVolumes,
  TURNING_VOLUME_STYLE,
  type TurningVolumes,
} from '../panels/turning-volume.js'

/** A figure of a run, with the name of its files. */
export interface PageFigure extends Figure {
  readonly file: string
}

/** The page of an evaluation, and its figures as separate files. */
export interface EvaluationPage {
  readonly html: string
  readonly figures: readonly PageFigure[]
}

/** One run, or two side by side, as one self-contained HTML page. */
export function renderEvaluationPage(runs: readonly EvaluationRun[]): EvaluationPage {
  const several = runs.length > 1
  const figures: PageFigure[] = []
  const sections = SECTIONS.map(
    ({ heading, guide, figures: draw, volumes = () => [] }, section) => {
      const number = section + 1
      const drawn = runs.map((run) =>
        draw(run).flatMap((figure) => (figure ? [named(figure, { number, run, several })] : [])),
      )
      figures.push(...drawn.flat())
      const turning = runs.flatMap(volumes)
      const words = typeof guide === 'string' ? guide : guide(sectionNumber)
      return renderSection({ heading, guide: words, number, drawn, runs, turning })
    },
  )
  const names = [...new Set(runs.map(({ evaluation }) => evaluation.dataset))].join(' and ')
  const title = several ? `Two evaluations of ${names}` : `Evaluation of ${names}`
  const html = renderPage(
    title,
    markup`<header>
<h1>${title}</h1>
${runs.map(({ evaluation }) => renderSummary(evaluation, several))}
${renderContents()}
${runs.map((run) => renderLead(run, several))}
</header>
<main class="${several ? 'evaluation several' : 'evaluation'}">
${sections}
<section id="${NUMBERS.id}">
<h2>${NUMBERS.heading}</h2>
<p class="guide">The folder <code>figures/</code> next to this page holds the numbers of every figure as CSV and JSON, and the drawings as SVG. In the database: <code>select * from cbir.evaluation_figures</code>, <code>cbir.evaluation_searches</code> and <code>cbir.evaluation_retrieval</code>.</p>
${runs.map(({ evaluation }, i) => renderAgreementTable(evaluation, i + 1, several ? ` in run ${evaluation.id}` : ''))}
${several && runs[0] && runs[1] ? [renderDifferenceTable(runs[0].evaluation, runs[1].evaluation, runs.length + 1)] : []}
</section>
<section id="${FACTS.id}">
<h2>${FACTS.heading}</h2>
${runs.map(({ evaluation }, i) => renderEvaluationFacts(evaluation, runs.length + (several ? 2 : 1) + i))}
</section>
</main>
<script>
${{ markup: TURNING_VOLUME_SCRIPT }}</script>`,
    PALETTE + EVALUATION_STYLE + TURNING_VOLUME_STYLE,
  )
  return { html, figures }
}

function named(
  figure: Figure,
  { number, run, several }: { number: number; run: EvaluationRun; several: boolean },
): PageFigure {
  const file = `${number}-${figure.name}`
  return { ...figure, file: several ? `${file}-run${run.evaluation.id}` : file }
}

function renderLead({ evaluation, notes }: EvaluationRun, several: boolean): Markup {
  const { id, spaces, settings, seed } = evaluation
  const opening = several ? `Run ${id}: slices` : 'Slices'
  return markup`<p class="guide">${opening} of treatment plans are searched for by binary codes of their features,
in ${spaces.length} feature ${spaces.length === 1 ? 'space' : 'spaces'} (${spaces.map(({ space }) => space).join(', ')}). Up to ${settings.queries} slices of patients that no
encoder was trained on are the queries; by default only slices of other patients are searched. All random choices depend
on seed ${seed}.</p>
${[...notes, ...acrossNotes(evaluation)].map((note) => markup`<p class="notice"><strong>Note.</strong> ${note}</p>`)}`
}

function acrossNotes({ across_patients: { notes } }: EvaluationRun['evaluation']): string[] {
  return notes.map((note) => `Retrieval across patients: ${note}.`)
}

function renderSection({
  heading,
  guide,
  number,
  drawn,
  runs,
  turning,
}: {
  heading: string
  guide: string
  number: number
  drawn: readonly (readonly PageFigure[])[]
  runs: readonly EvaluationRun[]
  turning: readonly TurningVolumes[]
}): Markup {
  const most = Math.max(...drawn.map((own) => own.length))
  const order = Array.from({ length: most }, (_, i) => i)
  const rendered = order.map((i) => {
    const beside = drawn.map((own, run) => {
      const figure = own[i]
      if (!figure) return markup``
      const label = most > 1 ? `${number}${letter(i)}` : String(number)
      const of = runs.length > 1 ? ` Run ${runs[run]?.evaluation.id ?? ''}.` : ''
      return renderFigure(figure, label, of)
    })
    return markup`<div class="beside">${beside}</div>`
  })
  const nothing = markup`<p class="guide">Nothing to show: the spaces that were measured have no hash index. Create one with
<code>pg-lsh index create --space NAME</code> and run the report again.</p>`
  return markup`<section id="section-${number}">
<h2>${number}. ${heading}</h2>
<p class="guide">${guide}</p>
${most > 0 ? rendered : [nothing]}
${turning.map((volumes, i) => renderTurningVolumes(volumes, `${number}${letter(most + i)}`))}
</section>`
}

function renderFigure({ drawing, title, caption, file }: PageFigure, number: string, of: string) {
  return markup`<figure class="chart" id="figure-${file}">
<div class="wide" tabindex="0">${{ markup: drawing.svg }}</div>
<figcaption><strong>Figure ${number}.</strong>${of} ${title}. ${caption}</figcaption>
</figure>`
}

/** a, b, … z, aa, ab, … */
function letter(i: number): string {
  const last = String.fromCharCode(97 + (i % 26))
  return i < 26 ? last : letter(Math.floor(i / 26) - 1) + last
}

const EVALUATION_STYLE = `.contents ol { margin: 0 0 0.75rem; padding-left: 1.6rem; columns: 2 20rem; }
.contents li { break-inside: avoid; }
.summary { max-width: 50rem; padding: 0.8rem 1rem; background: var(--tint); border-left: 5px solid var(--query); }
.chart { break-inside: avoid; }
.chart figcaption { max-width: 60rem; }
.chart .wide > svg { display: block; width: 100%; height: auto; min-width: 46rem; }
small { color: var(--soft); white-space: nowrap; }
body:has(.several) { max-width: 120rem; }
@media screen and (min-width: 90rem) {
  .several .beside { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 2rem; }
}
@media print {
  .chart .wide > svg { min-width: 0; }
  .wide { overflow: visible; }
  h2, .guide { break-after: avoid; }
  .contents { break-inside: avoid; }
}
`
