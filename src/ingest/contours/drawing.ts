import type { CtVolume } from '../dicom/objects/ct.js'
import type { Region } from '../dicom/objects/structure-set.js'
import type { DrawnImages } from './contour-planes.js'
import type { DrawnLoop } from './loop-nest.js'
import { dot, normalOf, pixelOf, type Raster, type Vector3 } from '../volume/planes.js'

/** The images on which regions are drawn, as planes along their normal, with the rectangle that they show. */
export interface Drawing extends DrawnImages {
  readonly raster: Raster
  readonly normal: Vector3
  /** Borders between the images and at both ends, in mm along the normal, ascending. */
  readonly edges: readonly number[]
  /** The visible rectangle from the outer corner of the first pixel, in mm along `across` and `down`. */
  readonly left: number
  readonly top: number
  readonly columns: number
  readonly rows: number
  /** Offset of each image in whole pixels across and down, in the order of `depths`. */
  readonly shifts: readonly (readonly [x: number, y: number])[]
  /** Whether all images have the same offset. */
  readonly upright: boolean
  /** Whether these are the axial slices of the plan. */
  readonly axial: boolean
}

/** A contour in a drawing. */
export interface PlacedContour extends DrawnLoop {
  /** Depth of its centre. */
  readonly depth: number
}

const zero: Vector3 = [0, 0, 0]
/** Share of a pixel by which images may be shifted and still count as aligned. */
const sameStart = 1e-3

/** The axial slices of a CT and, if they were resampled from images of another orientation, these images. */
export function drawingsOf(ct: CtVolume): readonly Drawing[] {
  const { raster, slices, acquired, asAcquired, sliceMm } = ct
  const axial = drawingOf(
    raster,
    slices.map(({ origin }) => origin),
    { sliceMm, axial: true },
  )
  if (asAcquired) return [axial]
  const origins = acquired.images.map(({ origin }) => origin)
  return [axial, drawingOf(acquired.raster, origins, { sliceMm, axial: false })]
}

function drawingOf(
  raster: Raster,
  origins: readonly Vector3[],
  { sliceMm, axial }: { sliceMm: number; axial: boolean },
): Drawing {
  const normal = normalOf(raster)
  const sorted = [...origins].sort((a, b) => dot(a, normal) - dot(b, normal))
  const depths = sorted.map((origin) => dot(origin, normal))
  const [rowMm, columnMm] = raster.spacingMm
  const starts = sorted.map((origin) => pixelOf(raster, zero, origin))
  const [xs, ys] = [starts.map(([x]) => x), starts.map(([, y]) => y)]
  const [left, top] = [Math.min(...xs), Math.min(...ys)]
  const [shiftX, shiftY] = [Math.max(...xs) - left, Math.max(...ys) - top]
  return {
    raster,
    normal,
    depths,
    spacingMm: sliceMm,
    edges: edgesOf(depths, sliceMm),
    left: (left - 0.5) * columnMm,
    top: (top - 0.5) * rowMm,
    columns: raster.columns + Math.ceil(shiftX - sameStart),
    rows: raster.rows + Math.ceil(shiftY - sameStart),
    shifts: starts.map(([x, y]) => [Math.round(x - left), Math.round(y - top)]),
    upright: shiftX <= sameStart && shiftY <= sameStart,
    axial,
  }
}

/** Each image covers half of the distance to its neighbours; the outer ones extend as far outwards. */
function edgesOf(depths: readonly number[], sliceMm: number): number[] {
  const inner = depths.slice(1).map((depth, i) => (depth + depths[i]!) / 2)
  const [first, last] = [depths[0]!, depths[depths.length - 1]!]
  const before = inner.length > 0 ? inner[0]! - first : sliceMm / 2
  const behind = inner.length > 0 ? last - inner[inner.length - 1]! : sliceMm / 2
  return [first - before, ...inner, last + behind]
}

/**
 * The contours of a region in the images on which they were drawn: those in which they are flattest. Regions on images
 * with a tilted gantry may be drawn in these or in axial planes. `null` if contours deviate from every orientation by
 * more than half of the image distance.
 */
export function placedContours(
  { contours }: Region,
  drawings: readonly Drawing[],
): { drawing: Drawing; contours: readonly PlacedContour[] } | null {
  let flattest: { drawing: Drawing; spread: number } | null = null
  for (const drawing of drawings) {
    const spread = contours.reduce(
      (most, { points }) => Math.max(most, spreadOf(points, drawing.normal)),
      0,
    )
    if (flattest === null || spread < flattest.spread) flattest = { drawing, spread }
  }
  if (flattest === null || flattest.spread > flattest.drawing.spacingMm / 2) return null
  const { drawing } = flattest
  return {
    drawing,
    contours: contours.map(({ points, xor }) => ({ ...placed(points, drawing), xor })),
  }
}

function spreadOf(points: Float64Array, normal: Vector3): number {
  let [lowest, highest] = [Infinity, -Infinity]
  for (let i = 0; i < points.length; i += 3) {
    const depth = points[i]! * normal[0] + points[i + 1]! * normal[1] + points[i + 2]! * normal[2]
    if (depth < lowest) lowest = depth
    if (depth > highest) highest = depth
  }
  return highest - lowest
}

function placed(points: Float64Array, { raster, normal }: Drawing) {
  const loop = new Float64Array((points.length / 3) * 2)
  let [lowest, highest] = [Infinity, -Infinity]
  for (let i = 0, j = 0; i < points.length; i += 3, j += 2) {
    const point: Vector3 = [points[i]!, points[i + 1]!, points[i + 2]!]
    const depth = dot(point, normal)
    if (depth < lowest) lowest = depth
    if (depth > highest) highest = depth
    loop[j] = dot(point, raster.across)
    loop[j + 1] = dot(point, raster.down)
  }
  return { loop, depth: (lowest + highest) / 2 }
}
