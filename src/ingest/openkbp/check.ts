import { LshError } from '../../core/errors.js'
import type { SparseSummary } from '../files/sparse-csv.js'

/** Most voxels that may lie behind the last voxel of a CT; of the published plans one has 4. */
const tailVoxels = 16

/** A file by the voxels that it lists and by how it ends. */
export interface ListedFile {
  readonly listed: Uint8Array
  readonly summary: SparseSummary
}

/** Which voxels the files of a plan list, and how the files end. */
export interface ListedVoxels {
  readonly sourceKey: string
  readonly ct: SparseSummary
  /** `null` of a plan without dose. */
  readonly dose: ListedFile | null
  /** Where there may be dose, `null` where a plan without dose does not say. */
  readonly mask: ListedFile | null
  readonly masks: ReadonlyMap<string, Uint8Array>
}

/**
 * Finds files that were cut at the end of a line, where each file by itself still looks whole. Dose
 * and possible_dose_mask list the same voxels, so that a cut in one of them always shows. Voxels
 * are listed from anterior to posterior: a cut CT ends before the delineated body does. What cannot
 * be seen is a CT that lost only what lies behind that (a couch), and a structure that lost its
 * last voxels.
 */
export function checkWhole(listed: ListedVoxels): void {
  const { sourceKey, dose, mask } = listed
  if (dose !== null && mask !== null) checkDose(sourceKey, dose, mask)
  const masks = new Map(listed.masks)
  if (mask !== null) masks.set('possible_dose_mask', mask.listed)
  for (const [name, voxels] of masks) {
    const behind = countFrom(voxels, listed.ct.last + 1)
    if (behind > tailVoxels)
      refuse(
        `${sourceKey}/ct.csv line ${listed.ct.lines}: file ends at voxel ${listed.ct.last}, ${behind} voxels of ${name}.csv lie behind it`,
      )
  }
}

function checkDose(sourceKey: string, dose: ListedFile, mask: ListedFile): void {
  const undosed = firstOnlyIn(mask.listed, dose.listed)
  if (undosed >= 0)
    refuse(
      `${sourceKey}/dose.csv line ${dose.summary.lines}: file ends without voxel ${undosed}, which possible_dose_mask.csv lists`,
    )
  const unmasked = firstOnlyIn(dose.listed, mask.listed)
  if (unmasked >= 0)
    refuse(
      `${sourceKey}/possible_dose_mask.csv line ${mask.summary.lines}: file ends without voxel ${unmasked}, which dose.csv lists`,
    )
}

function refuse(problem: string): never {
  throw new LshError('bad_input', problem, {
    hint: 'A file of this plan seems cut off. Copy the folder again from the original data set.',
  })
}

/** The first voxel of one list that is not in the other, or -1. */
function firstOnlyIn(one: Uint8Array, other: Uint8Array): number {
  for (let v = 0; v < one.length; v++) if (one[v] === 1 && other[v] === 0) return v
  return -1
}

function countFrom(mask: Uint8Array, from: number): number {
  let count = 0
  for (let v = from; v < mask.length; v++) count += mask[v] as number
  return count
}
