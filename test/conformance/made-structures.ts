import type { Vector3 } from '../../src/ingest/volume/planes.js'
import type { Attributes, Value } from '../ingest/dicom/bytes.js'
import {
  decimals,
  dose,
  header,
  heights,
  images,
  organBox,
  plan,
  targetBox,
  uids,
  type Box,
  type MadeObject,
  type MadeSet,
} from './made-set.js'

/** The points of a contour, or its attributes where it is more than that. */
export type Contour = readonly Vector3[] | Attributes

export interface MadeRegion {
  readonly name: string
  readonly type: string
  readonly contours: readonly Contour[]
}

/** A rectangle in an axial plane, from its first corner anticlockwise. */
export function rectangle(
  [[x0, x1], [y0, y1]]: readonly [Box[0], Box[1], ...unknown[]],
  z: number,
) {
  const points: readonly Vector3[] = [
    [x0, y0, z],
    [x1, y0, z],
    [x1, y1, z],
    [x0, y1, z],
  ]
  return points
}

/** A box, drawn on the images that lie in it. */
export function drawnBox(box: Box, at: readonly number[] = heights): readonly Vector3[][] {
  const [from, to] = box[2]
  return at.filter((z) => z > from && z < to).map((z) => [...rectangle(box, z)])
}

export const target = (contours: readonly Contour[] = drawnBox(targetBox)): MadeRegion => ({
  name: 'PTV50',
  type: 'PTV',
  contours,
})
export const organ: MadeRegion = { name: 'Heart', type: 'ORGAN', contours: drawnBox(organBox) }

export interface StructuresOptions {
  regions?: readonly MadeRegion[]
  /** UIDs of the images that it says it was drawn on. (Default: all) */
  drawnOn?: readonly string[]
  set?: Attributes
}

const number = (i: number): Value => ['IS', String(i + 1)]

export function structures(options: StructuresOptions = {}): MadeObject {
  const { regions = [target(), organ], set = {} } = options
  const { drawnOn = heights.map((_, k) => uids.image(k)) } = options
  const list = drawnOn.map((image): Attributes => ({ '0008,1155': ['UI', image] }))
  const series: Attributes = { '0020,000e': ['UI', uids.series()], '3006,0016': ['SQ', list] }
  return {
    attributes: {
      ...header('481.3', uids.structures, 'RTSTRUCT'),
      '3006,0010': [
        'SQ',
        [
          {
            '0020,0052': ['UI', uids.frame],
            '3006,0012': ['SQ', [{ '3006,0014': ['SQ', [series]] }]],
          },
        ],
      ],
      '3006,0020': [
        'SQ',
        regions.map(({ name }, i): Attributes => ({
          '3006,0022': number(i),
          '3006,0026': ['LO', name],
        })),
      ],
      '3006,0039': ['SQ', regions.map(({ contours }, i) => contourItem(i, contours))],
      '3006,0080': [
        'SQ',
        regions.map(({ type }, i): Attributes => ({
          '3006,0084': number(i),
          '3006,00a4': ['CS', type],
        })),
      ],
      ...set,
    },
  }
}

/** An item of ROI Contour Sequence. */
export function contourItem(region: number, contours: readonly Contour[]): Attributes {
  return { '3006,0040': ['SQ', contours.map((one) => contour(one))], '3006,0084': number(region) }
}

/** One contour, of another type if need be. */
export function contour(points: Contour, type: string | null = 'CLOSED_PLANAR'): Attributes {
  if (!isPoints(points)) return points
  return {
    '3006,0042': type === null ? null : ['CS', type],
    '3006,0046': ['IS', String(points.length)],
    '3006,0050': ['DS', decimals(points.flat())],
  }
}

function isPoints(contour: Contour): contour is readonly Vector3[] {
  return Array.isArray(contour)
}

/** The whole set, with some of its files replaced, added, or (`null`) left out. */
export function madeSet(others: Readonly<Record<string, MadeObject | null>> = {}): MadeSet {
  const all: Record<string, MadeObject | null> = {
    ...images(),
    'structures.dcm': structures(),
    'plan.dcm': plan(),
    'dose.dcm': dose(),
    ...others,
  }
  const kept = Object.entries(all).flatMap(([name, object]) =>
    object === null ? [] : [[name, object] as const],
  )
  return Object.fromEntries(kept)
}

/** The set with structures drawn otherwise. */
export function withRegions(regions: readonly MadeRegion[]): MadeSet {
  return madeSet({ 'structures.dcm': structures({ regions }) })
}
