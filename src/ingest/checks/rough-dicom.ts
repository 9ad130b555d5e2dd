import { attribute, readDecimalList } from '../dicom/elements/attribute.js'
import { parseDataSet } from '../dicom/elements/data-set.js'
import type { DicomSource } from '../dicom/plans/source.js'
import { readStructureSet, type Contour } from '../dicom/objects/structure-set.js'
import { readPlace } from '../files/file-place.js'
import { doseAt, roughDose, type RoughGrid } from './rough-dose.js'
import { widened, type RoughPlan, type RoughStructure } from './rough-figures.js'
import { areaOf, scanPlane, type Scan, type Stretch } from './rough-scan.js'
import { nameRegions } from '../contours/structure-names.js'

const position = attribute('0020,0032', 'Image Position (Patient)')
const directions = attribute('0020,0037', 'Image Orientation (Patient)')
/** Largest distance, in mm, of contours in one plane. */
const samePlaneMm = 0.3
/** Planes farther apart than this multiple of the usual distance may have a gap between them. */
const widest = 2.5
/** Points per stretch of a scan line, of which every fifth line is sampled. */
const [pointsOfStretch, everyLine] = [12, 5]
/** Least share of a structure with known dose; stricter than the limit of the loader. */
const leastKnown = 0.995

interface RoughPlane {
  readonly z: number
  readonly scan: Scan
  /** Lower and upper bound of its thickness. */
  readonly mm: readonly [low: number, high: number]
}

/**
 * Rough figures of a plan: areas of contours by scan lines times the distance between planes, and doses at points on
 * these lines. `null` unless the CT consists of axial images of one frame each.
 */
export async function roughDicom(source: DicomSource): Promise<RoughPlan | null> {
  const heights = await heightsOf(source)
  if (heights === null) return null
  const { structures } = source
  const { regions } = await readStructureSet(await readPlace(structures), structures.name)
  const grid = await roughDose(source)
  const here = regions.filter(
    ({ frame }) => frame === null || source.frame === null || frame === source.frame,
  )
  const rough = nameRegions(here).map(({ name, contours }): RoughStructure => {
    const planes = planesOf(contours, heights)
    if (planes === null) return { name, volumeCc: null, meanGy: null, highestGy: null }
    return { name, volumeCc: volumeOf(planes), ...doseOf(planes, grid) }
  })
  const highestGy = grid === null ? null : highest(grid.gy)
  return { structures: rough, highestGy }
}

/** Heights of the CT images in mm, ascending. */
async function heightsOf({ ct }: DicomSource): Promise<number[] | null> {
  const heights: number[] = []
  for (const place of ct) {
    const dataSet = await parseDataSet(await readPlace(place), place.name)
    const [, , z] = readDecimalList(dataSet, position)
    const [a = 0, , , , b = 0] = readDecimalList(dataSet, directions)
    if (z === undefined || Math.abs(a) < 0.9999 || Math.abs(b) < 0.9999) return null
    heights.push(z)
  }
  heights.sort((a, b) => a - b)
  return heights.length < 2 ? null : heights
}

/** The planes of a region; `null` if its contours are not axial or extend beyond the CT. */
function planesOf(
  contours: readonly Contour[],
  heights: readonly number[],
): readonly RoughPlane[] | null {
  const groups: { z: number; loops: Float64Array[] }[] = []
  const placed = contours.map(({ points }) => {
    const zs = points.filter((_, i) => i % 3 === 2)
    return { z: zs[0]!, isAxial: zs.every((z) => Math.abs(z - zs[0]!) < 0.01), points }
  })
  if (!placed.every(({ isAxial }) => isAxial)) return null
  for (const { z, points } of placed.sort((a, b) => a.z - b.z)) {
    const group = groups.at(-1)
    const loop = points.filter((_, i) => i % 3 !== 2)
    if (group !== undefined && z - group.z <= samePlaneMm) group.loops.push(loop)
    else groups.push({ z, loops: [loop] })
  }
  const [bottom, top] = [heights[0]!, heights.at(-1)!]
  if (groups.some(({ z }) => z < bottom - samePlaneMm || z > top + samePlaneMm)) return null
  const gaps = groups.slice(1).map(({ z }, i) => z - groups[i]!.z)
  const usual = [...gaps].sort((a, b) => a - b)[gaps.length >> 1] ?? Infinity
  return groups.map(({ z, loops }, i) => {
    const [before, behind] = [gaps[i - 1], gaps[i]]
    const image = imageGaps(heights, z)
    // A structure ends half a spacing beyond its last plane, by its own spacing or that of the
    // images; both are accepted here.
    const ends = [...image, usual, before ?? usual, behind ?? usual].filter(Number.isFinite)
    const side = (gap: number | undefined): readonly [number, number] =>
      gap === undefined || gap > widest * usual || gap > 20
        ? [Math.min(...ends) / 2, Math.max(...ends, gap ?? 0) / 2]
        : [gap / 2, gap / 2]
    const [down, up] = [side(before), side(behind)]
    return { z, scan: scanPlane(loops), mm: [down[0] + up[0], down[1] + up[1]] as const }
  })
}

/** Distances between the images around a height. */
function imageGaps(heights: readonly number[], z: number): number[] {
  const at = heights.findIndex((height) => height >= z - samePlaneMm)
  return [at - 1, at, at + 1].flatMap((i) => {
    const [low, high] = [heights[i - 1], heights[i]]
    return low === undefined || high === undefined ? [] : [high - low]
  })
}

function volumeOf(planes: readonly RoughPlane[]) {
  let [low, high] = [0, 0]
  for (const { scan, mm } of planes) {
    const { odd, either, stepMm } = scan
    low += areaOf(odd, stepMm) * mm[0]
    high += areaOf(either, stepMm) * mm[1]
  }
  return widened([low / 1000, high / 1000], 0.02, 0.01)
}

function doseOf(planes: readonly RoughPlane[], grid: RoughGrid | null) {
  const unknown = { meanGy: null, highestGy: null }
  if (grid === null) return unknown
  const means: number[] = []
  for (const which of ['odd', 'either'] as const) {
    let [all, known, nearest, linear] = [0, 0, 0, 0]
    for (const { z, scan, mm } of planes)
      for (const [x, y, weight] of pointsOn(scan[which])) {
        const gy = doseAt(grid, x, y, z)
        const mm3 = weight * scan.stepMm * mm[0]
        all += mm3
        if (gy === null) continue
        known += mm3
        nearest += mm3 * gy[0]
        linear += mm3 * gy[1]
      }
    if (all === 0) continue
    if (known < leastKnown * all) return unknown
    means.push(nearest / known, linear / known)
  }
  if (means.length === 0) return unknown
  const highestGy = highestNear(planes, grid) * 1.01 + 0.1
  return { meanGy: widened(means, 0.02, 0.3), highestGy }
}

function* pointsOn(stretches: readonly Stretch[]): Generator<readonly [number, number, number]> {
  for (let i = 0; i < stretches.length; i += everyLine) {
    const { y, from, to } = stretches[i]!
    for (let at = 0; at < pointsOfStretch; at++)
      yield [from + ((at + 0.5) / pointsOfStretch) * (to - from), y, to - from]
  }
}

/** The highest voxel in the box around a structure, extended by one voxel on each side. */
function highestNear(planes: readonly RoughPlane[], { xs, ys, zs, gy }: RoughGrid): number {
  const lines = planes.flatMap(({ scan }) => scan.either)
  const columns = numbersNear(
    xs,
    lines.flatMap(({ from, to }) => [from, to]),
  )
  const rows = numbersNear(
    ys,
    lines.map(({ y }) => y),
  )
  const frames = numbersNear(
    zs,
    planes.flatMap(({ z, mm }) => [z - mm[1], z + mm[1]]),
  )
  let most = 0
  for (const k of frames)
    for (const j of rows)
      for (const i of columns) most = Math.max(most, gy[(k * ys.length + j) * xs.length + i]!)
  return most
}

/** Indices of the places between the smallest and largest value, and of one more on each side. */
function numbersNear(places: readonly number[], values: readonly number[]): number[] {
  const gaps = places.slice(1).map((place, i) => Math.abs(place - places[i]!))
  const step = Math.max(...gaps)
  const low = values.reduce((least, value) => Math.min(least, value), Infinity) - step
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity) + step
  return places.flatMap((place, i) => (place >= low && place <= high ? [i] : []))
}

function highest(values: Float64Array): number {
  let most = 0
  for (const value of values) if (value > most) most = value
  return most
}
