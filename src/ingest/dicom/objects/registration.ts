import {
  attribute,
  readDecimals,
  readItems,
  readText,
  refuseAttribute,
} from '../elements/attribute.js'
import type { DicomDataSet } from '../elements/data-set.js'
import { along, dot, normalOf, type Raster, type Stack, type Vector3 } from '../../volume/planes.js'

/** A rigid motion: maps a point `p` to `rotation * p + shift`. The rotation is stored by rows, in mm. */
export interface Motion {
  readonly rotation: readonly [Vector3, Vector3, Vector3]
  readonly shift: Vector3
}

/** Frames of reference with motions to a common one. */
export interface Registration {
  /** Motion from each frame, by its UID, to the common one. */
  readonly motions: ReadonlyMap<string, Motion>
}

const frame = attribute('0020,0052', 'Frame of Reference UID')
const registrations = attribute('0070,0308', 'Registration Sequence')
const matrixRegistrations = attribute('0070,0309', 'Matrix Registration Sequence')
const matrices = attribute('0070,030A', 'Matrix Sequence')
const matrixType = attribute('0070,030C', 'Frame of Reference Transformation Matrix Type')
const matrix = attribute('3006,00C6', 'Frame of Reference Transformation Matrix')

/** Tolerance of the lengths and angles of a rotation's rows. */
const skewed = 1e-3
/**
 * Motions are the same if they differ by at most about this for any point of a patient, in mm; and the extent of a
 * patient.
 */
const [sameMm, patientMm] = [0.1, 1000]
const still: Motion = {
  rotation: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  shift: [0, 0, 0],
}

/**
 * Reads a Spatial Registration object (PS3.3 C.20.2). Motions with scaling or deformation are left out: they would
 * change the calculated dose.
 */
export function readRegistration(dataSet: DicomDataSet): Registration {
  const motions = new Map<string, Motion>()
  const common = readText(dataSet, frame)
  if (common !== null) motions.set(common, still)
  for (const item of readItems(dataSet, registrations)) {
    const from = readText(item, frame)
    const steps = readItems(item, matrixRegistrations).flatMap((one) => readItems(one, matrices))
    if (from === null || steps.length === 0) continue
    const read = steps.map(readMotion)
    if (read.some((motion) => motion === null)) motions.delete(from)
    // The first of several is applied first.
    else
      motions.set(
        from,
        read.reduce<Motion>((all, one) => after(one as Motion, all), still),
      )
  }
  return { motions }
}

/** The motion from one frame of reference to another; `null` if a registration lacks one of them. */
export function motionBetween({ motions }: Registration, from: string, to: string): Motion | null {
  const [start, end] = [motions.get(from), motions.get(to)]
  return start === undefined || end === undefined ? null : after(inverse(end), start)
}

/** Whether two motions agree within a patient, up to rounding. */
export function isSameMotion(a: Motion, b: Motion): boolean {
  return a.rotation.every(
    (row, i) =>
      Math.abs(a.shift[i]! - b.shift[i]!) < sameMm &&
      row.every((cosine, j) => Math.abs(cosine - b.rotation[i]![j]!) < sameMm / patientMm),
  )
}

/** Moves a stack. */
export function moved({ raster, images, depths }: Stack, motion: Motion): Stack {
  const { rotation, shift } = motion
  const turned: Raster = {
    ...raster,
    across: times(rotation, raster.across),
    down: times(rotation, raster.down),
  }
  const deeper = dot(shift, normalOf(turned))
  return {
    raster: turned,
    images: images.map(({ origin, values }) => ({
      origin: along(times(rotation, origin), 1, shift),
      values,
    })),
    depths: depths.map((depth) => depth + deeper),
  }
}

function readMotion(item: DicomDataSet): Motion | null {
  const values = readDecimals(item, matrix, 16)
  if (values === null) return refuseAttribute(item, matrix)('is missing')
  if ((readText(item, matrixType) ?? 'RIGID') !== 'RIGID') return null
  const row = (i: number): Vector3 => [values[4 * i]!, values[4 * i + 1]!, values[4 * i + 2]!]
  const rotation = [row(0), row(1), row(2)] as const
  const isRigid = rotation.every((a, i) =>
    rotation.every((b, j) => Math.abs(dot(a, b) - (i === j ? 1 : 0)) < skewed),
  )
  return isRigid ? { rotation, shift: [values[3]!, values[7]!, values[11]!] } : null
}

/** Composition of two motions: `first`, then `second`. */
function after(second: Motion, first: Motion): Motion {
  const columns = transposed(first.rotation)
  const rotation = second.rotation.map((row) => columns.map((column) => dot(row, column)))
  return {
    rotation: rotation as unknown as Motion['rotation'],
    shift: along(times(second.rotation, first.shift), 1, second.shift),
  }
}

function inverse({ rotation, shift }: Motion): Motion {
  const back = transposed(rotation)
  const [x, y, z] = times(back, shift)
  return { rotation: back, shift: [-x, -y, -z] }
}

function transposed([a, b, c]: Motion['rotation']): Motion['rotation'] {
  return [
    [a[0], b[0], c[0]],
    [a[1], b[1], c[1]],
    [a[2], b[2], c[2]],
  ]
}

function times([a, b, c]: Motion['rotation'], place: Vector3): Vector3 {
  return [dot(a, place), dot(b, place), dot(c, place)]
}
