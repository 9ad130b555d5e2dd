import { isSameLine, lineOf } from './loop-line.js'
import { nestLoops, type DrawnLoop, type LoopNest } from './loop-nest.js'

/** The contours in one plane. */
export interface DrawnPlane {
  /** Position along the normal in mm. */
  readonly depth: number
  readonly nest: LoopNest
}

/** A part of a region along the normal: one plane, or the transition between two planes. */
export interface Passage {
  readonly from: number
  readonly to: number
  /** Planes at its two ends; if they are the same, the cross-section is constant. */
  readonly planes: readonly [DrawnPlane, DrawnPlane]
}

/** A region reconstructed from its planes. */
export interface DrawnBody {
  readonly planes: readonly DrawnPlane[]
  readonly passages: readonly Passage[]
  /** Median distance of neighbouring planes in mm; `null` for a single plane. */
  readonly spacingMm: number | null
  /** Widest gap between neighbouring planes that was not filled, in mm; 0 if there is none. */
  readonly leftOpenMm: number
}

/** The images on which a region was drawn. */
export interface DrawnImages {
  /** Positions along the normal in mm, ascending. */
  readonly depths: readonly number[]
  /** Usual distance between images in mm. */
  readonly spacingMm: number
}

/** Contours are in one plane if they differ by at most this distance in mm and this share of the image distance. */
const samePlane = { mm: 0.3, part: 0.25 } as const
/** A plane lies on an image if their distance is at most this share of the image distance. */
const onImage = 0.1
/**
 * Planes farther apart than this belong to separate parts: a multiple of their usual distance, and the larger of a
 * distance in mm and a number of images. If every third or fifth image was drawn, the space between is meant to be
 * inside; a spinal cord that was drawn only at its two ends cannot be distinguished from two nodes.
 */
const widest = { times: 2.5, mm: 20, images: 4 } as const

/** A contour with its position along the normal. */
type DeepLoop = DrawnLoop & { readonly depth: number }

/**
 * Groups contours into planes. If each lies on an image, contours on one image form one plane, unless the same line
 * occurs at two depths: then the drawing has steps finer than the images.
 */
export function planesOf(contours: readonly DeepLoop[], images: DrawnImages): DrawnPlane[] {
  const within = Math.min(samePlane.mm, samePlane.part * images.spacingMm)
  const sorted = [...contours].sort((a, b) => a.depth - b.depth)
  const numbers = new Map(sorted.map((contour) => [contour, imageAt(contour.depth, images)]))
  const near = (a: DeepLoop, b: DeepLoop) => b.depth - a.depth <= within
  const onImages = [...numbers.values()].every((number) => number !== null)
  const byImage = grouped(sorted, (a, b) => near(a, b) || numbers.get(a) === numbers.get(b))
  const isFine = byImage.some((group) => group.some((a, i) => group.slice(i + 1).some(isAgain(a))))
  const groups = onImages && !isFine ? byImage : grouped(sorted, near)
  return groups.flatMap((group) => {
    const nest = nestLoops(group)
    const depth = group.reduce((sum, contour) => sum + contour.depth, 0) / group.length
    return nest === null ? [] : [{ depth, nest }]
  })

  /** Whether it repeats a line in another plane. */
  function isAgain(a: DeepLoop): (b: DeepLoop) => boolean {
    return (b) => !near(a, b) && isSameLine(lineOf(a.loop), lineOf(b.loop))
  }
}

/** Groups items with the first one that they belong to. */
function grouped(
  sorted: readonly DeepLoop[],
  together: (first: DeepLoop, one: DeepLoop) => boolean,
): DeepLoop[][] {
  const groups: DeepLoop[][] = []
  for (const contour of sorted) {
    const group = groups.at(-1)
    if (group?.[0] !== undefined && together(group[0], contour)) group.push(contour)
    else groups.push([contour])
  }
  return groups
}

/**
 * The region between its planes and at its ends.
 *
 * Between two planes, cross-sections are interpolated linearly, so that areas change linearly from plane to plane. At
 * its ends a region extends by half of its spacing: that of the images if it was drawn in each of them, else that of
 * the drawn planes. If it was drawn in every second image and somewhere in two adjacent ones, it ends like a region
 * that was drawn in each image, because the images were then chosen deliberately.
 */
export function bodyOf(planes: readonly DrawnPlane[], images: DrawnImages): DrawnBody {
  const gaps = planes.slice(1).map(({ depth }, i) => depth - planes[i]!.depth)
  const spacingMm = median(gaps)
  const limit = Math.min(
    widest.times * (spacingMm ?? 0),
    Math.max(widest.mm, widest.images * images.spacingMm),
  )
  // Adjacent images are connected, however far apart they are.
  const joined = gaps.map(
    (gap, i) => gap <= limit || inNeighbours(planes[i]!, planes[i + 1]!, images),
  )
  const endMm = endsOf(planes, gaps, joined, images)
  const passages: Passage[] = []
  planes.forEach((plane, i) => {
    const { depth } = plane
    const end = endMm(i)
    if (i === 0 || !joined[i - 1]) {
      const room = i === 0 ? Infinity : gaps[i - 1]! / 2
      passages.push({ from: depth - Math.min(end.before, room), to: depth, planes: [plane, plane] })
    }
    const next = planes[i + 1]
    if (next !== undefined && joined[i])
      passages.push({ from: depth, to: next.depth, planes: [plane, next] })
    else {
      const room = next === undefined ? Infinity : gaps[i]! / 2
      passages.push({ from: depth, to: depth + Math.min(end.after, room), planes: [plane, plane] })
    }
  })
  const leftOpenMm = Math.max(0, ...gaps.filter((_, i) => !joined[i]))
  return { planes, passages, spacingMm, leftOpenMm }
}

/** Distance by which a region extends beyond each of its planes if it ends there. */
function endsOf(
  planes: readonly DrawnPlane[],
  gaps: readonly number[],
  joined: readonly boolean[],
  images: DrawnImages,
): (plane: number) => { before: number; after: number } {
  const own = gaps.filter((_, i) => joined[i])
  const numbers = planes.map(({ depth }) => imageAt(depth, images))
  if (numbers.every((number) => number !== null)) {
    const steps = numbers
      .slice(1)
      .map((number, i) => number - numbers[i]!)
      .filter((_, i) => joined[i])
    const step = Math.max(1, Math.min(...steps, own.length === 0 ? 1 : Infinity))
    return (plane) => {
      const at = numbers[plane]!
      return {
        before: (placeOf(at, images) - placeOf(at - step, images)) / 2,
        after: (placeOf(at + step, images) - placeOf(at, images)) / 2,
      }
    }
  }
  const usual = median(own) ?? images.spacingMm
  return (plane) => {
    const [before, after] = [gaps[plane - 1], gaps[plane]]
    const near = (gap: number | undefined, is: boolean | undefined) =>
      Math.min(usual, (is === true ? gap : undefined) ?? usual) / 2
    return { before: near(after, joined[plane]), after: near(before, joined[plane - 1]) }
  }
}

function inNeighbours(a: DrawnPlane, b: DrawnPlane, images: DrawnImages): boolean {
  const [one, other] = [imageAt(a.depth, images), imageAt(b.depth, images)]
  return one !== null && other !== null && other - one === 1
}

/** Index of the image at a depth; `null` if it is not on an image. */
function imageAt(depth: number, { depths, spacingMm }: DrawnImages): number | null {
  const at = nearestIndex(depths, depth)
  return Math.abs(depths[at]! - depth) <= onImage * spacingMm ? at : null
}

/** Depth of an image; outside the stack, images continue at the distance of the last two. */
function placeOf(number: number, { depths, spacingMm }: DrawnImages): number {
  const last = depths.length - 1
  if (number < 0)
    return depths[0]! + number * (depths.length > 1 ? depths[1]! - depths[0]! : spacingMm)
  if (number > last)
    return (
      depths[last]! + (number - last) * (last > 0 ? depths[last]! - depths[last - 1]! : spacingMm)
    )
  return depths[number]!
}

function nearestIndex(depths: readonly number[], depth: number): number {
  let nearest = 0
  for (let i = 1; i < depths.length; i++)
    if (Math.abs(depths[i]! - depth) < Math.abs(depths[nearest]! - depth)) nearest = i
  return nearest
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null
  const sorted = [...values].sort((a, b) => a - b)
  // Of two the smaller: a gap is not a spacing.
  return sorted[(sorted.length - 1) >> 1] as number
}
