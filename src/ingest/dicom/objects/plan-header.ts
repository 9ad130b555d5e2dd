import { attribute, readDecimal, readItems, readText } from '../elements/attribute.js'
import type { DicomDataSet } from '../elements/data-set.js'

/** A part of a plan with a dose of its own: a beam, or a brachytherapy setup, in a fraction group. */
export interface PlanGroup {
  readonly number: number | null
  readonly beams: readonly number[]
  readonly setups: readonly number[]
}

/** The parts of a plan. */
export interface PlanHeader {
  readonly groups: readonly PlanGroup[]
  /** Treatment beams. */
  readonly beams: readonly number[]
  /** Setup and imaging beams, whose dose does not belong to the plan. */
  readonly otherBeams: readonly number[]
  readonly setups: readonly number[]
  /** Name given by the department. */
  readonly machine: string | null
}

/** The plan or part that a dose belongs to. */
export interface DosedPlan {
  /** UID of the plan. */
  readonly plan: string
  readonly groups: readonly PlanGroup[]
}

/** Content of the header of a dose. */
export interface DoseHeader {
  /** PHYSICAL, EFFECTIVE, ERROR; `null` if missing. */
  readonly type: string | null
  /** PLAN, BEAM, FRACTION, …; `null` if missing. */
  readonly summation: string | null
  readonly hasPixels: boolean
  readonly of: readonly DosedPlan[]
}

const fractionGroups = attribute('300A,0070', 'Fraction Group Sequence')
const groupNumber = attribute('300A,0071', 'Fraction Group Number')
const beamLists = [
  attribute('300A,00B0', 'Beam Sequence'),
  attribute('300A,03A2', 'Ion Beam Sequence'),
]
const beamNumber = attribute('300A,00C0', 'Beam Number')
const delivery = attribute('300A,00CE', 'Treatment Delivery Type')
const applicationSetups = attribute('300A,0230', 'Application Setup Sequence')
const setupNumber = attribute('300A,0234', 'Application Setup Number')
const machines = attribute('300A,0206', 'Treatment Machine Sequence')
const machineName = attribute('300A,00B2', 'Treatment Machine Name')
const referencedBeams = attribute('300C,0004', 'Referenced Beam Sequence')
export const referencedBeam = attribute('300C,0006', 'Referenced Beam Number')
const referencedSetups = attribute('300C,000A', 'Referenced Brachy Application Setup Sequence')
export const referencedSetup = attribute('300C,000C', 'Referenced Brachy Application Setup Number')
const referencedGroups = attribute('300C,0020', 'Referenced Fraction Group Sequence')
export const referencedGroup = attribute('300C,0022', 'Referenced Fraction Group Number')
export const referencedPlans = attribute('300C,0002', 'Referenced RT Plan Sequence')
const referencedInstance = attribute('0008,1155', 'Referenced SOP Instance UID')
export const doseType = attribute('3004,0004', 'Dose Type')
export const summationType = attribute('3004,000A', 'Dose Summation Type')
export const pixelData = attribute('7FE0,0010', 'Pixel Data')

export function readPlanHeader(plan: DicomDataSet): PlanHeader {
  const beams = beamLists.flatMap((list) => readItems(plan, list))
  const treats = (beam: DicomDataSet) => (readText(beam, delivery) ?? 'TREATMENT') === 'TREATMENT'
  const numbersOf = (items: readonly DicomDataSet[]) =>
    items.flatMap((item) => readDecimal(item, beamNumber) ?? [])
  const machine = [...beams, ...readItems(plan, machines)]
    .map((item) => readText(item, machineName))
    .find((name) => name !== null)
  return {
    groups: readItems(plan, fractionGroups).map((group) => groupOf(group, groupNumber)),
    beams: numbersOf(beams.filter(treats)),
    otherBeams: numbersOf(beams.filter((beam) => !treats(beam))),
    setups: readItems(plan, applicationSetups).flatMap(
      (item) => readDecimal(item, setupNumber) ?? [],
    ),
    machine: machine ?? null,
  }
}

export function readDoseHeader(dose: DicomDataSet): DoseHeader {
  return {
    type: readText(dose, doseType),
    summation: readText(dose, summationType),
    hasPixels: dose.elements[pixelData.key] !== undefined,
    of: readItems(dose, referencedPlans).flatMap((item) => {
      const plan = readText(item, referencedInstance)
      if (plan === null) return []
      const groups = readItems(item, referencedGroups).map((one) => groupOf(one, referencedGroup))
      return [{ plan, groups }]
    }),
  }
}

function groupOf(group: DicomDataSet, number: typeof groupNumber): PlanGroup {
  const numbers = (list: typeof referencedBeams, which: typeof referencedBeam) =>
    readItems(group, list).flatMap((item) => readDecimal(item, which) ?? [])
  return {
    number: readDecimal(group, number),
    beams: numbers(referencedBeams, referencedBeam),
    setups: numbers(referencedSetups, referencedSetup),
  }
}
