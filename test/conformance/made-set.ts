import { along, cross, type Vector3 } from '../../src/ingest/volume/planes.js'
import { dicomObject, syntax, type Attributes, type Writing } from '../ingest/dicom/bytes.js'
import { grayPixels } from '../ingest/dicom/pixel-attributes.js'

/**
 * A small set of DICOM RT whose right numbers are known: a cylinder of soft tissue with a block of bone on one
 * side, a dose that grows evenly with the place, and two boxes as structures. Every kind of set is made of it by one
 * change.
 */

export interface MadeObject {
  readonly attributes: Attributes
  readonly pixels?: readonly number[]
}

/** Objects by the names of their files. */
export type MadeSet = Readonly<Record<string, MadeObject>>

/** A box in mm: both ends along x, y and z. */
export type Box = readonly [x: Ends, y: Ends, z: Ends]
type Ends = readonly [number, number]

export const pixelMm = 5
export const sliceMm = 4
export const side = 36
/** Heights of the images of CT. */
export const heights = Array.from({ length: 12 }, (_, k) => (k - 5.5) * sliceMm)

export const targetBox: Box = [
  [-30, 30],
  [-25, 25],
  [-12, 12],
]
export const organBox: Box = [
  [40, 60],
  [-20, 20],
  [0, 16],
]
/** The block of bone: it tells whether images and dose lie as they should. */
export const boneBox: Box = [
  [40, 60],
  [-60, -40],
  [8, 24],
]

/** Dose in Gy at a place. */
export const gyAt = ([x, y, z]: Vector3): number => 50 + x / 10 + y / 8 + z / 4

/** Hounsfield units at a place. */
export function huAt([x, y, z]: Vector3): number {
  const isIn = ([from, to]: Ends, at: number) => at > from && at < to
  if (isIn(boneBox[0], x) && isIn(boneBox[1], y) && isIn(boneBox[2], z)) return 700
  return x * x + y * y < 80 ** 2 ? 40 : -1000
}

const uid = (number: string) => `1.2.826.5550321.${number}`
export const uids = {
  study: uid('1'),
  frame: uid('2'),
  structures: uid('4'),
  plan: uid('5'),
  dose: uid('6'),
  of: uid,
  series: (name = '1') => uid(`3.${name}`),
  image: (k: number, series = '1') => uid(`7.${series}.${k + 1}`),
}

export const decimals = (values: readonly number[]) =>
  values.map((value) => String(+value.toFixed(6))).join('\\')
function header(sopClass: string, instance: string, modality: string): Attributes {
  return {
    '0008,0016': ['UI', `1.2.840.10008.5.1.4.1.1.${sopClass}`],
    '0008,0018': ['UI', instance],
    '0008,0060': ['CS', modality],
    '0010,0010': ['PN', 'Conformance^Cora'],
    '0010,0020': ['LO', 'CONF-1'],
    '0020,000d': ['UI', uids.study],
    '0020,000e': ['UI', uid(`8.${modality}`.replace(/[A-Z]+/, (m) => String(m.length)))],
    '0020,0052': ['UI', uids.frame],
  }
}

export interface ImageOptions {
  z?: number
  series?: string
  /** Directions of rows and columns. (Default: axial, head first supine) */
  rows?: Vector3
  columns?: Vector3
  /** Corner of the image. (Default: that the middle of the image lies on the axis) */
  corner?: Vector3
  /** Stored value of HU at a pixel, numbered row by row. (Default: HU + 1024) */
  stored?: (hu: number, pixel: number) => number
  side?: readonly [rows: number, columns: number]
  spacing?: readonly [rowMm: number, columnMm: number]
  set?: Attributes
}

/** One image of CT. */
export function image(k: number, options: ImageOptions = {}): MadeObject {
  const { z = heights[k]!, series = '1', set = {} } = options
  const { rows: across = [1, 0, 0], columns: down = [0, 1, 0] } = options
  const { stored = (hu: number) => hu + 1024 } = options
  const [rows, columns] = options.side ?? [side, side]
  const [rowMm, columnMm] = options.spacing ?? [pixelMm, pixelMm]
  const middle = along([0, 0, z], (-(columns - 1) / 2) * columnMm, across)
  const corner = options.corner ?? along(middle, (-(rows - 1) / 2) * rowMm, down)
  const pixels = Array.from({ length: rows * columns }, (_, i) => {
    const right = along(corner, (i % columns) * columnMm, across)
    return stored(huAt(along(right, Math.floor(i / columns) * rowMm, down)), i)
  })
  return {
    pixels,
    attributes: {
      ...header('2', uids.image(k, series), 'CT'),
      ...grayPixels(rows, columns, 16, 0),
      '0008,0008': ['CS', 'ORIGINAL\\PRIMARY\\AXIAL'],
      '0020,000e': ['UI', uids.series(series)],
      '0020,0032': ['DS', decimals(corner)],
      '0020,0037': ['DS', decimals([...across, ...down])],
      '0028,0030': ['DS', decimals([rowMm, columnMm])],
      '0028,1052': ['DS', '-1024'],
      '0028,1053': ['DS', '1'],
      ...set,
    },
  }
}

/** The CT, by the names of its files. */
export function images(options: (k: number) => ImageOptions = () => ({}), at = heights): MadeSet {
  return Object.fromEntries(
    at.map((z, k) => [`CT${k}.dcm`, image(k, { z, ...options(k) })] as const),
  )
}

export interface DoseOptions {
  uid?: string
  plan?: string | null
  gy?: (place: Vector3) => number
  rows?: Vector3
  columns?: Vector3
  corner?: Vector3
  size?: readonly [frames: number, rows: number, columns: number]
  spacing?: readonly [frameMm: number, rowMm: number, columnMm: number]
  /** Where frames lie along the normal. (Default: evenly) */
  offsets?: readonly number[]
  scaling?: number
  set?: Attributes
}

/** A dose, by default on a grid that encloses the CT. */
export function dose(options: DoseOptions = {}): MadeObject {
  const { plan = uids.plan, gy = gyAt, set = {}, scaling = 1e-6 } = options
  const { rows: across = [1, 0, 0], columns: down = [0, 1, 0] } = options
  const { corner = [-120, -119, -40], size = [17, 35, 31], spacing = [5, 7, 8] } = options
  const [frames, rows, columns] = size
  const offsets = options.offsets ?? Array.from({ length: frames }, (_, k) => k * spacing[0])
  const normal = cross(across, down)
  const pixels = offsets.flatMap((offset) =>
    Array.from({ length: rows * columns }, (_, i) => {
      const right = along(along(corner, offset, normal), (i % columns) * spacing[2], across)
      const place = along(right, Math.floor(i / columns) * spacing[1], down)
      return Math.round(Math.max(0, gy(place)) / scaling)
    }),
  )
  return {
    pixels,
    attributes: {
      ...header('481.2', options.uid ?? uids.dose, 'RTDOSE'),
      ...grayPixels(rows, columns, 32, 0),
      '0020,0032': ['DS', decimals(corner)],
      '0020,0037': ['DS', decimals([...across, ...down])],
      '0028,0008': ['IS', String(offsets.length)],
      '0028,0030': ['DS', decimals([spacing[1], spacing[2]])],
      '3004,0002': ['CS', 'GY'],
      '3004,0004': ['CS', 'PHYSICAL'],
      '3004,000a': ['CS', 'PLAN'],
      '3004,000c': ['DS', decimals(offsets)],
      '3004,000e': ['DS', String(scaling)],
      '300c,0002': plan === null ? null : ['SQ', [{ '0008,1155': ['UI', plan] }]],
      ...set,
    },
  }
}

/** The plan of one beam. */
export function plan(set: Attributes = {}): MadeObject {
  return {
    attributes: {
      ...header('481.5', uids.plan, 'RTPLAN'),
      '300a,0010': ['SQ', [{ '300a,0020': ['CS', 'TARGET'], '300a,0026': ['DS', '50'] }]],
      '300a,0070': ['SQ', [{ '300a,0071': ['IS', '1'], '300a,0078': ['IS', '25'] }]],
      '300a,00b0': ['SQ', [beam(1)]],
      '300c,0060': ['SQ', [{ '0008,1155': ['UI', uids.structures] }]],
      ...set,
    },
  }
}

export function beam(number: number, set: Attributes = {}): Attributes {
  return {
    '300a,00b2': ['SH', 'M'],
    '300a,00c0': ['IS', String(number)],
    '300a,00c4': ['CS', 'STATIC'],
    '300a,00c6': ['CS', 'PHOTON'],
    '300a,00ce': ['CS', 'TREATMENT'],
    ...set,
  }
}

export interface WritingOptions {
  /** (Default: explicit little endian) */
  readonly transferSyntax?: string
  readonly writing?: Writing
}

/** Bytes of a set, by the names of the files. */
export function filesOf(
  set: MadeSet,
  { transferSyntax = syntax.explicit, writing = {} }: WritingOptions = {},
): Map<string, Uint8Array> {
  return new Map(
    Object.entries(set).map(([name, { attributes, pixels = null }]) => [
      name,
      dicomObject(attributes, { transferSyntax, pixels, writing }),
    ]),
  )
}

export { header }
