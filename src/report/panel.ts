import { fixed, plain, signed, threeDigits } from './format.js'
import { renderIsodoseLegend } from './isodose-legend.js'
import { markup } from './markup.js'
import type { Markup } from './markup.js'
import { prescribed, prescriptionText, renderTile } from './tile.js'
import type { Tile } from './tile.js'
import { sharedView } from './view.js'

/** A slice that was found, and how far from the query it is. */
export interface Neighbour extends Tile {
  /** Euclidean distance of the feature vectors. */
  readonly distance: number
  /** Bits in which the codes differ, of `bits`; null for a slice without a code. */
  readonly hamming: number | null
  readonly bits: number
  /** Whether it is among the exact nearest, as many as the panel shows. */
  readonly hit: boolean
}

/** A query slice with what was found for it, the nearest first. */
export interface Panel {
  readonly space: string
  readonly title: string
  readonly query: Tile
  readonly neighbours: readonly Neighbour[]
}

/** A panel as a figure of a page: the pictures to one scale, the legend, the numbered caption. */
export function renderPanel(panel: Panel, number: number): Markup {
  const { query, neighbours } = panel
  const tiles = [query, ...neighbours]
  const view = sharedView(tiles)
  const found = neighbours.map((neighbour, at) => {
    const words = describeNeighbour(neighbour, at + 1, panel)
    return renderCell(neighbour.hit ? 'hit' : 'miss', renderTile(neighbour, { view }), words)
  })
  return markup`<figure class="panel" id="figure-${number}">
<div class="tiles">
${renderCell('query', renderTile(query, { view }), describeQuery(query))}
${found}
</div>
${renderIsodoseLegend(tiles.flatMap(prescribed))}
<figcaption><strong>Figure ${number}.</strong> ${sentence(panel.title)}
${caption(panel)}</figcaption>
</figure>`
}

function renderCell(kind: 'query' | 'hit' | 'miss', picture: Markup, words: Markup): Markup {
  return markup`<div class="cell ${kind}">
${picture}
${words}
</div>`
}

function describeQuery(query: Tile): Markup {
  return markup`<p class="rank"><b>Query</b></p>
${describePlan(query)}
<p>${describeLevel(query)}</p>`
}

function describeNeighbour(
  neighbour: Neighbour,
  rank: number,
  { query, neighbours }: Panel,
): Markup {
  const k = neighbours.length
  const verdict = neighbour.hit
    ? `✓ hit: one of the exact ${k} nearest`
    : `✗ miss: not one of the exact ${k} nearest`
  return markup`<p class="rank"><b>${rank}</b> ${verdict}</p>
${describePlan(neighbour)}
<p>${describeLevel(neighbour)}${describeStep(neighbour, query)}</p>
<p>distance ${threeDigits(neighbour.distance)},
${describeCode(neighbour)}</p>`
}

function describeCode({ hamming, bits }: Neighbour): string {
  return hamming === null ? 'no code' : `Hamming ${plain(hamming)} of ${plain(bits)} bits`
}

function describePlan(tile: Tile): Markup {
  return markup`<p><span class="plan">${tile.plan}</span>,
prescribed ${prescriptionText(tile)}</p>`
}

function describeLevel(tile: Tile): string {
  return `slice ${plain(tile.sliceIndex)} at ${fixed(tile.positionMm, 1)} mm`
}

/** Levels are counted from the first slice of each volume: only within one plan do they compare. */
function describeStep(tile: Tile, query: Tile): string {
  if (tile.plan !== query.plan) return ''
  return ` (Δ ${signed(tile.positionMm - query.positionMm, 1)} mm)`
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}

function caption({ space, neighbours }: Panel): Markup {
  const hits = neighbours.filter((neighbour) => neighbour.hit).length
  const k = neighbours.length
  return markup`Query slice and the ${k} slices found as its nearest neighbours in the space
<code>${space}</code>, nearest first; hits: ${hits} of ${k}. CT in the soft-tissue window (level
40 HU, width 400 HU), all pictures to one scale.`
}
