import {
  doseType,
  pixelData,
  summationType,
  type DoseHeader,
  type PlanHeader,
} from '../objects/plan-header.js'
import {
  dosesOfParts,
  exportWhole,
  namesOf,
  type Choice,
  type OfferedDose,
  type Reason,
} from './dose-parts.js'

/** The doses that make up the dose of a plan. */
export interface ChosenDoses<Dose> extends Choice<Dose> {
  /** Doses that are not used, with the reasons. */
  readonly leftOut: readonly (Reason & { readonly dose: Dose })[]
}

/** Types of summation that may be the dose of a plan; used only if there is no alternative. */
const vague = [null, 'BEAM_SESSION', 'BRACHY_SESSION']

/**
 * Chooses among the doses of a plan. Doses are only added up if there is exactly one for each part of the plan: the
 * whole plan, or each fraction group, treatment beam or brachytherapy setup; and only doses of one type. If both a
 * physical and an effective dose exist (weighted by the biological effect of ions), the physical one is used, because a
 * plan in Gy cannot be compared with one in Gy (RBE).
 *
 * A single dose that does not state its summation, or states that it is of a session, is used as that of the plan,
 * unless references are `strict`.
 */
export function chooseDoses<Dose extends OfferedDose>(
  plan: PlanHeader,
  offered: readonly Dose[],
  strict: boolean,
): ChosenDoses<Dose> | Reason {
  const useless = offered.flatMap((dose) => {
    const why = whyUseless(dose.header)
    return why === null ? [] : [{ dose, ...why }]
  })
  const useful = offered.filter((dose) => !useless.some((one) => one.dose === dose))
  if (useful.length === 0)
    return useless[0] === undefined
      ? { reason: 'is a plan without a dose', hint: exportWhole }
      : {
          reason: `is a plan whose only dose, ${useless[0].dose.name}, cannot be used: its ${useless[0].reason}`,
          hint: useless[0].hint,
        }
  let refused: Reason | null = null
  for (const type of ['PHYSICAL', 'EFFECTIVE']) {
    const ofType = useful.filter(({ header }) => (header.type ?? 'PHYSICAL') === type)
    if (ofType.length === 0) continue
    const choice = wholeOf(plan, ofType, strict)
    if ('reason' in choice) {
      refused ??= choice
      continue
    }
    const unused = useful.filter((dose) => !choice.doses.includes(dose))
    const leftOut = [...useless, ...unused.map((dose) => ({ dose, ...whyUnused(dose, type) }))]
    const remarks = leftOut
      .filter(({ dose }) => dose.header.summation === 'PLAN' || !ofType.includes(dose))
      .map(({ dose, reason }) => `dose ${dose.name} ${reason}`)
    const untyped = choice.doses.filter(({ header }) => header.type === null)
    for (const { name } of untyped)
      remarks.push(`dose ${name} lacks ${doseType.label} and is taken for PHYSICAL`)
    if (type === 'EFFECTIVE')
      remarks.push(`the dose is EFFECTIVE: physical dose times biological effectiveness`)
    return { ...choice, remarks: [...choice.remarks, ...remarks], leftOut }
  }
  return refused ?? { reason: 'is a plan without a dose', hint: exportWhole }
}

function whyUseless({ type, hasPixels }: DoseHeader): Reason | null {
  if (type !== null && type !== 'PHYSICAL' && type !== 'EFFECTIVE')
    return {
      reason: `${doseType.label} is neither PHYSICAL nor EFFECTIVE`,
      hint: 'Export the dose itself, in Gy.',
    }
  if (!hasPixels)
    return {
      reason: `${pixelData.label} is missing: it holds only histograms or points`,
      hint: 'Export the dose with its grid.',
    }
  return null
}

function whyUnused({ header }: OfferedDose, type: string): Reason {
  const hint = 'Nothing to do.'
  if ((header.type ?? 'PHYSICAL') !== type)
    return { reason: `is of type ${header.type}; that of type ${type} is used`, hint }
  return { reason: 'is a dose of a part of a plan; that of the whole plan is used', hint }
}

/** The first way in which doses form a whole, or the problem of the first attempt. */
function wholeOf<Dose extends OfferedDose>(
  plan: PlanHeader,
  doses: readonly Dose[],
  strict: boolean,
): Choice<Dose> | Reason {
  const counting = (summation: string) =>
    doses.filter(({ header }) => header.summation === summation)
  const ways = [
    () => onePlan(counting('PLAN')),
    () => dosesOfParts(counting('FRACTION'), 'fraction group', plan),
    () => dosesOfParts(counting('BEAM'), 'beam', plan),
    () => dosesOfParts(counting('BRACHY'), 'setup', plan),
  ]
  let refused: Reason | null = null
  for (const way of ways) {
    const found = way()
    if (found === null) continue
    if ('doses' in found) return found
    refused ??= found
  }
  if (refused !== null) return refused
  const loose = doses.filter(({ header }) => vague.includes(header.summation))
  const [only] = loose
  if (only === undefined || loose.length > 1 || strict)
    return {
      reason: `is a plan without a dose of the whole plan, of all fractions or of all beams: ${summationType.label} of ${doses.map(({ name }) => name).join(', ')} says otherwise`,
      hint: exportWhole,
    }
  const said = only.header.summation === null ? 'is missing' : `is ${only.header.summation}`
  const remark = `dose ${only.name}: ${summationType.label} ${said}; it is the only dose and is taken to be that of the plan`
  return { doses: [only], what: 'the only dose', remarks: [remark] }
}

function onePlan<Dose extends OfferedDose>(doses: readonly Dose[]): Choice<Dose> | Reason | null {
  if (doses.length === 0) return null
  if (doses.length === 1) return { doses, what: 'PLAN', remarks: [] }
  return {
    reason: `is a plan with ${doses.length} doses of the whole plan (${summationType.label} PLAN): ${namesOf(doses)}`,
    hint: 'Keep the one that applies, and remove the others from the folder.',
  }
}
