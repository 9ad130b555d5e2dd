import { LshError } from '../../core/errors.js'
import { ctDataUri } from './ct-picture.js'
import { coordinate, plain } from '../drawing/format.js'
import { isodoseLabel, isodoses, ISODOSE_LEVELS, ringsPath } from './isodose.js'
import type { IsodoseLevel } from './isodose.js'
import { casingStroke, isodoseStroke } from './isodose-stroke.js'
import { markup } from '../drawing/markup.js'
import type { Markup } from '../drawing/markup.js'
import { drawOutlines, type SliceStructure } from './outline.js'
import type { StructureStyle } from '../drawing/structure-style.js'
import { LETTER_SHARE, sharedView, viewOrigin } from './view.js'
import type { ScaledImage, View } from './view.js'

/** A slice as a picture of the report, with its caption. */
export interface Tile extends ScaledImage {
  /** Key of the plan in its source: `train-pats/pt_3`. */
  readonly plan: string
  readonly sliceIndex: number
  /** Distance from the first slice of the volume, in mm. */
  readonly positionMm: number
  /** `null` for a plan without dose and prescription. */
  readonly prescriptionGy: number | null
  /** Sections of the plan's structures in the slice; `null` if the plan was stored without outlines. */
  readonly outlined: readonly SliceStructure[] | null
}

export interface TileOptions {
  /** Part of the slice to show. (Default: the body in this slice) */
  view?: View
  /** Isodose lines to draw. (Default: `ISODOSE_LEVELS`) */
  levels?: readonly IsodoseLevel[]
  /** Structures whose outlines are drawn. (Default: none) */
  structures?: readonly StructureStyle[]
}

/** An SVG element for a page: CT in the soft-tissue window, isodose lines, directions and a scale bar. */
export function renderTile(tile: Tile, options: TileOptions = {}): Markup {
  return drawTile(tile, options, markup``)
}

/** The same picture as the text of an SVG file. */
export function renderTileFile(tile: Tile, options: TileOptions = {}): string {
  return `${drawTile(tile, options, markup` xmlns="http://www.w3.org/2000/svg"`).markup}\n`
}

function drawTile(tile: Tile, options: TileOptions, namespace: Markup): Markup {
  assertRaster(tile)
  const { view = sharedView([tile]), levels = ISODOSE_LEVELS, structures = [] } = options
  const origin = viewOrigin(tile, view)
  const shift = `translate(${coordinate(-origin.x)} ${coordinate(-origin.y)})`
  const outlines = drawOutlines(tile, structures, view)
  const size = `0 0 ${coordinate(view.widthMm)} ${coordinate(view.heightMm)}`
  return markup`<svg${namespace} class="slice" viewBox="${size}" role="img"
aria-label="${describe(tile)}">
<rect width="100%" height="100%" fill="#000"/>
<g transform="${shift}">
${drawCt(tile)}
${outlines.lines}
${drawIsodoses(tile, view, levels)}
${outlines.letters}
</g>
${drawDirections(view)}
${drawScaleBar(view)}
</svg>`
}

function describe(tile: Tile): string {
  const dose = tile.image.dose === null ? 'without dose' : 'with isodose lines'
  return `Axial CT of ${tile.plan}, slice ${plain(tile.sliceIndex)}, ${dose}`
}

function drawCt({ image, pixelMm: [rowMm, columnMm] }: Tile): Markup {
  const width = coordinate(image.columns * columnMm)
  const height = coordinate(image.rows * rowMm)
  return markup`<image width="${width}" height="${height}" preserveAspectRatio="none"
image-rendering="auto" href="${ctDataUri(image)}"/>`
}

function drawIsodoses(tile: Tile, view: View, levels: readonly IsodoseLevel[]): Markup {
  const lines = isodoses(tile.image, tile.prescriptionGy, levels).map((isodose) => ({
    level: isodose.level,
    path: ringsPath(isodose.rings, tile.pixelMm),
  }))
  const unit = view.widthMm / 200
  const drawn = lines.map(
    ({ level, path }) =>
      markup`<path d="${path}"${isodoseStroke(level, unit)}>
<title>${isodoseLabel(level, prescribed(tile))}</title>
</path>`,
  )
  const casing = lines.map(({ path }) => path).join('')
  return markup`<g fill="none" stroke-linejoin="round">
<path d="${casing}"${casingStroke(unit)}/>
${drawn}
</g>`
}

/** The prescription of a tile as a list; empty without one. */
export function prescribed({ prescriptionGy }: Pick<Tile, 'prescriptionGy'>): readonly number[] {
  return prescriptionGy === null ? [] : [prescriptionGy]
}

/** The prescription as text. */
export function prescriptionText({ prescriptionGy, image }: Tile): string {
  const said = prescriptionGy === null ? 'no prescription' : `${plain(prescriptionGy)} Gy`
  return image.dose === null ? `${said}, no dose` : said
}

function drawDirections({ widthMm, heightMm }: View): Markup {
  const letter = LETTER_SHARE * widthMm
  const places = [
    { name: 'A', x: widthMm / 2, y: 1.2 * letter },
    { name: 'P', x: widthMm / 2, y: heightMm - 0.5 * letter },
    { name: 'R', x: 0.8 * letter, y: heightMm / 2 + 0.35 * letter },
    { name: 'L', x: widthMm - 0.8 * letter, y: heightMm / 2 + 0.35 * letter },
  ]
  const letters = places.map(
    ({ name, x, y }) => markup`<text x="${coordinate(x)}" y="${coordinate(y)}">${name}</text>`,
  )
  const size = coordinate(letter)
  return markup`<g fill="#fff" stroke="#000" stroke-width="${coordinate(letter / 5)}"
paint-order="stroke" font-family="sans-serif" font-size="${size}" text-anchor="middle">
${letters}
</g>`
}

function drawScaleBar({ widthMm, heightMm }: View): Markup {
  const letter = LETTER_SHARE * widthMm
  const x = 0.6 * letter
  const y = heightMm - 0.85 * letter
  const tick = 0.25 * letter
  const [half, whole] = [coordinate(-tick), coordinate(2 * tick)]
  const bar = `M${coordinate(x)} ${coordinate(y - tick)}v${whole}m0 ${half}h50m0 ${half}v${whole}`
  return markup`<path d="${bar}" fill="none" stroke="#fff" stroke-width="${coordinate(letter / 8)}"/>
<text x="${coordinate(x + 50 + 0.4 * letter)}" y="${coordinate(heightMm - 0.5 * letter)}" fill="#fff"
font-family="sans-serif" font-size="${coordinate(letter)}">50 mm</text>`
}

function assertRaster({ image, plan }: Tile): void {
  const pixels = image.rows * image.columns
  const doses = image.dose?.length ?? pixels
  if (image.ct.length === pixels && doses === pixels) return
  throw new LshError(
    'bad_input',
    `slice of ${plan} has ${image.ct.length} CT and ${doses} dose values ` +
      `for ${image.rows} × ${image.columns} pixels`,
    { hint: 'Both rasters of a slice need rows × columns values.' },
  )
}
