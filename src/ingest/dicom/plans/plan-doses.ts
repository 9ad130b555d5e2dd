import { frameOfReference, type DicomHeader } from './header.js'
import { referencedPlans, summationType, type PlanHeader } from '../objects/plan-header.js'
import { isSameMotion, motionBetween } from '../objects/registration.js'
import type { DosePlace } from './source.js'
import { chooseDoses } from './dose-choice.js'
import type { OfferedDose, Reason } from './dose-parts.js'

/** All plans and doses. */
export interface DoseIndex {
  readonly plans: readonly DicomHeader[]
  readonly doses: readonly DicomHeader[]
  readonly registrations: readonly DicomHeader[]
  /** Refuses doses without a reference. */
  readonly strict: boolean
}

/** The doses of a plan; empty if it has no dose yet. */
export interface PlanDoses {
  readonly places: readonly DosePlace[]
  /** Doses, and the registrations that move them. */
  readonly taken: readonly DicomHeader[]
  readonly leftOut: readonly (Reason & { readonly header: DicomHeader })[]
  readonly how: string
  readonly remarks: readonly string[]
}

const none: PlanDoses = {
  places: [],
  taken: [],
  leftOut: [],
  how: 'none',
  remarks: ['no dose is among the files: the plan is stored without dose'],
}

/** Finds the doses of a plan, and their position relative to a CT in a frame of reference. */
export function dosesOf(
  plan: DicomHeader,
  frame: string | null,
  index: DoseIndex,
): PlanDoses | Reason {
  const refers = (dose: DicomHeader) => dose.refersTo.some(({ uid }) => uid === plan.uid)
  const own = index.doses.filter((dose) => dose.refersTo.length === 1 && refers(dose))
  if (own.length > 0) return chosen(plan, own, { frame, index, remarks: [] })
  const shared = index.doses.find(refers)
  if (shared !== undefined)
    return {
      reason: `is a plan whose only dose, ${shared.place.name}, is the sum of ${shared.refersTo.length} plans: ${referencedPlans.label}`,
      hint: `Export the dose of this plan alone (${summationType.label} PLAN).`,
    }
  const loose = index.doses.filter(
    (dose) =>
      dose.refersTo.length === 0 &&
      dose.study === plan.study &&
      dose.patient.key === plan.patient.key &&
      (dose.frame === null || frame === null || dose.frame === frame),
  )
  if (loose.length === 0) return none
  const names = loose.map(({ place }) => place.name).join(', ')
  const undosed = index.plans.filter(
    (other) =>
      other.study === plan.study &&
      other.patient.key === plan.patient.key &&
      (other.frame === null || frame === null || other.frame === frame) &&
      !index.doses.some((dose) => dose.refersTo.some(({ uid }) => uid === other.uid)),
  )
  if (index.strict || undosed.length > 1)
    return {
      reason: `is a plan to which no dose refers; ${names} of its study ${loose.length > 1 ? 'refer' : 'refers'} to no plan: ${referencedPlans.label}`,
      hint: index.strict
        ? 'Export the dose with its reference, or load without --strict-references.'
        : `Export the doses with their references: ${undosed.length} plans could be meant.`,
    }
  const remark = `${names}: ${referencedPlans.label} is missing; this is the only plan of the study that could be meant`
  return chosen(plan, loose, { frame, index, remarks: [remark] })
}

function chosen(
  plan: DicomHeader,
  offered: readonly DicomHeader[],
  { frame, index, remarks }: { frame: string | null; index: DoseIndex; remarks: string[] },
): PlanDoses | Reason {
  const doses = offered.map((header): OfferedDose & { from: DicomHeader } => {
    // Only doses have a dose header.
    return { name: header.place.name, header: header.dose!, from: header }
  })
  const choice = chooseDoses(plan.plan as PlanHeader, doses, index.strict)
  if ('reason' in choice) return choice
  const places: DosePlace[] = []
  const registrations: DicomHeader[] = []
  const all = [...remarks, ...choice.remarks]
  for (const { name, from } of choice.doses) {
    const placed = placedIn(from, frame, index)
    if ('reason' in placed) return placed
    if (placed.by !== null) {
      registrations.push(placed.by)
      all.push(`dose ${name} is moved to the CT by registration ${placed.by.place.name}`)
    }
    if (from.frame === null || frame === null)
      all.push(
        `dose ${name}: ${frameOfReference.label} is missing; it is taken to be that of the CT`,
      )
    places.push({ place: from.place, motion: placed.motion })
  }
  return {
    places,
    taken: [...choice.doses.map(({ from }) => from), ...registrations],
    leftOut: choice.leftOut.map(({ dose, reason, hint }) => ({ header: dose.from, reason, hint })),
    how: `${choice.what} (${choice.doses.map(({ name }) => name).join(', ')})`,
    remarks: all,
  }
}

function placedIn(
  dose: DicomHeader,
  frame: string | null,
  { registrations, strict }: DoseIndex,
): (Pick<DosePlace, 'motion'> & { by: DicomHeader | null }) | Reason {
  if (dose.frame === frame) return { motion: null, by: null }
  if (dose.frame !== null && frame !== null) {
    const [from, to] = [dose.frame, frame]
    const found = registrations.flatMap((by) => {
      const own = by.patient.key === dose.patient.key ? by.registration : null
      const motion = own === null ? null : motionBetween(own, from, to)
      return motion === null ? [] : [{ motion, by }]
    })
    const [first] = found
    const other = found.find(({ motion }) => !isSameMotion(motion, first!.motion))
    if (other !== undefined)
      return {
        reason: `is a plan whose dose ${dose.place.name} is moved to two different places by two registrations: ${first!.by.place.name} and ${other.by.place.name}`,
        hint: 'Keep the registration that applies, and remove the other from the folder.',
      }
    if (first !== undefined) return first
  } else if (!strict) return { motion: null, by: null }
  return {
    reason: `is a plan whose dose ${dose.place.name} does not lie in the frame of reference of its CT: ${frameOfReference.label}`,
    hint: 'Export the dose on the planning CT, or add the spatial registration of the two to the files.',
  }
}
