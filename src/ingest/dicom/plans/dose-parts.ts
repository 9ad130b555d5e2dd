import {
  referencedBeam,
  referencedGroup,
  referencedPlans,
  referencedSetup,
  summationType,
  type DoseHeader,
  type PlanGroup,
  type PlanHeader,
} from '../objects/plan-header.js'

/** A dose that refers to exactly one plan. */
export interface OfferedDose {
  /** Name of its file in messages. */
  readonly name: string
  readonly header: DoseHeader
}

/** A problem and its remedy. */
export interface Reason {
  readonly reason: string
  readonly hint: string
}

/** Doses that form a whole. */
export interface Choice<Dose> {
  /** Doses to add up. */
  readonly doses: readonly Dose[]
  /** What they are: `PLAN`, `each beam`, … */
  readonly what: string
  readonly remarks: readonly string[]
}

export const exportWhole = `Export the dose of the whole plan (${summationType.label} PLAN), or that of each of its beams once.`
type Part = 'fraction group' | 'beam' | 'setup'

/** Doses of parts, exactly one per part. */
export function dosesOfParts<Dose extends OfferedDose>(
  doses: readonly Dose[],
  part: Part,
  plan: PlanHeader,
): Choice<Dose> | Reason | null {
  if (doses.length === 0) return null
  const several = plan.groups.length > 1
  const expected = partsOf(plan.groups, part, plan, several)
  const offered = doses.map((dose) => ({
    dose,
    parts: partsOf(
      dose.header.of.flatMap(({ groups }) => groups),
      part,
      null,
      several,
    ),
  }))
  const label = { 'fraction group': referencedGroup, beam: referencedBeam, setup: referencedSetup }[
    part
  ].label
  // In a plan with one part, a dose need not name it.
  const alone = expected.length <= 1 && offered.length === 1 && offered[0]!.parts.length === 0
  if (alone) return { doses, what: `the only ${part}`, remarks: [] }
  const silent = offered.filter((one) => one.parts.length === 0)
  if (silent.length > 0)
    return {
      reason: `is a plan whose dose ${silent[0]!.dose.name} does not say to which ${part} it belongs: ${label} under ${referencedPlans.label}`,
      hint: exportWhole,
    }
  const counted = offered.filter((one) => one.parts.some((name) => expected.includes(name)))
  for (const name of expected) {
    const having = counted.filter((one) => one.parts.includes(name))
    if (having.length === 0)
      return {
        reason: `is a plan whose files lack the dose of ${part} ${name}: ${label}`,
        hint: `Export the doses of all ${expected.length} ${part}s, or that of the whole plan.`,
      }
    if (having.length > 1)
      return {
        reason: `is a plan with ${having.length} doses of ${part} ${name}: ${label} of ${namesOf(having.map(({ dose }) => dose))}`,
        hint: 'Keep the one that applies, and remove the others from the folder.',
      }
  }
  const strange = counted.find((one) => one.parts.some((name) => !expected.includes(name)))
  if (strange !== undefined)
    return {
      reason: `is a plan whose dose ${strange.dose.name} is also of a ${part} that the plan does not use: ${label}`,
      hint: exportWhole,
    }
  const remarks = offered
    .filter((one) => !counted.includes(one))
    .map(({ dose }) => `dose ${dose.name} is not of a ${part} that the plan uses, and is not added`)
  return { doses: counted.map(({ dose }) => dose), what: `each ${part}`, remarks }
}

/** Names of parts: if there are several groups, a beam includes the number of its group. */
function partsOf(
  groups: readonly PlanGroup[],
  part: Part,
  plan: PlanHeader | null,
  several: boolean,
): string[] {
  if (part === 'fraction group') return groups.flatMap(({ number }) => number?.toString() ?? [])
  const all = part === 'beam' ? plan?.beams : plan?.setups
  const found = groups.flatMap(({ number, beams, setups }) => {
    const listed = part === 'beam' ? beams : setups
    const counted = plan === null ? listed : listed.filter((one) => all?.includes(one) !== false)
    return counted.map((one) => (several ? `${one} of group ${number ?? '?'}` : `${one}`))
  })
  // A group without a list of beams uses all beams of the plan.
  if (found.length === 0 && plan !== null) return (all ?? []).map(String)
  return [...new Set(found)]
}

export function namesOf(doses: readonly OfferedDose[]): string {
  return doses.map(({ name }) => name).join(', ')
}
