import { renderFiguresTable } from '../figures/figures-table.js'
import type { SpaceFigures } from '../figures/figures-table.js'
import { markup } from '../drawing/markup.js'
import type { Markup } from '../drawing/markup.js'
import { renderPage } from './page.js'
import { renderPanel } from '../panels/panel.js'
import type { Panel } from '../panels/panel.js'
import { STRUCTURE_PALETTE } from '../drawing/structure-style.js'

/** Content of the page of a retrieval. */
export interface RetrievalPage {
  readonly title: string
  /** A warning to the reader: `The cohort is synthetic.` */
  readonly notice: string | null
  /** Data set, plans, items, seeds, versions and checksums, which are needed to repeat it. */
  readonly facts: readonly (readonly [label: string, value: string])[]
  readonly figures: readonly SpaceFigures[]
  readonly panels: readonly Panel[]
  readonly sql: readonly Listing[]
}

/** An SQL statement to paste. */
export interface Listing {
  readonly title: string
  readonly statement: string
}

/** Similar slices as one self-contained HTML page. */
export function renderRetrievalPage(page: RetrievalPage): string {
  return renderPage(
    page.title,
    markup`<header>
<h1>${page.title}</h1>
${page.notice === null ? [] : [markup`<p class="notice"><strong>Note.</strong> ${page.notice}</p>`]}
</header>
<main>
${renderPanels(page.panels)}
<section>
<h2>Agreement of the search with the exact search</h2>
${renderFiguresTable(page.figures, 1)}
</section>
${renderListings(page.sql)}
${renderFacts(page.facts, 2)}
</main>`,
    STRUCTURE_PALETTE + PANEL_STYLE,
  )
}

/** Two pictures per row fill a screen of 1280 px, which makes each wide enough to read its lines. */
const PANEL_STYLE = `body { max-width: 79rem; }
.tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1.75rem 1.25rem; margin-top: 1rem; }
.cell { display: flex; flex-direction: column; }
.dvh { margin-top: auto; padding-top: 0.5rem; }
.dvh > svg { display: block; width: 100%; height: auto; }
.cell .no-dvh { margin-top: 0.5rem; color: var(--soft); }
@media screen and (max-width: 44rem) {
  .tiles { grid-template-columns: minmax(0, 1fr); }
}
@media print {
  .panel { break-inside: auto; }
  .legend, figcaption { break-inside: avoid; }
}
`

function renderPanels(panels: readonly Panel[]): Markup {
  const figures = panels.map((panel, at) => renderPanel(panel, at + 1))
  return markup`<section>
<h2>Similar slices</h2>
<p class="guide">Each figure starts with a <b>query</b>, one axial slice of a treatment plan, followed by the most
similar slices that the database found, numbered from the nearest. The distance is the Euclidean distance of the feature
vectors, smaller is more similar; the Hamming distance is the number of bits in which the hash codes differ. A <b>hit</b>
is also a result of an exact search; a <b>miss</b>, drawn in a dashed frame, is not. The chart below each picture shows
the dose-volume histograms of the structures, with solid lines for the query's plan and dashed lines for the neighbour's;
letters name the structures. Pictures are seen from the feet: R and L are the right and left, A and P the front and back
of the patient. Level: distance along the body from the query towards the feet, with patients aligned by their organs.</p>
${figures}
</section>`
}

function renderListings(listings: readonly Listing[]): Markup {
  const rendered = listings.map(
    ({ title, statement }, at) => markup`<figure class="listing">
<figcaption><strong>Listing ${at + 1}.</strong> ${title}</figcaption>
<pre><code>${statement}</code></pre>
</figure>`,
  )
  return markup`<section>
<h2>Query the database</h2>
${rendered}
</section>`
}

function renderFacts(facts: RetrievalPage['facts'], number: number): Markup {
  const rows = facts.map(
    ([label, value]) => markup`<tr><th scope="row">${label}</th><td>${value}</td></tr>`,
  )
  return markup`<section>
<h2>Data and settings of this page</h2>
<figure class="facts" id="table-${number}">
<figcaption><strong>Table ${number}.</strong> Data, parameters and versions.</figcaption>
<table>
<tbody>
${rows}
</tbody>
</table>
</figure>
</section>`
}
