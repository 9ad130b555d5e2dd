import {
  attribute,
  readDecimal,
  readDecimalList,
  readText,
  readUnsigned,
} from '../dicom/elements/attribute.js'
import { parseDataSet } from '../dicom/elements/data-set.js'
import { pixelElement } from '../dicom/pixels/pixel-data.js'
import type { DicomSource } from '../dicom/plans/source.js'
import { readPlace } from '../files/file-place.js'

/** A dose whose rows and columns are parallel to the axes of the patient. */
export interface RoughGrid {
  /** x, y and z of columns, rows and frames in mm, ascending or descending. */
  readonly xs: readonly number[]
  readonly ys: readonly number[]
  readonly zs: readonly number[]
  /** In Gy; columns vary fastest, then rows, then frames. */
  readonly gy: Float64Array
}

const origin = attribute('0020,0032', 'Image Position (Patient)')
const directions = attribute('0020,0037', 'Image Orientation (Patient)')
const rowCount = attribute('0028,0010', 'Rows')
const columnCount = attribute('0028,0011', 'Columns')
const spacing = attribute('0028,0030', 'Pixel Spacing')
const bits = attribute('0028,0100', 'Bits Allocated')
const signs = attribute('0028,0103', 'Pixel Representation')
const units = attribute('3004,0002', 'Dose Units')
const offsetVector = attribute('3004,000C', 'Grid Frame Offset Vector')
const scaling = attribute('3004,000E', 'Dose Grid Scaling')
/** Implicit and explicit little-endian. */
const plain = ['1.2.840.10008.1.2', '1.2.840.10008.1.2.1']

/** The sum of the doses of a plan; `null` unless they are uncompressed grids in Gy with the same voxels. */
export async function roughDose({ doses }: DicomSource): Promise<RoughGrid | null> {
  let sum: RoughGrid | null = null
  for (const { place, motion } of doses) {
    const grid = motion === null ? await gridOf(await readPlace(place), place.name) : null
    if (grid === null) return null
    if (sum === null) sum = grid
    else if (![same(sum.xs, grid.xs), same(sum.ys, grid.ys), same(sum.zs, grid.zs)].every(Boolean))
      return null
    else grid.gy.forEach((value, i) => (sum!.gy[i]! += value))
  }
  return sum
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => Math.abs(value - b[i]!) < 1e-3)
}

async function gridOf(bytes: Uint8Array, name: string): Promise<RoughGrid | null> {
  const dataSet = await parseDataSet(bytes, name)
  const [x0 = 0, y0 = 0, z0 = 0] = readDecimalList(dataSet, origin)
  const [rowMm = 0, columnMm = 0] = readDecimalList(dataSet, spacing)
  const turned = readDecimalList(dataSet, directions)
  const [a = 0, , , , b = 0] = turned
  const isStraight = Math.abs(a) > 0.9999 && Math.abs(b) > 0.9999
  const [rows, columns] = [readUnsigned(dataSet, rowCount), readUnsigned(dataSet, columnCount)]
  const [size, factor] = [readUnsigned(dataSet, bits), readDecimal(dataSet, scaling)]
  const offsets = readDecimalList(dataSet, offsetVector)
  const isPlain =
    isStraight &&
    plain.includes(dataSet.transferSyntax) &&
    readUnsigned(dataSet, signs) === 0 &&
    readText(dataSet, units) === 'GY' &&
    (size === 16 || size === 32) &&
    offsets.length > 1
  if (!isPlain || rows === null || columns === null || factor === null) return null
  const { dataOffset } = pixelElement(dataSet)
  const view = new DataView(dataSet.content.buffer, dataSet.content.byteOffset + dataOffset)
  const gy = Float64Array.from({ length: rows * columns * offsets.length }, (_, i) =>
    size === 16 ? factor * view.getUint16(2 * i, true) : factor * view.getUint32(4 * i, true),
  )
  const normal = Math.sign(a) * Math.sign(b)
  // Offsets that do not begin with 0 are heights in the patient.
  const zs = offsets.map((offset) => (offsets[0] === 0 ? z0 + normal * offset : offset))
  const xs = Array.from({ length: columns }, (_, i) => x0 + Math.sign(a) * i * columnMm)
  const ys = Array.from({ length: rows }, (_, i) => y0 + Math.sign(b) * i * rowMm)
  return { xs, ys, zs, gy }
}

/** Doses at a place: of the nearest voxel, and interpolated; `null` outside the grid. */
export function doseAt(
  { xs, ys, zs, gy }: RoughGrid,
  x: number,
  y: number,
  z: number,
): readonly [nearest: number, linear: number] | null {
  const [i, j, k] = [partOf(xs, x), partOf(ys, y), partOf(zs, z)]
  if (i === null || j === null || k === null) return null
  const at = (column: number, row: number, frame: number) =>
    gy[(frame * ys.length + row) * xs.length + column]!
  const ends = (part: number, count: number) => {
    const low = Math.min(Math.max(Math.floor(part), 0), count - 1)
    const high = Math.min(low + 1, count - 1)
    return [low, high, Math.min(Math.max(part - low, 0), 1)] as const
  }
  const [[i0, i1, fi], [j0, j1, fj]] = [ends(i, xs.length), ends(j, ys.length)]
  const [k0, k1, fk] = ends(k, zs.length)
  const between = (a: number, b: number, part: number) => a + (b - a) * part
  const inFrame = (frame: number) =>
    between(
      between(at(i0, j0, frame), at(i1, j0, frame), fi),
      between(at(i0, j1, frame), at(i1, j1, frame), fi),
      fj,
    )
  const nearest = at(fi < 0.5 ? i0 : i1, fj < 0.5 ? j0 : j1, fk < 0.5 ? k0 : k1)
  return [nearest, between(inFrame(k0), inFrame(k1), fk)]
}

/** Fractional index of a place, extended by half a voxel at both ends. */
function partOf(places: readonly number[], at: number): number | null {
  const last = places.length - 1
  const sign = places[last]! > places[0]! ? 1 : -1
  const first = sign * (at - places[0]!)
  if (first < 0) {
    const part = first / (sign * (places[1]! - places[0]!))
    return part < -0.501 ? null : part
  }
  for (let i = 0; i < last; i++) {
    const [from, to] = [sign * places[i]!, sign * places[i + 1]!]
    if (sign * at <= to) return i + (sign * at - from) / (to - from)
  }
  const part = (sign * (at - places[last]!)) / (sign * (places[last]! - places[last - 1]!))
  return part > 0.501 ? null : last + part
}
