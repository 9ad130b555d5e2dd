import type { ComparisonSummary } from '../../compare/summary.js'
import { fixed, plain } from '../drawing/format.js'
import { markup } from '../drawing/markup.js'
import type { Markup } from '../drawing/markup.js'

/** Quality and speed of the search in a space, for ten neighbours. */
export interface SpaceFigures extends ComparisonSummary {
  readonly space: string
  readonly bits: number
}

const COLUMNS: readonly { label: string; cell: (figures: SpaceFigures) => string }[] = [
  { label: 'Queries', cell: ({ queries }) => plain(queries) },
  { label: 'Bits', cell: ({ bits }) => plain(bits) },
  { label: 'Dice@10', cell: ({ dice }) => fixed(dice, 3) },
  { label: 'Jaccard@10', cell: ({ jaccard }) => fixed(jaccard, 3) },
  { label: 'Recall@10', cell: ({ recall }) => fixed(recall, 3) },
  { label: 'Visited share', cell: ({ visited_share }) => `${fixed(100 * visited_share, 1)} %` },
  { label: 'Time per query', cell: ({ milliseconds }) => `${fixed(milliseconds, 1)} ms` },
]

/** The figures of all spaces as a numbered table that explains its columns. */
export function renderFiguresTable(rows: readonly SpaceFigures[], number: number): Markup {
  const heads = COLUMNS.map(({ label }) => markup`<th scope="col">${label}</th>`)
  const body = rows.map((row) => {
    const cells = COLUMNS.map(({ cell }) => markup`<td>${cell(row)}</td>`)
    return markup`<tr><th scope="row"><code>${row.space}</code></th>${cells}</tr>`
  })
  return markup`<figure class="figures" id="table-${number}">
<figcaption><strong>Table ${number}.</strong> Agreement of the search by hash codes with the exact search, as means over the queries; the
time is the median. The search by codes is fast because it only visits a part of the slices; the table shows the cost in
accuracy.</figcaption>
<div class="wide"><table>
<thead><tr><th scope="col">Space</th>${heads}</tr></thead>
<tbody>
${body}
</tbody>
</table></div>
<dl class="notes">
<dt>Dice@10</dt>
<dd>Hash codes alone: overlap of the 10 slices whose codes differ in the fewest bits with the 10 true neighbours:
twice the number in both lists, divided by the sum of their lengths, like the Dice coefficient of two contours; 1 is full
agreement.</dd>
<dt>Jaccard@10</dt>
<dd>A stricter measure of the same overlap: slices in both lists divided by slices in either list.</dd>
<dt>Recall@10</dt>
<dd>The whole search, which re-ranks the best codes by true distance: share of the 10 true neighbours that it found; a
slice exactly as near as the tenth also counts.</dd>
<dt>Visited share</dt>
<dd>Share of all stored slices that the search visited; 100 % would save nothing.</dd>
<dt>Time per query</dt>
<dd>Time until the database answered, on the computer that made this page.</dd>
</dl>
</figure>`
}
