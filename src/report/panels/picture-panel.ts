import type { JudgedNeighbour } from '../../compare/evaluation.js'
import { plain, threeDigits } from '../drawing/format.js'
import { markup, type Markup } from '../drawing/markup.js'

/** An image, or a neuron drawn from three sides, as a page shows it. */
export interface PictureTile {
  /** PNG. */
  readonly preview: Uint8Array
  readonly label: string | null
  /** Patient, tile or neuron that it shows. */
  readonly source: string
  readonly key: string
}

/** An image or neuron that was found, with the length of its code. */
export interface PictureNeighbour extends PictureTile, JudgedNeighbour {
  readonly bits: number
}

/** A query with its results, nearest first. */
export interface PicturePanel {
  readonly space: string
  readonly query: PictureTile
  readonly neighbours: readonly PictureNeighbour[]
}

/** A panel as a figure of a page. */
export function renderPicturePanel(panel: PicturePanel, number: number): Markup {
  const { space, query, neighbours } = panel
  const hits = neighbours.filter(({ hit }) => hit).length
  const alike = neighbours.filter(({ label }) => label !== null && label === query.label).length
  const own =
    query.label === null
      ? ''
      : `; of the query's class ${query.label}: ${alike} of ${neighbours.length}`
  return markup`<figure class="panel" id="figure-${number}">
<div class="tiles">
${cell(
  'query',
  query,
  markup`<p class="rank"><b>Query</b></p>
${named(query)}`,
)}
${neighbours.map((one, at) => cell(one.hit ? 'hit' : 'miss', one, describe(one, at + 1, panel)))}
</div>
<figcaption><strong>Figure ${number}.</strong> Query and the ${neighbours.length} nearest of other sources in the
space <code>${space}</code>, nearest first; hits: ${hits} of ${neighbours.length}${own}.</figcaption>
</figure>`
}

function cell(kind: 'query' | 'hit' | 'miss', tile: PictureTile, words: Markup): Markup {
  const data = Buffer.from(tile.preview).toString('base64')
  return markup`<div class="cell ${kind}">
<img class="slice" src="data:image/png;base64,${data}" alt="${tile.label ?? tile.key}">
${words}
</div>`
}

function describe(
  neighbour: PictureNeighbour,
  rank: number,
  { query, neighbours }: PicturePanel,
): Markup {
  const { hit, distance, hamming, bits, label } = neighbour
  const exact = `the exact ${neighbours.length} nearest`
  const verdict = hit ? `✓ hit: one of ${exact}` : `✗ miss: not one of ${exact}`
  const agrees = label === null || query.label === null ? '' : label === query.label ? '= ' : '≠ '
  const code = hamming === null ? 'no code' : `Hamming ${plain(hamming)} of ${plain(bits)} bits`
  return markup`<p class="rank"><b>${rank}</b> ${verdict}</p>
${named(neighbour, agrees)}
<p>distance ${threeDigits(distance)}, ${code}</p>`
}

function named({ label, source, key }: PictureTile, agrees = ''): Markup {
  const of = source === key ? '' : `, of ${source}`
  return markup`<p>${agrees}<b>${label ?? 'no class'}</b>${of}</p>
<p><span class="plan">${key}</span></p>`
}
