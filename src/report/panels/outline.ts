import { contours } from 'd3-contour'
import type { Structure } from '../../core/plan.js'
import { coordinate } from '../drawing/format.js'
import { ringsPath, type Ring } from './isodose.js'
import { markup } from '../drawing/markup.js'
import type { Markup } from '../drawing/markup.js'
import type { StructureStyle } from '../drawing/structure-style.js'
import type { ScaledImage, View } from './view.js'

/** Section of a structure in a slice. */
export interface SliceStructure extends Pick<Structure, 'name' | 'role'> {
  /** 1 for each pixel inside, else 0, row by row. */
  readonly inside: Uint8Array
}

/** A slice with the structures that it contains. */
interface OutlinedSlice extends ScaledImage {
  readonly outlined: readonly SliceStructure[] | null
}

/** Height of the letters, as a share of the width of a view. */
const LETTER = 0.032
/** Least distance between letters, in units of their height. */
const APART = 1.1
/** Directions in which a letter may be placed; the first free one is used. */
const DIRECTIONS = [0, 4, 2, 6, 1, 5, 3, 7].map((eighth) => (eighth * Math.PI) / 4)

/** The outlines of structures on a slice, in mm, and their letters, which are drawn above all lines. */
export interface DrawnOutlines {
  readonly lines: Markup
  readonly letters: Markup
}

/** Draws the structures that a slice contains. */
export function drawOutlines(
  { image, pixelMm, outlined }: OutlinedSlice,
  styles: readonly StructureStyle[],
  view: View,
): DrawnOutlines {
  const letter = LETTER * view.widthMm
  const taken: Point[] = []
  const drawn = styles.flatMap((style) => {
    const found = outlined?.find(({ name }) => name === style.name)
    if (found === undefined) return []
    const rings = outlineRings(found.inside, image)
    const { x, y } = letterPlace(scaled(rings, pixelMm), letter, taken)
    taken.push({ x, y })
    const { onPicture, name } = style
    return [
      {
        line: markup`<path d="${ringsPath(rings, pixelMm)}" fill="${onPicture}" stroke="${onPicture}">
<title>${name}</title>
</path>`,
        sign: markup`<text x="${coordinate(x)}" y="${coordinate(y + 0.33 * letter)}" fill="${onPicture}">${style.letter}</text>`,
      },
    ]
  })
  if (drawn.length === 0) return { lines: markup``, letters: markup`` }
  const lines = markup`<g fill-opacity="0.16" fill-rule="evenodd" stroke-width="${coordinate(view.widthMm / 280)}" stroke-linejoin="round">
${drawn.map(({ line }) => line)}
</g>`
  const letters = markup`<g stroke="#000" stroke-width="${coordinate(letter / 5)}" stroke-linejoin="round" paint-order="stroke" font-family="sans-serif" font-weight="700"
font-size="${coordinate(letter)}" text-anchor="middle">
${drawn.map(({ sign }) => sign)}
</g>`
  return { lines, letters }
}

/** The borders of a pixel mask, halfway between a pixel inside and its neighbour outside. */
export function outlineRings(
  inside: Uint8Array,
  { rows, columns }: { rows: number; columns: number },
): Ring[] {
  const contour = contours().size([columns, rows]).contour(Array.from(inside), 0.5)
  return contour.coordinates.flat() as [number, number][][]
}

interface Point {
  readonly x: number
  readonly y: number
}

function scaled(rings: readonly Ring[], [rowMm, columnMm]: ScaledImage['pixelMm']): Point[] {
  const longest = rings.reduce<Ring>((one, ring) => (ring.length > one.length ? ring : one), [])
  return longest.map(([x, y]) => ({ x: x * columnMm, y: y * rowMm }))
}

/** A place just outside the outline without another letter, or the place in the first direction if all are taken. */
function letterPlace(ring: readonly Point[], letter: number, taken: readonly Point[]): Point {
  const places = DIRECTIONS.map((angle) => {
    const [right, down] = [Math.cos(angle), Math.sin(angle)]
    const along = ({ x, y }: Point) => x * right + y * down
    const end = ring.reduce((far, point) => (along(point) > along(far) ? point : far))
    return { x: end.x + 0.7 * letter * right, y: end.y + 0.7 * letter * down }
  })
  const isFree = (place: Point) =>
    taken.every((other) => Math.hypot(other.x - place.x, other.y - place.y) >= APART * letter)
  return places.find(isFree) ?? (places[0] as Point)
}
