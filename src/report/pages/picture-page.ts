import { fixed } from '../drawing/format.js'
import { markup, type Markup } from '../drawing/markup.js'
import { renderPage } from './page.js'
import { renderPicturePanel, type PicturePanel } from '../panels/picture-panel.js'

/** A mean with its interval, if there is one. */
interface Figure {
  readonly mean: number
  readonly low: number | null
  readonly high: number | null
}

/** Quality of one ranking. */
export interface PictureFigures {
  readonly space: string
  /** `exact`, or kind and bits of codes. */
  readonly by: string
  readonly precisionAt10: Figure | null
  readonly map: Figure | null
  readonly nearest: Figure | null
  readonly duplicates: Figure | null
}

/** Content of the page. */
export interface PicturePage {
  readonly title: string
  readonly facts: readonly (readonly [label: string, value: string])[]
  readonly figures: readonly PictureFigures[]
  readonly panels: readonly PicturePanel[]
  readonly statement: string
}

/** Similar images or neurons as one self-contained HTML page. */
export function renderPicturePage({
  title,
  facts,
  figures,
  panels,
  statement,
}: PicturePage): string {
  return renderPage(
    title,
    markup`<header><h1>${title}</h1></header>
<main>
<section>
<h2>Similar items</h2>
<p class="guide">Each figure starts with a <b>query</b>, followed by the most similar items that the database found, numbered from
the nearest. They are of other sources only: never the same tile, patient or neuron. The distance is that of the feature
vectors, smaller is more similar; the Hamming distance is the number of bits in which the hash codes differ. A <b>hit</b>
is also a result of an exact search; a <b>miss</b>, in a dashed frame, is not. = and ≠ show whether the class is that of
the query.</p>
${panels.map((panel, at) => renderPicturePanel(panel, at + 1))}
</section>
<section>
<h2>Agreement of neighbours in class and source</h2>
${renderFigures(figures)}
</section>
<section>
<h2>Query the database</h2>
<figure class="listing"><pre><code>${statement}</code></pre></figure>
</section>
<section>
<h2>Data and settings of this page</h2>
<figure class="facts"><table><tbody>
${facts.map(([label, value]) => markup`<tr><th scope="row">${label}</th><td>${value}</td></tr>`)}
</tbody></table></figure>
</section>
</main>`,
    STYLE,
  )
}

const STYLE = `.tiles { grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); }
img.slice { background: #fff; image-rendering: auto; }
`

function renderFigures(rows: readonly PictureFigures[]): Markup {
  const body = rows.map(
    ({ space, by, precisionAt10, map, nearest, duplicates }) =>
      markup`<tr><th scope="row"><code>${space}</code></th><td>${by}</td>${[precisionAt10, map, nearest, duplicates].map(figureCell)}</tr>`,
  )
  return markup`<figure class="figures" id="table-1">
<figcaption><strong>Table 1.</strong> Means over held-out queries, with 95 % bootstrap intervals over
sources. Precision@10: share of the ten nearest items of other sources that have the query's class. Nearest right: share
of queries whose nearest item of another source has their class. Duplicates@3: share of the other versions of the query's
source among its three nearest.</figcaption>
<div class="wide"><table>
<thead><tr><th scope="col">Space</th><th scope="col">Ranked by</th><th scope="col">Precision@10</th><th scope="col">mAP</th>
<th scope="col">Nearest right</th><th scope="col">Duplicates@3</th></tr></thead>
<tbody>
${body}
</tbody>
</table></div>
</figure>`
}

function figureCell(figure: Figure | null): Markup {
  if (figure === null) return markup`<td>–</td>`
  const { mean, low, high } = figure
  const interval = low === null || high === null ? '' : ` [${fixed(low, 3)}, ${fixed(high, 3)}]`
  return markup`<td>${fixed(mean, 3)}${interval}</td>`
}
