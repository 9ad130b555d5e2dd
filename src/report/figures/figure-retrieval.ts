import type { Ranking, RetrievedQuery } from '../../compare/evaluation.js'
import type { Drawing } from '../drawing/chart.js'
import { drawDvhs, mostDose } from '../panels/dvh-chart.js'
import type { Figure } from './figure.js'
import { coordinate, fixed, signed } from '../drawing/format.js'
import { drawIsodoseRow, drawStructureRow } from '../panels/legend-rows.js'
import { markup } from '../drawing/markup.js'
import type { Markup } from '../drawing/markup.js'
import type { PanelTile } from '../panels/panel.js'
import { structureStyles } from '../drawing/structure-style.js'
import { prescribed, prescriptionText, renderTile } from '../panels/tile.js'
import { sharedView } from '../panels/view.js'

/** A query with the pictures of all its results. */
export interface RetrievalFigure {
  readonly space: string
  /** Number of the query within a space. */
  readonly number: number
  readonly query: RetrievedQuery
  /** Whether only the nearest slice of each patient is drawn. */
  readonly onePerPatient: boolean
  readonly tiles: ReadonlyMap<number, PanelTile>
}

const NAMES: Record<Ranking['by'], string> = {
  hamming: 'By Hamming distance alone',
  reranked: 'Re-ranked by true distance',
  exact: 'By exact distance',
}

const WIDTH = 1100
const GAP = 16
/**
 * Pictures wider than this multiple of their height, such as shoulders, are in rows of two, so that they are as large
 * as others.
 */
const WIDE = 1.5
/** Height of a line under a picture. */
const LINE = 16
const TEXT = 3 * LINE + 10
const CHART = 220
/** Height of the name of a ranking. */
const HEAD = 30

/** The first neighbours of one query, by three rankings. */
export function figureRetrieval(figure: RetrievalFigure): Figure {
  const { space, number, query, onePerPatient, tiles } = figure
  const rankings = onePerPatient ? query.per_patient : query.rankings
  const own = tiles.get(query.item) as PanelTile
  const all = [own, ...[...tiles.values()].filter((tile) => tile !== own)]
  const plans = all.map(({ structures }) => structures)
  const [view, styles, mostGy] = [sharedView(all), structureStyles(plans), mostDose(plans)]
  const columns = view.widthMm > WIDE * view.heightMm ? 2 : 3
  const tileWidth = Math.floor((WIDTH - (columns - 1) * GAP) / columns)
  const pictureHeight = Math.round((tileWidth * view.heightMm) / view.widthMm)
  const cellHeight = pictureHeight + TEXT + (mostGy === null ? 0 : CHART) + GAP
  let y = 0
  const blocks = rankings.map(drawRanking)
  const legend = [
    drawIsodoseRow(y + 16, [...new Set(all.flatMap(prescribed))]),
    drawStructureRow(y + 44, styles),
  ]
  const height = y + 64
  const drawing: Drawing = {
    width: WIDTH,
    height,
    svg: markup`<svg viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img"
aria-label="Neighbours of slice ${own.sliceIndex} of ${own.plan} in ${space}" font-family="system-ui, sans-serif" font-size="12.5"
fill="var(--ink)">
${blocks}
${legend}
</svg>`.markup,
  }
  const whose = onePerPatient
    ? 'its nearest of each other patient'
    : 'its nearest of other patients'
  return {
    name: `retrieval-${space}-${number}`,
    title: `Slice ${own.sliceIndex} of ${own.plan} and ${whose}, ${space}`,
    caption: captionOf(figure, mostGy !== null),
    drawing,
    rows: rankings.flatMap(({ by, found }) =>
      found.map(({ item, distance, hamming, hit }, i) => ({
        space,
        query: query.item,
        ranked_by: by,
        rank: i + 1,
        item,
        plan: tiles.get(item)?.plan ?? null,
        slice: tiles.get(item)?.sliceIndex ?? null,
        position_mm: tiles.get(item)?.positionMm ?? null,
        distance,
        hamming,
        hit,
      })),
    ),
  }

  function drawRanking({ by, found }: Ranking): Markup {
    const top = y
    const rows = Math.ceil((found.length + 1) / columns)
    y += HEAD + rows * cellHeight
    const cells = found.map((one, i) => {
      const bits = one.hamming === null ? 'H beyond 100th' : `H ${one.hamming}`
      const distances = `d ${fixed(one.distance, 2)}, ${bits}`
      const line = `${i + 1} ${one.hit ? 'hit' : 'miss'}: ${distances}`
      return drawCell(tiles.get(one.item) as PanelTile, { place: i + 1, top, line, miss: !one.hit })
    })
    return markup`<g><text x="0" y="${top + 18}" font-weight="600" font-size="15">${NAMES[by]}</text>
${drawCell(own, { place: 0, top, line: 'query', miss: false })}
${cells}</g>`
  }

  function drawCell(tile: PanelTile, { place, top, line, miss }: CellOptions): Markup {
    const x = (place % columns) * (tileWidth + GAP)
    const cellY = top + HEAD + Math.floor(place / columns) * cellHeight
    const frame = miss
      ? ' stroke="var(--series-2)" stroke-width="3" stroke-dasharray="7 4"'
      : ' stroke="var(--rule)"'
    const lines = [line, tile.plan, `${levelText(tile)}, ${prescriptionText(tile)}`]
    const text = lines.map(
      (words, i) =>
        markup`<text x="${x}" y="${coordinate(cellY + pictureHeight + 16 + i * LINE)}">${words}</text>`,
    )
    return markup`<svg x="${x}" y="${cellY}" width="${tileWidth}" height="${pictureHeight}">${renderTile(tile, { view, structures: styles })}</svg>
<rect x="${x}" y="${cellY}" width="${tileWidth}" height="${pictureHeight}" fill="none"${{ markup: frame }}/>
${text}
${drawChart(tile, x, cellY + pictureHeight + TEXT)}`
  }

  function levelText(tile: PanelTile): string {
    if (tile === own) return `slice ${tile.sliceIndex}`
    const step = (tile.levelMm ?? NaN) - (own.levelMm ?? NaN)
    return Number.isNaN(step) ? 'level unknown' : `level ${signed(step, 0)} mm`
  }

  /** The histograms under a picture, or why there are none. */
  function drawChart(tile: PanelTile, x: number, chartY: number): Markup {
    if (mostGy === null) return markup``
    if (tile.structures.every(({ dvh }) => dvh === null))
      return markup`<text x="${x}" y="${chartY + 16}" fill="var(--soft)">no dose-volume histograms</text>`
    const { svg } = drawDvhs(own.structures, tile === own ? null : tile.structures, {
      label: `Dose-volume histograms of ${own.plan} and ${tile.plan}`,
      styles,
      mostGy,
      size: { width: tileWidth, height: CHART },
    })
    return { markup: svg.replace('<svg', `<svg x="${x}" y="${chartY}"`) }
  }
}

interface CellOptions {
  /** Rank of a neighbour; 0 for the query. */
  readonly place: number
  readonly top: number
  readonly line: string
  readonly miss: boolean
}

function captionOf({ query, onePerPatient }: RetrievalFigure, dosed: boolean): Markup {
  const shown = onePerPatient
    ? 'only the nearest slice of each patient, among the 100 nearest slices'
    : 'all slices, including several of one patient'
  const miss = onePerPatient
    ? 'is farther than the fifth true patient'
    : 'is farther than the fifth true neighbour'
  const charts = dosed
    ? ' Charts: cumulative dose-volume histograms of the whole plans, solid lines for the query, dashed lines for the neighbour.'
    : ''
  return markup`The query and its first five neighbours, ${shown}: by Hamming distance of ${query.kind} codes of
${query.bits} bits alone; by true distance among the 100 best by Hamming distance, as in a search; and
by exact distance. A miss, in a dashed frame, ${miss}. d: distance of the features; H: number of
differing bits. CT in the soft-tissue window, seen from the feet, all at one scale. Level: distance along the body from
the query towards the feet, with patients aligned by their organs.${charts}`
}
