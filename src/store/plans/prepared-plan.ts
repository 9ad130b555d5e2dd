import type { Plan, Slice, Structure } from '../../core/plan.js'
import { previewPng } from '../../ingest/volume/preview.js'
import { packImage, type PackedImage, type StoredChannels } from './images.js'
import { deflateMasks } from './masks.js'

/** A plan that is ready to be stored: only its keys are missing. */
export interface PreparedPlan extends Omit<Plan, 'slices' | 'structures'> {
  /** Fingerprint of its files, which shows whether they have changed; null if there is none. */
  readonly fingerprint: string | null
  readonly slices: readonly PreparedSlice[]
  readonly structures: readonly PreparedStructure[]
}

export interface PreparedStructure extends Omit<Structure, 'masks'> {
  /** Compressed masks, one for each slice; `null` if the structure was not drawn on slices. */
  readonly masks: readonly (Uint8Array | null)[] | null
}

export interface PreparedSlice extends Pick<Slice, 'index' | 'positionMm'> {
  /** PNG. */
  readonly preview: Uint8Array
  readonly image: PackedImage
  /** Mean over the pixels with a dose above 0; `null`, like `doseMaxGy`, for a slice without dose. */
  readonly doseMeanGy: number | null
  readonly doseMaxGy: number | null
}

/** Draws the previews and compresses the images of a plan, which takes longer than writing them. */
export function preparePlan(plan: Plan, fingerprint: string | null = null): PreparedPlan {
  const structures = plan.structures.map(({ masks, ...structure }) => ({
    ...structure,
    masks: masks === undefined ? null : deflateMasks(masks),
  }))
  return { ...plan, fingerprint, slices: plan.slices.map(prepareSlice), structures }
}

function prepareSlice(slice: Slice): PreparedSlice {
  const { index, positionMm, dose } = slice
  const prepared = { index, positionMm, preview: previewPng(slice), image: packImage(slice) }
  if (dose === null) return { ...prepared, doseMeanGy: null, doseMaxGy: null }
  let [dosed, sum, most] = [0, 0, 0]
  for (const gy of dose) {
    if (gy <= 0) continue
    dosed++
    sum += gy
    most = Math.max(most, gy)
  }
  return { ...prepared, doseMeanGy: dosed > 0 ? sum / dosed : 0, doseMaxGy: most }
}

/** Whether a target of a plan was drawn on its slices. */
export function hasTarget({ structures }: PreparedPlan): boolean {
  return structures.some(({ role, masks }) => role === 'target' && masks !== null)
}

/** The images of the slices of a plan, each with the structures that cut it. */
export function withStructures(plan: PreparedPlan): StoredChannels[] {
  const { slices, structures, voxelMm, prescriptionGy } = plan
  return slices.map(({ image }, i) => ({
    ...image,
    structures: {
      pixels: image.rows * image.columns,
      pixelMm: [voxelMm[0], voxelMm[1]],
      prescriptionGy,
      masks: structures.flatMap(({ name, role, masks }) => {
        const mask = masks?.[i]
        return mask ? [{ name, role, mask }] : []
      }),
    },
  }))
}
