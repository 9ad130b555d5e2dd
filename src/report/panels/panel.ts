import type { JudgedNeighbour } from '../../compare/evaluation.js'
import { drawDvhs, mostDose, type DosedStructure } from './dvh-chart.js'
import { plain, signed, threeDigits } from '../drawing/format.js'
import { renderIsodoseLegend } from './isodose-legend.js'
import { markup } from '../drawing/markup.js'
import type { Markup } from '../drawing/markup.js'
import { renderStructureLegend } from './structure-legend.js'
import { structureStyles, type StructureStyle } from '../drawing/structure-style.js'
import { prescribed, prescriptionText, renderTile } from './tile.js'
import type { Tile } from './tile.js'
import { sharedView, type View } from './view.js'

/** A slice with the dose of the structures of its plan. */
export interface PanelTile extends Tile {
  /** Position along the body in mm, aligned across patients by their organs; NaN if unknown. */
  readonly levelMm?: number
  readonly structures: readonly DosedStructure[]
}

/** A slice that was found, with the length of its code. */
export interface NeighbourTile extends PanelTile, JudgedNeighbour {
  readonly bits: number
}

/** A query slice with its results, nearest first. */
export interface Panel {
  readonly space: string
  readonly title: string
  /** Whether only the nearest slice of each patient is shown. */
  readonly onePerPatient: boolean
  readonly query: PanelTile
  readonly neighbours: readonly NeighbourTile[]
}

/** Values that all cells of a panel share. */
interface Shared {
  readonly view: View
  readonly styles: readonly StructureStyle[]
  /** End of the dose axes; `null` if no structure has a dose. */
  readonly mostGy: number | null
}

/** A panel as a figure of a page: pictures at one scale, histograms, legends, and a numbered caption. */
export function renderPanel(panel: Panel, number: number): Markup {
  const { query, neighbours } = panel
  const tiles = [query, ...neighbours]
  const plans = tiles.map(({ structures }) => structures)
  const shared = {
    view: sharedView(tiles),
    styles: structureStyles(plans),
    mostGy: mostDose(plans),
  }
  const found = neighbours.map((neighbour, at) => {
    const words = describeNeighbour(neighbour, at + 1, panel)
    const chart = renderDvhs(query, neighbour, shared)
    return renderCell(neighbour.hit ? 'hit' : 'miss', neighbour, { words, chart, shared })
  })
  const own = { words: describeQuery(query), chart: renderDvhs(query, null, shared), shared }
  const outlined = tiles.some((tile) => (tile.outlined ?? []).length > 0)
  return markup`<figure class="panel" id="figure-${number}">
${renderIsodoseLegend(tiles.flatMap(prescribed))}
${renderStructureLegend(shared.styles, { outlined, dosed: shared.mostGy !== null })}
<div class="tiles">
${renderCell('query', query, own)}
${found}
</div>
<figcaption><strong>Figure ${number}.</strong> ${sentence(panel.title)}
${caption(panel)}</figcaption>
</figure>`
}

function renderCell(
  kind: 'query' | 'hit' | 'miss',
  tile: PanelTile,
  { words, chart, shared }: { words: Markup; chart: Markup; shared: Shared },
): Markup {
  const { view, styles } = shared
  return markup`<div class="cell ${kind}">
${renderTile(tile, { view, structures: styles })}
${words}
${chart}
</div>`
}

/** The histograms of a cell, or why there are none. */
function renderDvhs(query: PanelTile, neighbour: NeighbourTile | null, shared: Shared): Markup {
  const { mostGy, styles } = shared
  const own = neighbour ?? query
  const none = missingDvhs(own)
  if (none !== null || mostGy === null) return markup`<p class="no-dvh">${none ?? NO_DOSE}</p>`
  const label =
    neighbour === null
      ? `Dose-volume histograms of ${query.plan}`
      : `Dose-volume histograms of ${query.plan}, solid lines, and ${neighbour.plan}, dashed lines`
  const { svg } = drawDvhs(query.structures, neighbour?.structures ?? null, {
    label,
    styles,
    mostGy,
  })
  return markup`<div class="dvh">${{ markup: svg }}</div>`
}

const NO_DOSE = 'A plan without dose has no dose-volume histograms.'

function missingDvhs({ structures, image }: PanelTile): string | null {
  if (structures.some(({ dvh }) => dvh !== null)) return null
  if (image.dose === null) return NO_DOSE
  return 'No structure of this plan has a dose-volume histogram.'
}

function describeQuery(query: Tile): Markup {
  return markup`<p class="rank"><b>Query</b></p>
${describePlan(query)}
<p>${describeLevel(query)}</p>`
}

function describeNeighbour(neighbour: NeighbourTile, rank: number, panel: Panel): Markup {
  const { query, neighbours, onePerPatient } = panel
  const k = neighbours.length
  const exact = `the exact ${k} nearest${onePerPatient ? ' patients' : ''}`
  const verdict = neighbour.hit ? `✓ hit: one of ${exact}` : `✗ miss: not one of ${exact}`
  return markup`<p class="rank"><b>${rank}</b> ${verdict}</p>
${describePlan(neighbour)}
<p>${describeLevel(neighbour)}${describeStep(neighbour, query)}</p>
<p>distance ${threeDigits(neighbour.distance)},
${describeCode(neighbour)}</p>`
}

function describeCode({ hamming, bits }: NeighbourTile): string {
  return hamming === null ? 'no code' : `Hamming ${plain(hamming)} of ${plain(bits)} bits`
}

function describePlan(tile: Tile): Markup {
  return markup`<p><span class="plan">${tile.plan}</span>,
prescribed ${prescriptionText(tile)}</p>`
}

function describeLevel(tile: Tile): string {
  return `slice ${plain(tile.sliceIndex)}`
}

/**
 * Distance from the query along the body, with patients aligned by their organs; within one plan by the positions of
 * slices.
 */
function describeStep(tile: PanelTile, query: PanelTile): string {
  if (tile.plan === query.plan) return `, level ${signed(tile.positionMm - query.positionMm, 1)} mm`
  const step = (tile.levelMm ?? NaN) - (query.levelMm ?? NaN)
  return Number.isNaN(step) ? ', level unknown' : `, level ${signed(step, 0)} mm`
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}

function caption({ space, neighbours, onePerPatient, query }: Panel): Markup {
  const hits = neighbours.filter((neighbour) => neighbour.hit).length
  const k = neighbours.length
  const shown = onePerPatient
    ? 'only the nearest slice of each patient'
    : 'all slices, including several of one patient'
  const bare = [query, ...neighbours].filter(({ outlined }) => outlined === null).length
  const unknown =
    bare === 0 ? '' : ` ${bare} of the plans were stored without outlines of their structures.`
  const dosed = [query, ...neighbours].some((tile) => missingDvhs(tile) === null)
  const charts = dosed
    ? ' Below each neighbour are the cumulative dose-volume histograms of its whole plan and of the query.'
    : ''
  return markup`Query slice and its ${k} nearest neighbours found in the space
<code>${space}</code>, ${shown}, nearest first; hits: ${hits} of ${k}. CT in the soft-tissue window (level
40 HU, width 400 HU), all pictures at one scale.${charts}${unknown}`
}
