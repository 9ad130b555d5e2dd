import type { Motion } from '../objects/registration.js'
import type { FilePlace } from '../../files/file-place.js'

/** A dose of a plan. */
export interface DosePlace {
  readonly place: FilePlace
  /** Motion to the CT by a registration; `null` if the dose is in the same frame of reference. */
  readonly motion: Motion | null
}

/** Explanation of how the files of a plan were joined. */
export interface JoinedFiles {
  /** Name of the file of the RT plan; `null` without one. */
  readonly plan: string | null
  /** Name of the file of the structure set. */
  readonly structures: string
  /** Number of images, and why they belong to the plan. */
  readonly ct: string
  /** The doses of the plan, and their files. */
  readonly dose: string
}

/** A plan whose files are known but not yet read. Plain data, so that a worker can read it. */
export interface DicomSource {
  /** Pseudonyms of the patient and of the plan, or of its structure set: `3f…/a0…`. */
  readonly sourceKey: string
  /** Pseudonym. */
  readonly patient: string
  /** Pseudonym of the treatment machine; `null` if the plan does not name one. */
  readonly machine: string | null
  /** Part of the body; `null` if the CT does not state it. */
  readonly site: string | null
  readonly ct: readonly FilePlace[]
  readonly structures: FilePlace
  /** `null` for a patient who is contoured but not yet planned. */
  readonly plan: FilePlace | null
  /** One dose of the whole plan, or those of its beams or fractions, to be added up; empty for a plan without dose. */
  readonly doses: readonly DosePlace[]
  /** Frame of reference of the CT; structures must be in it. */
  readonly frame: string | null
  /** How the files were joined, for `load dicom --explain`. */
  readonly joined: JoinedFiles
  /** Assumptions in joining them, and files that were left out. */
  readonly remarks: readonly string[]
}

/** All files of a plan. */
export function filesOf({ ct, structures, plan, doses }: DicomSource): readonly FilePlace[] {
  return [...(plan === null ? [] : [plan]), structures, ...doses.map(({ place }) => place), ...ct]
}
