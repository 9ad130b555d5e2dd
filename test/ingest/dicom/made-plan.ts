import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { along, cross, dot, type Vector3 } from '../../../src/ingest/volume/planes.js'
import { dicomObject, syntax, type Attributes, type Value, type Writing } from './bytes.js'
import { grayPixels } from './pixel-attributes.js'

/**
 * A small plan of DICOM RT that is known everywhere: a cylinder along the patient in which Hounsfield units and dose
 * are linear in space, so that any linear interpolation is exact.
 */

const radiusMm = 90

/** Hounsfield units at a point in the patient. */
export function huAt([x, y, z]: Vector3): number {
  return x * x + y * y < radiusMm ** 2 ? Math.round(100 + x + y / 2 + z) : -1000
}

/** Dose in Gy at a point in the patient. */
export function gyAt([x, y, z]: Vector3): number {
  return 60 + x / 16 + y / 16 + z / 16
}

/** Values that must never be read out of the files. */
export const secrets = {
  name: 'Harkness^Wilhelmina',
  id: 'MRN-5550123',
  birth: '19470312',
  accession: 'ACC-778899',
  institution: 'Saint Elsewhere Hospital',
  physician: 'Quackenbush^Thaddeus',
  remark: 'niece of the mayor',
  roi: 'Wilhelmina left eye lump',
  machine: 'ELSEWHERE-LINAC-3',
}

export interface MadePlanOptions {
  transferSyntax?: string
  /** Variations of the encoding of the files. */
  writing?: Writing
  /** Directions of the rows and columns of the CT. (Default: axial) */
  orientation?: readonly [Vector3, Vector3]
  /** Depths of the images along their normal in mm. (Default: -9, -6, … 9) */
  depths?: readonly number[]
  /** Shift of the origin along the rows per mm of depth, as of a tilted gantry. (Default: 0) */
  shear?: number
  /** Changes to the objects. */
  ct?: Attributes
  structures?: Attributes
  plan?: Attributes
  dose?: Attributes
  /** Offsets of the planes of the dose, from the feet to the head. (Default: from -15 to 15 in steps of 5) */
  doseHeights?: readonly number[]
  /** How the offsets are written. (Default: relative) */
  offsets?: 'relative' | 'heights'
  doseBits?: 16 | 32
  /** Regions by name, each with type and contours. (Default: a target, a cord and an unnamed region) */
  regions?: Readonly<Record<string, { type?: string; contours: readonly Contour[] }>>
}

/** Points of one contour in mm. */
export type Contour = readonly Vector3[]

const uid = (number: string) => `1.2.826.5550123.${number}`
export const uids = {
  study: uid('1'),
  series: uid('2'),
  frame: uid('3'),
  structures: uid('4'),
  plan: uid('5'),
  dose: uid('6'),
  image: (k: number) => uid(`7.${k}`),
}
const pixelMm = 8
const side = 32
const decimals = (values: readonly number[]) => values.map((v) => String(+v.toFixed(6))).join('\\')
/** Attributes of the patient in all objects of the plan. */
export function header(sopClass: string, instance: string, modality: string): Attributes {
  return {
    '0008,0016': ['UI', `1.2.840.10008.5.1.4.1.1.${sopClass}`],
    '0008,0018': ['UI', instance],
    '0008,0050': ['SH', secrets.accession],
    '0008,0060': ['CS', modality],
    '0008,0080': ['LO', secrets.institution],
    '0008,0090': ['PN', secrets.physician],
    '0010,0010': ['PN', secrets.name],
    '0010,0020': ['LO', secrets.id],
    '0010,0030': ['DA', secrets.birth],
    '0010,4000': ['LT', secrets.remark],
    '0011,0010': ['LO', 'Private maker'],
    '0011,1001': ['LO', secrets.remark],
    '0020,000d': ['UI', uids.study],
    '0020,000e': ['UI', modality === 'CT' ? uids.series : uid(`8.${modality.length}`)],
    '0020,0052': ['UI', uids.frame],
  }
}

/** The files of a plan by name. */
export function madeDicomPlan(options: MadePlanOptions = {}): Map<string, Uint8Array> {
  const { transferSyntax = syntax.explicit, depths = [-9, -6, -3, 0, 3, 6, 9] } = options
  const files = new Map<string, Uint8Array>()
  // Names and instance numbers do not reveal the order.
  depths.forEach((depth, k) => {
    const name = `image ${(k * 5) % depths.length}.dcm`
    files.set(name, ctImage(k, depth, options, transferSyntax))
  })
  files.set('structures.dcm', structureSet(options, transferSyntax, depths.length))
  files.set('plan.dcm', rtPlan(options, transferSyntax))
  files.set('dose.dcm', rtDose(options, transferSyntax))
  return files
}

/** Writes files into a folder. */
export async function writeFiles(
  folder: string,
  files: Iterable<readonly [string, Uint8Array]>,
): Promise<void> {
  for (const [name, bytes] of files) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), bytes)
  }
}

function ctImage(k: number, depth: number, options: MadePlanOptions, transferSyntax: string) {
  const {
    orientation = [
      [1, 0, 0],
      [0, 1, 0],
    ],
    shear = 0,
    ct = {},
    writing = {},
  } = options
  const [across, down] = orientation
  const normal = cross(across, down)
  const middle = (-(side - 1) / 2) * pixelMm
  const corner = along(along([0, 0, 0], middle + shear * depth, across), middle, down)
  const origin = along(corner, depth, normal)
  const stored = Array.from({ length: side * side }, (_, i) => {
    const right = along(origin, (i % side) * pixelMm, across)
    return huAt(along(right, Math.floor(i / side) * pixelMm, down)) + 1024
  })
  return dicomObject(
    {
      ...header('2', uids.image(k), 'CT'),
      ...grayPixels(side, side, 16, 0),
      '0020,0013': ['IS', String((k * 3) % 7)],
      '0020,0032': ['DS', decimals(origin)],
      '0020,0037': ['DS', decimals([...across, ...down])],
      '0028,0030': ['DS', `${pixelMm}\\${pixelMm}`],
      '0028,1052': ['DS', '-1024'],
      '0028,1053': ['DS', '1'],
      ...ct,
    },
    { transferSyntax, pixels: stored, writing },
  )
}

/** A rectangle between two corners in an axial plane. */
export function rectangle(x: [number, number], y: [number, number], z: number): Contour {
  return [
    [x[0], y[0], z],
    [x[1], y[0], z],
    [x[1], y[1], z],
    [x[0], y[1], z],
  ]
}

const target = [-6, -3, 0, 3].flatMap((z) => [
  rectangle([-40, 40], [-40, 40], z),
  rectangle([-8, 8], [-8, 8], z),
])
const cord = [-9, -6, -3, 0, 3, 6, 9].map((z) => rectangle([-8, 8], [40, 56], z))

function structureSet(options: MadePlanOptions, transferSyntax: string, images: number) {
  const { structures = {}, writing = {} } = options
  const all = Object.entries<{ type?: string; contours: readonly Contour[] }>(
    options.regions ?? {
      'PTV 60 Gy': { type: 'PTV', contours: target },
      Spinal_Cord: { type: 'ORGAN', contours: cord },
      [secrets.roi]: { type: 'ORGAN', contours: [rectangle([-8, 8], [-56, -40], 0)] },
      Couch: { type: 'SUPPORT', contours: cord },
    },
  )
  const number = (i: number): Value => ['IS', String(i + 1)]
  return dicomObject(
    {
      ...header('481.3', uids.structures, 'RTSTRUCT'),
      '3006,0002': ['SH', 'Elsewhere'],
      '3006,0010': ['SQ', [referencedFrame(images)]],
      '3006,0020': [
        'SQ',
        all.map(([name], i): Attributes => ({ '3006,0022': number(i), '3006,0026': ['LO', name] })),
      ],
      '3006,0039': [
        'SQ',
        all.map(([, { contours }], i): Attributes => ({
          '3006,0040': [
            'SQ',
            contours.map((points): Attributes => ({
              '3006,0042': ['CS', points.length === 1 ? 'POINT' : 'CLOSED_PLANAR'],
              '3006,0046': ['IS', String(points.length)],
              '3006,0050': ['DS', decimals(points.flat())],
            })),
          ],
          '3006,0084': number(i),
        })),
      ],
      '3006,0080': [
        'SQ',
        all.map(([, { type = '' }], i): Attributes => ({
          '3006,0084': number(i),
          '3006,00a4': ['CS', type],
        })),
      ],
      ...structures,
    },
    { transferSyntax, writing },
  )
}

function referencedFrame(images: number): Attributes {
  const list = Array.from({ length: images }, (_, k): Attributes => ({
    '0008,1150': ['UI', '1.2.840.10008.5.1.4.1.1.2'],
    '0008,1155': ['UI', uids.image(k)],
  }))
  const series: Attributes = { '0020,000e': ['UI', uids.series], '3006,0016': ['SQ', list] }
  return {
    '0020,0052': ['UI', uids.frame],
    '3006,0012': ['SQ', [{ '0008,1155': ['UI', uids.study], '3006,0014': ['SQ', [series]] }]],
  }
}

function rtPlan({ plan = {}, writing = {} }: MadePlanOptions, transferSyntax: string) {
  return dicomObject(
    {
      ...header('481.5', uids.plan, 'RTPLAN'),
      '300a,0002': ['SH', 'Harkness boost'],
      '300a,0010': ['SQ', [{ '300a,0020': ['CS', 'TARGET'], '300a,0026': ['DS', '60'] }]],
      '300a,0070': ['SQ', [{ '300a,0078': ['IS', '30'] }]],
      '300a,00b0': [
        'SQ',
        [
          {
            '300a,00b2': ['SH', secrets.machine],
            '300a,00c4': ['CS', 'DYNAMIC'],
            '300a,00c6': ['CS', 'PHOTON'],
            '300a,0111': ['SQ', [{ '300a,011f': ['CS', 'CW'] }]],
          },
        ],
      ],
      '300c,0060': ['SQ', [{ '0008,1155': ['UI', uids.structures] }]],
      ...plan,
    },
    { transferSyntax, writing },
  )
}

/** A separate dose grid that is wider than the CT by half. */
export function rtDose(options: MadePlanOptions, transferSyntax: string = syntax.explicit) {
  const { doseHeights = [-15, -10, -5, 0, 5, 10, 15], offsets = 'relative', dose = {} } = options
  const { doseBits = 32, writing = {} } = options
  const [rows, columns, mm] = [60, 50, 7]
  const [left, front] = [-(columns - 1) * 3.5, -(rows - 1) * 3.5]
  const scaling = doseBits === 32 ? 1e-6 : 2e-3
  const stored = doseHeights.flatMap((z) =>
    Array.from({ length: rows * columns }, (_, i) => {
      const place: Vector3 = [left + (i % columns) * mm, front + Math.floor(i / columns) * mm, z]
      return Math.round(gyAt(place) / scaling)
    }),
  )
  const [first = 0] = doseHeights
  return dicomObject(
    {
      ...header('481.2', uids.dose, 'RTDOSE'),
      ...grayPixels(rows, columns, doseBits, 0),
      '0020,0032': ['DS', decimals([left, front, first])],
      '0020,0037': ['DS', '1\\0\\0\\0\\1\\0'],
      '0028,0008': ['IS', String(doseHeights.length)],
      '0028,0030': ['DS', `${mm}\\${mm}`],
      '3004,0002': ['CS', 'GY'],
      '3004,0004': ['CS', 'PHYSICAL'],
      '3004,000a': ['CS', 'PLAN'],
      '3004,000c': [
        'DS',
        decimals(doseHeights.map((z) => (offsets === 'relative' ? z - first : z))),
      ],
      '3004,000e': ['DS', String(scaling)],
      '300c,0002': ['SQ', [{ '0008,1155': ['UI', uids.plan] }]],
      ...dose,
    },
    { transferSyntax, pixels: stored, writing },
  )
}

/** Distance of a point from the axis of the cylinder in mm. */
export function fromAxis(place: Vector3): number {
  return Math.sqrt(dot(place, [place[0], place[1], 0]))
}
