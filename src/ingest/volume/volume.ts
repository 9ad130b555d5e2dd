import { LshError } from '../../core/errors.js'
import { setPixel } from '../../core/pixel-mask.js'
import type { Plan, Slice, Structure } from '../../core/plan.js'
import { showsBody } from './body.js'
import { checkValues } from './check-values.js'
import { doseStatistics } from './dvh.js'
import { roleOf, targetGy } from './structures.js'

/** Voxels along each of the three axes of a volume. */
export const side = 128
export const voxelCount = side ** 3
/** Hounsfield units outside the patient. */
export const airHu = -1024
export const maxHu = 3071

/**
 * The rasters of a plan before it is cut into slices. Voxel (row i, column j, slice k) is at index `i * 16384 + j * 128
 * + k`: rows from anterior to posterior, columns from right to left of the patient, slices from head to feet.
 */
export interface PlanVolume {
  readonly voxelMm: readonly [number, number, number]
  /** Hounsfield units. */
  readonly ct: Int16Array
  /** In Gy; `null` for a patient without dose. */
  readonly dose: Float32Array | null
  /** Mask of the voxels that may have dose: 1 inside; `null` if the source has none. */
  readonly doseMask: Uint8Array | null
  /** By name of the structure: 1 inside. */
  readonly masks: ReadonlyMap<string, Uint8Array>
}

/** Identity of the plan of a volume. */
export type PlanIdentity = Pick<Plan, 'sourceKey' | 'patient' | 'split' | 'checksum' | 'site'>

/** A volume of air without dose or structures. */
export function emptyVolume(voxelMm: PlanVolume['voxelMm']) {
  return {
    voxelMm,
    ct: new Int16Array(voxelCount).fill(airHu),
    dose: new Float32Array(voxelCount),
    doseMask: new Uint8Array(voxelCount),
    masks: new Map<string, Uint8Array>(),
  }
}

/**
 * Cuts a volume into the slices that show a body, and measures its structures.
 *
 * @throws LshError `bad_input` for invalid doses and masks, and for a plan without body or target
 */
export function planFromVolume(volume: PlanVolume, identity: PlanIdentity): Plan {
  const { sourceKey, patient, split, checksum, site } = identity
  const [rowMm, columnMm, sliceMm] = volume.voxelMm
  checkValues(volume, sourceKey)
  const slices = bodySlices(volume)
  const structures = [...volume.masks]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, mask]): Structure => {
      const { counts, masks } = bySlice(mask)
      const voxels = counts.reduce((sum, count) => sum + count, 0)
      const volumeCc = (voxels * rowMm * columnMm * sliceMm) / 1000
      const areas = counts.map((count) => (count * rowMm * columnMm) / 100)
      const areasCm2 = Float32Array.from(slices, ({ index }) => areas[index] as number)
      return {
        name,
        role: roleOf(name),
        volumeCc,
        ...doseIn(volume, mask),
        areasCm2,
        masks: slices.map(({ index }) => masks[index] ?? null),
      }
    })
  const prescriptionGy = Math.max(0, ...structures.map(({ name }) => targetGy[name] ?? 0)) || null
  if (prescriptionGy === null && volume.dose !== null)
    throw new LshError('bad_input', `${sourceKey} has no target structure`, {
      hint: `Add ${Object.keys(targetGy).join(', ')} to the plan, one of them at least, or leave the plan out.`,
    })
  if (slices.length === 0)
    throw new LshError('bad_input', `${sourceKey} shows no body in any slice`, {
      hint: 'Check that the CT is whole, and in the units of its format: Hounsfield units, for OpenKBP plus 1024.',
    })
  const { voxelMm } = volume
  return { sourceKey, patient, split, checksum, site, prescriptionGy, voxelMm, slices, structures }
}

/** Dose of a structure: either every voxel has a dose, or none. */
function doseIn(
  { dose }: PlanVolume,
  mask: Uint8Array,
): Pick<Structure, 'meanGy' | 'maxGy' | 'dvh' | 'dosedShare'> {
  if (dose === null) return { meanGy: null, maxGy: null, dvh: null, dosedShare: null }
  const { meanGy, maxGy, dvh } = doseStatistics(dose, mask)
  return { meanGy, maxGy, dvh, dosedShare: 1 }
}

/** Number and mask of the voxels of a structure on each slice of the volume. */
function bySlice(mask: Uint8Array) {
  const counts = new Float64Array(side)
  const masks: (Uint8Array | undefined)[] = []
  for (let v = mask.indexOf(1); v >= 0; v = mask.indexOf(1, v + 1)) {
    const k = v & (side - 1)
    counts[k]!++
    setPixel((masks[k] ??= new Uint8Array((side * side) / 8)), Math.floor(v / side))
  }
  return { counts, masks }
}

/** The slices of a volume that show a body. */
export function bodySlices(volume: Omit<PlanVolume, 'doseMask' | 'masks'>): Slice[] {
  return Array.from({ length: side }, (_, k) => sliceOf(volume, k)).filter((slice) =>
    showsBody(slice, volume.voxelMm),
  )
}

function sliceOf(volume: Omit<PlanVolume, 'doseMask' | 'masks'>, k: number): Slice {
  const ct = new Int16Array(side * side)
  const dose = volume.dose === null ? null : new Float32Array(side * side)
  for (let pixel = 0, v = k; pixel < ct.length; pixel++, v += side) {
    ct[pixel] = volume.ct[v] as number
    if (dose !== null) dose[pixel] = (volume.dose as Float32Array)[v] as number
  }
  return { index: k, positionMm: k * volume.voxelMm[2], rows: side, columns: side, ct, dose }
}
