import type { Ranking, RetrievedQuery } from '../compare/evaluation.js'
import type { Drawing } from './chart.js'
import type { Figure } from './figure.js'
import { coordinate, fixed } from './format.js'
import { isodoseLabel, ISODOSE_LEVELS } from './isodose.js'
import { casingStroke, isodoseStroke } from './isodose-stroke.js'
import { markup } from './markup.js'
import type { Markup } from './markup.js'
import { prescribed, prescriptionText, renderTile, type Tile } from './tile.js'
import { sharedView, type View } from './view.js'

/** A query with the pictures of all slices that were found for it. */
export interface RetrievalFigure {
  readonly space: string
  /** Tells queries of a space apart. */
  readonly number: number
  readonly query: RetrievedQuery
  readonly tiles: ReadonlyMap<number, Tile>
}

const NAMES: Record<Ranking['by'], readonly string[]> = {
  hamming: ['by Hamming', 'distance alone'],
  reranked: ['re-ranked by', 'true distance'],
  exact: ['by exact', 'distance'],
}

const TILE = 158
const GAP = 10
const LEFT = 96
/** Of the lines under a picture. */
const LINE = 13
const TEXT = 3 * LINE + 8

/** The first neighbours of one query, by three ways to rank. */
export function figureRetrieval({ space, number, query, tiles }: RetrievalFigure): Figure {
  const own = tiles.get(query.item) as Tile
  const view = sharedView([...tiles.values()])
  const height = Math.round((TILE * view.heightMm) / view.widthMm)
  const rows = query.rankings.map((ranking, row) => drawRow(row))
  const width = LEFT + 6 * (TILE + GAP)
  const legendY = query.rankings.length * (height + TEXT + GAP) + 14
  const drawing: Drawing = {
    width,
    height: legendY + 34,
    svg: markup`<svg viewBox="0 0 ${width} ${legendY + 34}" width="${width}" height="${legendY + 34}" role="img"
aria-label="Neighbours of slice ${own.sliceIndex} of ${own.plan} in ${space}" font-family="system-ui, sans-serif" font-size="10.5"
fill="var(--ink)">
${rows}
${drawLegend(legendY, [...new Set([...tiles.values()].flatMap(prescribed))])}
</svg>`.markup,
  }
  return {
    name: `3-retrieval-${space}-${number}`,
    title: `Slice ${own.sliceIndex} of ${own.plan} and its nearest of other patients, ${space}`,
    caption: markup`The query and its first five neighbours: by Hamming distance of ${query.kind} codes of
${query.bits} bits alone; by true distance among the 100 best by Hamming distance, which is how the search works; and by
exact distance. A miss, in a broken frame, is not as near as the fifth true neighbour. d: distance of the features; H: bits
that differ. CT in the soft-tissue window, seen from the feet, all to one scale; the level counts from the first slice.`,
    drawing,
    rows: query.rankings.flatMap(({ by, found }) =>
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

  function drawRow(row: number): Markup {
    const { by, found } = query.rankings[row] as Ranking
    const y = row * (height + TEXT + GAP)
    const name = NAMES[by].map(
      (line, i) =>
        markup`<text x="4" y="${y + height / 2 + i * LINE}" font-weight="600">${line}</text>`,
    )
    const cells = found.map((one, i) => {
      const tile = tiles.get(one.item) as Tile
      const bits = one.hamming === null ? 'H beyond 100th' : `H ${one.hamming}`
      const told = `d ${fixed(one.distance, 2)}, ${bits}`
      const rank = `${i + 1} ${one.hit ? 'hit' : 'miss'}`
      return drawCell(tile, {
        column: i + 1,
        y,
        height,
        view,
        lines: [`${rank}: ${told}`],
        miss: !one.hit,
      })
    })
    return markup`<g>${name}
${drawCell(own, { column: 0, y, height, view, lines: ['query'], miss: false })}
${cells}</g>`
  }
}

interface CellPlace {
  readonly column: number
  readonly y: number
  readonly height: number
  readonly view: View
  readonly lines: readonly string[]
  readonly miss: boolean
}

function drawCell(tile: Tile, { column, y, height, view, lines, miss }: CellPlace): Markup {
  const x = LEFT + column * (TILE + GAP)
  const told = [
    ...lines,
    tile.plan,
    `level ${fixed(tile.positionMm, 0)} mm, ${prescriptionText(tile)}`,
  ]
  const frame = miss
    ? ' stroke="var(--series-2)" stroke-width="3" stroke-dasharray="7 4"'
    : ' stroke="var(--rule)"'
  const text = told.map(
    (line, i) =>
      markup`<text x="${x}" y="${coordinate(y + height + 13 + i * LINE)}">${line}</text>`,
  )
  return markup`<svg x="${x}" y="${y}" width="${TILE}" height="${height}">${renderTile(tile, { view })}</svg>
<rect x="${x}" y="${y}" width="${TILE}" height="${height}" fill="none"${{ markup: frame }}/>
${text}`
}

function drawLegend(y: number, prescriptions: readonly number[]): Markup {
  const step = 146
  const entries = ISODOSE_LEVELS.map((level, i) => {
    const line = `M${i * step + 2} 0h24`
    return markup`<rect x="${i * step}" y="-7" width="28" height="14" rx="2" fill="#555"/>
<path d="${line}" fill="none"${casingStroke(1.8)}/><path d="${line}" fill="none"${isodoseStroke(level, 1.8)}/>
<text x="${i * step + 33}" y="4">${isodoseLabel(level, prescriptions)}</text>`
  })
  return markup`<g transform="translate(4 ${y})">${entries}</g>`
}
