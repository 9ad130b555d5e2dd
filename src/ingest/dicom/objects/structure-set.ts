import {
  attribute,
  readDecimal,
  readDecimalList,
  readItems,
  readText,
  refuseAttribute,
  required,
} from '../elements/attribute.js'
import { parseDataSet, type DicomDataSet } from '../elements/data-set.js'

/** A region of interest as drawn. */
export interface Region {
  readonly number: number
  /** Name given by the department; it may contain anything. */
  readonly name: string
  /** PTV, ORGAN, EXTERNAL, …; empty if missing. */
  readonly type: string
  /** Frame of reference of its coordinates; `null` if missing. */
  readonly frame: string | null
  readonly contours: readonly Contour[]
  /** Number of points, open lines and lines of less than three points, which enclose nothing. */
  readonly unclosed: number
}

/** A closed line. */
export interface Contour {
  /** x, y and z of each point in mm. */
  readonly points: Float64Array
  /** Whether it switches between inside and outside (type CLOSEDPLANAR_XOR). */
  readonly xor: boolean
}

/** The regions of a structure set. */
export interface StructureSet {
  /** In the order of their numbers. */
  readonly regions: readonly Region[]
  /** Assumptions that were made. */
  readonly remarks: readonly string[]
}

const sopClass = attribute('0008,0016', 'SOP Class UID')
const regions = attribute('3006,0020', 'Structure Set ROI Sequence')
const regionNumber = attribute('3006,0022', 'ROI Number')
const regionName = attribute('3006,0026', 'ROI Name')
const regionFrame = attribute('3006,0024', 'Referenced Frame of Reference UID')
const regionContours = attribute('3006,0039', 'ROI Contour Sequence')
const contours = attribute('3006,0040', 'Contour Sequence')
const contourType = attribute('3006,0042', 'Contour Geometric Type')
const pointCount = attribute('3006,0046', 'Number of Contour Points')
const contourData = attribute('3006,0050', 'Contour Data')
const observations = attribute('3006,0080', 'RT ROI Observations Sequence')
const referencedRegion = attribute('3006,0084', 'Referenced ROI Number')
const interpretedType = attribute('3006,00A4', 'RT ROI Interpreted Type')

const structureSetStorage = '1.2.840.10008.5.1.4.1.1.481.3'
/** Most points of all contours: ten times those of the largest known sets. */
const mostPoints = 1 << 23
/** Largest coordinate, in mm from the centre of a scanner. */
const furthestMm = 100_000

/**
 * Reads the regions of a structure set with their closed contours. The contours of one region may be in several items
 * of the sequence. A contour without a type, which the standard requires, counts as closed if it has at least three
 * points.
 */
export async function readStructureSet(bytes: Uint8Array, name: string): Promise<StructureSet> {
  const dataSet = await parseDataSet(bytes, name)
  if (readText(dataSet, sopClass) !== structureSetStorage)
    refuseAttribute(dataSet, sopClass)('is not RT Structure Set Storage', 'Give a structure set.')
  const drawn = byRegion(readItems(dataSet, regionContours))
  const observed = byRegion(readItems(dataSet, observations))
  const remarks: string[] = []
  let points = 0
  const found = readItems(dataSet, regions).map((item): Region => {
    const number = required(readDecimal(item, regionNumber), item, regionNumber)
    const types = (observed.get(number) ?? []).map((one) => readText(one, interpretedType))
    return {
      number,
      name: readText(item, regionName) ?? '',
      type: types.find((type) => type !== null) ?? '',
      frame: readText(item, regionFrame),
      ...contoursOf(number, drawn.get(number) ?? []),
    }
  })
  if (new Set(found.map(({ number }) => number)).size !== found.length)
    refuseAttribute(dataSet, regionNumber)(
      'stands twice',
      'Export the structure set again: two regions have the same number.',
    )
  const unnamed = [...drawn.keys()].filter(
    (number) => !found.some((region) => region.number === number),
  )
  if (unnamed.length > 0)
    remarks.push(
      `contours of ${unnamed.length} regions that the structure set does not list are left out`,
    )
  return { regions: found.sort((a, b) => a.number - b.number), remarks }

  function contoursOf(number: number, items: readonly DicomDataSet[]) {
    const closed: Contour[] = []
    let [unclosed, untyped] = [0, 0]
    for (const item of items.flatMap((one) => readItems(one, contours))) {
      const type = readText(item, contourType)
      const values = Float64Array.from(readDecimalList(item, contourData))
      const refuse = refuseAttribute(item, contourData)
      const hint = 'Export the structure set again: the points of a contour are incomplete.'
      if (values.length % 3 !== 0)
        refuse(`of region ${number} has ${values.length} values, not three for each point`, hint)
      const said = readDecimal(item, pointCount)
      if (said !== null && values.length > 0 && values.length / 3 < said)
        refuse(
          `of region ${number} has ${values.length / 3} points, not ${said} as ${pointCount.label} says`,
          hint,
        )
      if (values.some((mm) => Math.abs(mm) > furthestMm))
        refuse(`of region ${number} lies far outside of any scanner`, hint)
      points += values.length / 3
      if (points > mostPoints) refuse(`makes more than ${mostPoints} points`)
      if (values.length === 0) continue
      // Fewer than three points enclose nothing.
      const isClosed = values.length >= 9 && (type === null || type.startsWith('CLOSED'))
      if (!isClosed) unclosed++
      else {
        if (type === null) untyped++
        closed.push({ points: values, xor: type === 'CLOSEDPLANAR_XOR' })
      }
    }
    if (untyped > 0)
      remarks.push(
        `region ${number}: ${untyped} contours without ${contourType.label} count as closed`,
      )
    if (unclosed > 0 && closed.length > 0)
      remarks.push(
        `region ${number}: ${unclosed} points and open lines enclose nothing and do not count`,
      )
    return { contours: closed, unclosed }
  }
}

function byRegion(items: readonly DicomDataSet[]): ReadonlyMap<number, DicomDataSet[]> {
  const groups = new Map<number, DicomDataSet[]>()
  for (const item of items) {
    const number = readDecimal(item, referencedRegion) ?? NaN
    groups.set(number, [...(groups.get(number) ?? []), item])
  }
  return groups
}
