import {
  attribute,
  readDecimal,
  readDecimalList,
  readItems,
  readText,
  refuseAttribute,
  required,
} from './dicom-attribute.js'
import { parseDataSet, type DicomDataSet } from './dicom-data-set.js'

/** A region of interest as it was drawn. */
export interface Region {
  readonly number: number
  /** As its department calls it; may say anything. */
  readonly name: string
  /** PTV, ORGAN, EXTERNAL, …; empty where the file does not say. */
  readonly type: string
  /** Closed lines, each by the x, y and z of its points in mm. */
  readonly contours: readonly Float64Array[]
}

const sopClass = attribute('0008,0016', 'SOP Class UID')
const regions = attribute('3006,0020', 'Structure Set ROI Sequence')
const regionNumber = attribute('3006,0022', 'ROI Number')
const regionName = attribute('3006,0026', 'ROI Name')
const regionContours = attribute('3006,0039', 'ROI Contour Sequence')
const contours = attribute('3006,0040', 'Contour Sequence')
const contourType = attribute('3006,0042', 'Contour Geometric Type')
const contourData = attribute('3006,0050', 'Contour Data')
const observations = attribute('3006,0080', 'RT ROI Observations Sequence')
const referencedRegion = attribute('3006,0084', 'Referenced ROI Number')
const interpretedType = attribute('3006,00A4', 'RT ROI Interpreted Type')

const structureSetStorage = '1.2.840.10008.5.1.4.1.1.481.3'
/** Points of all contours; ten times those of the largest sets that are drawn. */
const mostPoints = 1 << 23
/** No coordinate lies further from the middle of a scanner, in mm. */
const furthestMm = 100_000

/** Reads the regions of a structure set, in the order of their numbers, with their closed contours. */
export async function readStructureSet(bytes: Uint8Array, name: string): Promise<Region[]> {
  const dataSet = await parseDataSet(bytes, name)
  if (readText(dataSet, sopClass) !== structureSetStorage)
    refuseAttribute(dataSet, sopClass)('is not RT Structure Set Storage', 'Give a structure set.')
  const drawn = byRegion(readItems(dataSet, regionContours))
  const observed = byRegion(readItems(dataSet, observations))
  let points = 0
  const found = readItems(dataSet, regions).map((item): Region => {
    const number = required(readDecimal(item, regionNumber), item, regionNumber)
    const observation = observed.get(number)
    return {
      number,
      name: readText(item, regionName) ?? '',
      type: (observation && readText(observation, interpretedType)) ?? '',
      contours: closedContours(drawn.get(number)),
    }
  })
  if (new Set(found.map(({ number }) => number)).size !== found.length)
    refuseAttribute(dataSet, regionNumber)('stands twice')
  return found.sort((a, b) => a.number - b.number)

  function closedContours(region: DicomDataSet | undefined): Float64Array[] {
    const seen = new Set<string>()
    return (region ? readItems(region, contours) : []).flatMap((item) => {
      if (!(readText(item, contourType) ?? '').startsWith('CLOSED')) return []
      const values = Float64Array.from(readDecimalList(item, contourData))
      const refuse = refuseAttribute(item, contourData)
      if (values.length % 3 !== 0) refuse(`has ${values.length} values, not three for each point`)
      if (values.some((mm) => Math.abs(mm) > furthestMm)) refuse('lies far outside of any scanner')
      points += values.length / 3
      if (points > mostPoints) refuse(`makes more than ${mostPoints} points`)
      // Less than three points enclose nothing; the same line twice would cut itself out.
      const line = values.length < 9 ? '' : String(values)
      if (line === '' || seen.has(line)) return []
      seen.add(line)
      return [values]
    })
  }
}

function byRegion(items: readonly DicomDataSet[]): ReadonlyMap<number, DicomDataSet> {
  return new Map(items.map((item) => [readDecimal(item, referencedRegion) ?? NaN, item]))
}
