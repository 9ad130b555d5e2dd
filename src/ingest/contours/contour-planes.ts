import { isSameLine, lineOf } from './loop-line.js'
import { nestLoops, type DrawnLoop, type LoopNest } from './loop-nest.js'

/** What is drawn in one plane. */
export interface DrawnPlane {
  /** Place along the normal in mm. */
  readonly depth: number
  readonly nest: LoopNest
}

/** A part of a region along the normal: one plane, or the passage from one plane to another. */
export interface Passage {
  readonly from: number
  readonly to: number
  /** Planes at its two ends; where they are one, it stays the same all along. */
  readonly planes: readonly [DrawnPlane, DrawnPlane]
}

/** A region between and behind its planes. */
export interface DrawnBody {
  readonly planes: readonly DrawnPlane[]
  readonly passages: readonly Passage[]
  /** Median distance of neighbouring planes in mm, `null` of a single plane. */
  readonly spacingMm: number | null
  /** Widest distance of neighbouring planes between which nothing was filled in mm, 0 where there is none. */
  readonly leftOpenMm: number
}

/** The images that a region was drawn in. */
export interface DrawnImages {
  /** Places along the normal in mm, growing. */
  readonly depths: readonly number[]
  /** Usual distance of the images in mm. */
  readonly spacingMm: number
}

/** Contours lie in one plane up to this distance in mm, and up to this part of the distance of images. */
const samePlane = { mm: 0.3, part: 0.25 } as const
/** A plane lies on an image that is no further away than this part of the distance of images. */
const onImage = 0.1
/**
 * Planes further apart than this are ends of two parts: as a multiple of their usual distance, and
 * the larger of a distance in mm and a number of images. Who draws every third or fifth image means what
 * lies between; a spinal cord that is drawn at its two ends only cannot be told from two nodes.
 */
const widest = { times: 2.5, mm: 20, images: 4 } as const

/** A contour with its place along the normal. */
type DeepLoop = DrawnLoop & { readonly depth: number }

/**
 * Contours put into planes. Where each lies on an image, those on one image are of one plane, unless the same line
 * stands there at two depths: then it was drawn in steps that are finer than the images.
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

  /** Whether it is the line of another one in another plane. */
  function isAgain(a: DeepLoop): (b: DeepLoop) => boolean {
    return (b) => !near(a, b) && isSameLine(lineOf(a.loop), lineOf(b.loop))
  }
}

/** What is together with the first of its group. */
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
 * What lies between the planes of a region and at its ends.
 *
 * Between two planes the share of the nearer one grows evenly, so that areas, and with them the volume, run in
 * straight lines from plane to plane. At its ends a region goes on by half of its spacing: that of the
 * images if it was drawn in each of them, else of those it was drawn in. Where it was drawn in every second image
 * and somewhere in two neighbours, images were chosen with care and it ends like one that was drawn in each.
 */
export function bodyOf(planes: readonly DrawnPlane[], images: DrawnImages): DrawnBody {
  const gaps = planes.slice(1).map(({ depth }, i) => depth - planes[i]!.depth)
  const spacingMm = median(gaps)
  const limit = Math.min(
    widest.times * (spacingMm ?? 0),
    Math.max(widest.mm, widest.images * images.spacingMm),
  )
  // Neighbouring images are neighbours, however far apart they are.
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

/** How far a region goes on beyond each of its planes, if it ends there. */
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

/** Number of the image that a depth lies on, `null` where it lies beside the images. */
function imageAt(depth: number, { depths, spacingMm }: DrawnImages): number | null {
  const at = nearestIndex(depths, depth)
  return Math.abs(depths[at]! - depth) <= onImage * spacingMm ? at : null
}

/** Depth of an image; those before the first and behind the last are as far apart as the last two. */
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
  // Of two the smaller: a gap is no spacing.
  return sorted[(sorted.length - 1) >> 1] as number
}
