import { LshError } from '../../core/errors.js'
import type { SparseSummary } from '../files/sparse-csv.js'

/** Most voxels beyond the last voxel of a CT; one of the published plans has 4. */
const tailVoxels = 16

/** The voxels that a file lists, and whether its end is complete. */
export interface ListedFile {
  readonly listed: Uint8Array
  readonly summary: SparseSummary
}

/** The voxels that the files of a plan list. */
export interface ListedVoxels {
  readonly sourceKey: string
  readonly ct: SparseSummary
  /** `null` for a plan without dose. */
  readonly dose: ListedFile | null
  /** The mask of possible dose; `null` for a plan without dose and mask. */
  readonly mask: ListedFile | null
  readonly masks: ReadonlyMap<string, Uint8Array>
}

/**
 * Detects files that were cut at the end of a line, and therefore still look complete. Dose and possible_dose_mask list
 * the same voxels, so that a cut in one of them always shows. Voxels are listed from anterior to posterior: a truncated
 * CT ends before the delineated body does. Two cases cannot be detected: a CT that only lost voxels behind the body (a
 * couch), and a structure that lost its last voxels.
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

/** The first voxel that is only in the first list; -1 if there is none. */
function firstOnlyIn(one: Uint8Array, other: Uint8Array): number {
  for (let v = 0; v < one.length; v++) if (one[v] === 1 && other[v] === 0) return v
  return -1
}

function countFrom(mask: Uint8Array, from: number): number {
  let count = 0
  for (let v = from; v < mask.length; v++) count += mask[v] as number
  return count
}
