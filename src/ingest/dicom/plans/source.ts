import type { Motion } from '../objects/registration.js'
import type { FilePlace } from '../../files/file-place.js'

/** A dose of a plan. */
export interface DosePlace {
  readonly place: FilePlace
  /** How it is moved to the CT by a registration, `null` where it lies in the same frame of reference. */
  readonly motion: Motion | null
}

/** How the files of a plan belong together. */
export interface JoinedFiles {
  /** Name of the file of the RT plan, `null` without one. */
  readonly plan: string | null
  /** Name of the file of the structure set. */
  readonly structures: string
  /** How many images, and what tells that they belong to it. */
  readonly ct: string
  /** Which doses make up that of the plan, and their files. */
  readonly dose: string
}

/** A plan whose files are known but not yet read. Plain data, so that a worker can read it. */
export interface DicomSource {
  /** Pseudonyms of the patient and of the plan, or of its structure set: `3f…/a0…`. */
  readonly sourceKey: string
  /** Pseudonym. */
  readonly patient: string
  /** Pseudonym of the treatment machine, `null` where the plan names none. */
  readonly machine: string | null
  /** Part of the body, `null` where the CT does not say. */
  readonly site: string | null
  readonly ct: readonly FilePlace[]
  readonly structures: FilePlace
  /** `null` of a patient who is contoured and not yet planned. */
  readonly plan: FilePlace | null
  /** One of the whole plan, or those of its beams or fractions, to be added; none of a plan without dose. */
  readonly doses: readonly DosePlace[]
  /** Frame of reference of the CT, in which structures must lie. */
  readonly frame: string | null
  /** How the files were joined, for whoever wants to know. */
  readonly joined: JoinedFiles
  /** What was assumed in joining them, or left out. */
  readonly remarks: readonly string[]
}

/** All files of a plan. */
export function filesOf({ ct, structures, plan, doses }: DicomSource): readonly FilePlace[] {
  return [...(plan === null ? [] : [plan]), structures, ...doses.map(({ place }) => place), ...ct]
}
