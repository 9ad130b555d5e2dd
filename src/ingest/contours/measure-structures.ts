import type { DrawnStructure, Structure } from '../../core/plan.js'
import { refusal } from '../dicom/elements/refusal.js'
import {
  leastDosed,
  measureRegion,
  type MeasuredRegion,
  type RegionScene,
} from './region-measure.js'
import type { NamedRegion } from './structure-names.js'

/** A structure with its cross-section on each slice of the CT. */
export type MeasuredStructure = Omit<Structure, 'areasCm2' | 'masks'> &
  Pick<MeasuredRegion, 'areasCm2' | 'masks'>

/** The structures of a plan, with remarks. */
export interface MeasuredStructures {
  /** Sorted by name. */
  readonly structures: readonly MeasuredStructure[]
  /** Parts that were cut off or left open, and figures that could not be computed. */
  readonly remarks: readonly string[]
  /** In the same order. */
  readonly drawn: readonly DrawnStructure[]
}

/** Cut-off volumes in cc that are ignored. */
const noVolume = 0.001

/** Measures all regions of a structure set. */
export function measureStructures(
  regions: readonly NamedRegion[],
  scene: RegionScene,
  file: string,
): MeasuredStructures {
  const remarks: string[] = []
  const drawn: DrawnStructure[] = []
  const structures = regions.map((region): MeasuredStructure => {
    const found = measureRegion(region, scene)
    if (found === null)
      return refusal(file, '(3006,0050) Contour Data')(
        `of region ${region.number} does not lie in the planes of the CT`,
        'Export the structures as they were drawn on this CT.',
      )
    const { name, role } = region
    remarks.push(...remarksOn(name, found))
    const { volumeCc, dose, areasCm2, masks, dosedShare } = found
    const { planes = 0, spacingMm = null } = found.drawn ?? {}
    drawn.push({ name, planes, spacingMm, volumeCc, dosedShare })
    const { meanGy = null, maxGy = null, dvh = null } = dose ?? {}
    return { name, role, volumeCc, meanGy, maxGy, dvh, dosedShare, areasCm2, masks }
  })
  const order = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
  return { structures: structures.sort(order), remarks, drawn: drawn.sort(order) }
}

function remarksOn(name: string, { volumeCc, dosedShare, drawn }: MeasuredRegion): string[] {
  const remarks: string[] = []
  if (volumeCc === null) remarks.push(`${name} has points or open lines alone: it has no volume`)
  if (volumeCc === 0 && drawn !== null && drawn.beyondCc <= noVolume)
    remarks.push(`the contours of ${name} enclose nothing`)
  if (drawn !== null && drawn.beyondCc > noVolume)
    remarks.push(`${drawn.beyondCc.toFixed(2)} cc of ${name} lie beyond the CT and are not counted`)
  if (drawn !== null && drawn.leftOpenMm > 0)
    remarks.push(
      `${name} is not drawn over ${drawn.leftOpenMm.toFixed(1)} mm between two of its planes; nothing is filled in there`,
    )
  if (dosedShare !== null && dosedShare < leastDosed)
    remarks.push(
      `the dose covers ${percent(dosedShare)} of ${name}, less than ${percent(leastDosed)}: it has no figures of dose`,
    )
  return remarks
}

function percent(share: number): string {
  // Rounded down, so that incomplete coverage is never shown as complete.
  return `${(Math.floor(share * 1000 + 1e-6) / 10).toFixed(1)} %`
}
