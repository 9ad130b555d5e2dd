import type { Radiation, Technique, Treatment } from '../../../core/plan.js'
import {
  attribute,
  readDecimal,
  readItems,
  readText,
  refuseAttribute,
} from '../elements/attribute.js'
import { parseDataSet, type DicomDataSet } from '../elements/data-set.js'

/** The delivery of a treatment plan. */
export interface PlannedTreatment extends Omit<Treatment, 'machine'> {
  /** Dose in Gy of the whole course to the highest target; `null` if missing. */
  readonly prescriptionGy: number | null
  /** Number of different doses that are prescribed to targets. */
  readonly doseLevels: number
}

const sopClass = attribute('0008,0016', 'SOP Class UID')
const doseReferences = attribute('300A,0010', 'Dose Reference Sequence')
const referenceType = attribute('300A,0020', 'Dose Reference Type')
const targetDose = attribute('300A,0026', 'Target Prescription Dose')
const fractionGroups = attribute('300A,0070', 'Fraction Group Sequence')
const plannedFractions = attribute('300A,0078', 'Number of Fractions Planned')
const beamDose = attribute('300A,0084', 'Beam Dose')
const setupDose = attribute('300A,00A4', 'Brachy Application Setup Dose')
const beamReferences = attribute('300C,0004', 'Referenced Beam Sequence')
const setupReferences = attribute('300C,000A', 'Referenced Brachy Application Setup Sequence')
const beams = attribute('300A,00B0', 'Beam Sequence')
const ionBeams = attribute('300A,03A2', 'Ion Beam Sequence')
const setups = attribute('300A,0230', 'Application Setup Sequence')
const beamType = attribute('300A,00C4', 'Beam Type')
const radiationType = attribute('300A,00C6', 'Radiation Type')
const delivery = attribute('300A,00CE', 'Treatment Delivery Type')
const controlPoints = attribute('300A,0111', 'Control Point Sequence')
const rotation = attribute('300A,011F', 'Gantry Rotation Direction')
const scanMode = attribute('300A,0308', 'Scan Mode')

const planStorage = ['1.2.840.10008.5.1.4.1.1.481.5', '1.2.840.10008.5.1.4.1.1.481.8']
const radiations: Readonly<Record<string, Radiation>> = {
  PHOTON: 'photon',
  ELECTRON: 'electron',
  NEUTRON: 'neutron',
  PROTON: 'proton',
  ION: 'ion',
}
/** Higher doses are a mistake of the unit: cGy instead of Gy. */
const mostGy = 1000
const mostFractions = 200

/** Reads prescription, fractions and technique of a plan with beams, ions or brachytherapy. */
export async function readTreatment(bytes: Uint8Array, name: string): Promise<PlannedTreatment> {
  const plan = await parseDataSet(bytes, name)
  if (!planStorage.includes(readText(plan, sopClass) ?? ''))
    refuseAttribute(plan, sopClass)('is not RT Plan Storage', 'Give an RT plan.')
  const groups = readItems(plan, fractionGroups)
  const fractions = groups.reduce((sum, group) => sum + (fractionsOf(group) ?? 0), 0)
  if (fractions > mostFractions)
    refuseAttribute(plan, plannedFractions)(`is ${fractions}, more than ${mostFractions}`)
  const treating = [...readItems(plan, beams), ...readItems(plan, ionBeams)].filter(
    (beam) => (readText(beam, delivery) ?? 'TREATMENT') === 'TREATMENT',
  )
  const brachy = readItems(plan, setups).length > 0
  const levels = prescribed(plan)
  return {
    prescriptionGy: highestOf(levels, plan) ?? summed(groups),
    doseLevels: levels.length,
    fractions: fractions > 0 ? fractions : null,
    radiation: brachy ? 'brachy' : radiationOf(treating),
    technique: brachy ? null : techniqueOf(treating),
  }
}

function fractionsOf(group: DicomDataSet): number | null {
  const fractions = readDecimal(group, plannedFractions)
  if (fractions !== null && !(Number.isInteger(fractions) && fractions >= 0))
    refuseAttribute(group, plannedFractions)('is not a count')
  return fractions
}

/** The different doses that are prescribed to targets. */
function prescribed(plan: DicomDataSet): readonly number[] {
  const doses = readItems(plan, doseReferences)
    .filter((item) => readText(item, referenceType) === 'TARGET')
    .map((item) => readDecimal(item, targetDose) ?? 0)
  return [...new Set(doses.filter((gy) => gy > 0))]
}

function highestOf(levels: readonly number[], plan: DicomDataSet): number | null {
  return checked(Math.max(0, ...levels), plan)
}

/** The doses of all beams at their reference points, times the number of fractions. */
function summed(groups: readonly DicomDataSet[]): number | null {
  const [first] = groups
  if (first === undefined) return null
  const doses = groups.map((group) => {
    const each = [
      ...readItems(group, beamReferences).map((item) => readDecimal(item, beamDose) ?? 0),
      ...readItems(group, setupReferences).map((item) => readDecimal(item, setupDose) ?? 0),
    ]
    return (fractionsOf(group) ?? 0) * each.reduce((sum, gy) => sum + gy, 0)
  })
  return checked(
    doses.reduce((sum, gy) => sum + gy, 0),
    first,
  )
}

function checked(gy: number, dataSet: DicomDataSet): number | null {
  if (gy > mostGy)
    refuseAttribute(dataSet, targetDose)(
      `is ${gy} Gy, more than ${mostGy}`,
      'Export the plan with its doses in Gy.',
    )
  return gy > 0 ? gy : null
}

function radiationOf(treating: readonly DicomDataSet[]): Radiation | null {
  const kinds = new Set(treating.map((beam) => radiations[readText(beam, radiationType) ?? '']))
  if (kinds.size > 1) return 'mixed'
  return [...kinds][0] ?? null
}

function techniqueOf(treating: readonly DicomDataSet[]): Technique | null {
  if (treating.length === 0) return null
  const scans = treating.map((beam) => readText(beam, scanMode))
  if (scans.some((mode) => mode !== null))
    return scans.every((mode) => mode === 'NONE') ? 'scattered' : 'scanned'
  const points = treating.map((beam) => readItems(beam, controlPoints))
  const turning = points.some((list) =>
    list.some((point) => ['CW', 'CC'].includes(readText(point, rotation) ?? '')),
  )
  if (turning) return 'arc'
  return treating.some((beam) => readText(beam, beamType) === 'DYNAMIC') ? 'modulated' : 'static'
}
