import type { CtVolume } from './dicom-ct.js'
import type { Region } from './dicom-structure-set.js'
import { refusal } from './dicom-refusal.js'
import { fillLoops, type Loop } from './contour-mask.js'
import {
  dot,
  normalOf,
  pixelOf,
  sampleStack,
  stackOf,
  type Raster,
  type Vector3,
} from './planes.js'

/** Where a mask belongs: a slice of the CT by its number. */
export interface SliceMask {
  readonly slice: number
  /** 1 inside. Used again for the next slice. */
  readonly mask: Uint8Array
}

/** The images in which a region is drawn. */
interface Drawing {
  readonly raster: Raster
  readonly origins: readonly Vector3[]
  /** What each image stands for in mm. */
  readonly thicknessMm: readonly number[]
}

/** Contours in one plane. */
interface ContourPlane {
  readonly depth: number
  readonly contours: Float64Array[]
}

/** Contours that are nearer to each other than this lie in one plane. */
const samePlaneMm = 0.05

/** The slices in which a region lies, with what is inside of it. */
export function* regionMasks(region: Region, ct: CtVolume, name: string): Generator<SliceMask> {
  const { raster, slices, acquired, asAcquired, sliceMm } = ct
  const axial = {
    raster,
    origins: slices.map(({ origin }) => origin),
    thicknessMm: slices.map((slice) => slice.thicknessMm),
  }
  const origins = acquired.images.map(({ origin }) => origin)
  const drawing = { raster: acquired.raster, origins, thicknessMm: origins.map(() => sliceMm) }
  const inAxial = flatPlanes(region, axial)
  // Who draws on other images than axial ones may still draw axially.
  const inImages = asAcquired ? null : flatPlanes(region, drawing)
  if (inImages !== null) yield* cutThrough(masksIn(drawing, inImages), drawing, axial)
  else if (inAxial !== null) yield* masksIn(axial, inAxial)
  else
    refusal(name, '(3006,0050) Contour Data')(
      `of region ${region.number} does not lie in the planes of the CT`,
      'Export the structures as they were drawn on this CT.',
    )
}

/** Masks in axial slices of what is drawn in others: where the greater part of a voxel is inside. */
function* cutThrough(
  masks: Iterable<SliceMask>,
  { raster, origins }: Drawing,
  axial: Drawing,
): Generator<SliceMask> {
  const drawn = new Map([...masks].map(({ slice, mask }) => [slice, mask.slice()]))
  const empty = new Uint8Array(raster.rows * raster.columns)
  const stack = stackOf(
    raster,
    origins.map((origin, slice) => ({ origin, values: drawn.get(slice) ?? empty })),
  )
  for (const [slice, origin] of axial.origins.entries()) {
    const share = new Float32Array(axial.raster.rows * axial.raster.columns)
    sampleStack(stack, { ...axial.raster, origin }, share)
    const mask = Uint8Array.from(share, (inside) => (inside >= 0.5 ? 1 : 0))
    if (mask.includes(1)) yield { slice, mask }
  }
}

/**
 * Each contour stands for half of the way to the next plane of its region, as each image does: so a
 * region that is drawn in every third slice fills those between, and one that ends leaves the rest
 * empty.
 */
function* masksIn(
  { raster, origins, thicknessMm }: Drawing,
  planes: readonly ContourPlane[],
): Generator<SliceMask> {
  const normal = normalOf(raster)
  const gaps = planes.slice(1).map(({ depth }, i) => depth - (planes[i] as ContourPlane).depth)
  const gap = Math.min(...gaps)
  const mask = new Uint8Array(raster.rows * raster.columns)
  for (const [slice, origin] of origins.entries()) {
    const depth = dot(origin, normal)
    const plane = nearest(planes, depth)
    const reach = Math.max(thicknessMm[slice] as number, Number.isFinite(gap) ? gap : 0) / 2
    if (plane === null || Math.abs(plane.depth - depth) > reach + samePlaneMm) continue
    mask.fill(0)
    fillLoops(
      plane.contours.map((contour) => loopOf(contour, raster, origin)),
      raster.columns,
      mask,
    )
    yield { slice, mask }
  }
}

/** Contours by the planes they lie in, `null` if one lies across the images. */
function flatPlanes({ contours }: Region, drawing: Drawing): ContourPlane[] | null {
  const normal = normalOf(drawing.raster)
  const flatMm = drawing.thicknessMm.reduce((most, mm) => Math.max(most, mm), 0) / 2
  const placed: { contour: Float64Array; depth: number }[] = []
  for (const contour of contours) {
    let [lowest, highest] = [Infinity, -Infinity]
    for (let i = 0; i < contour.length; i += 3) {
      const depth = dot(pointAt(contour, i), normal)
      lowest = Math.min(lowest, depth)
      highest = Math.max(highest, depth)
    }
    if (highest - lowest > flatMm) return null
    placed.push({ contour, depth: (lowest + highest) / 2 })
  }
  const planes: ContourPlane[] = []
  for (const { contour, depth } of placed.sort((a, b) => a.depth - b.depth)) {
    const last = planes.at(-1)
    if (last !== undefined && depth - last.depth < samePlaneMm) last.contours.push(contour)
    else planes.push({ depth, contours: [contour] })
  }
  return planes
}

function nearest(planes: readonly ContourPlane[], depth: number): ContourPlane | null {
  return planes.reduce<ContourPlane | null>(
    (best, plane) =>
      best === null || Math.abs(plane.depth - depth) < Math.abs(best.depth - depth) ? plane : best,
    null,
  )
}

function loopOf(contour: Float64Array, raster: Raster, origin: Vector3): Loop {
  const loop = new Float64Array((contour.length / 3) * 2)
  for (let i = 0, j = 0; i < contour.length; i += 3, j += 2)
    loop.set(pixelOf(raster, origin, pointAt(contour, i)), j)
  return loop
}

function pointAt(contour: Float64Array, i: number): Vector3 {
  return [contour[i]!, contour[i + 1]!, contour[i + 2]!]
}
