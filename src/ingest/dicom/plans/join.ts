import type { DicomHeader, DicomKind } from './header.js'
import { personDisputes } from './patient.js'
import type { DicomSource } from './source.js'
import type { Reason } from './dose-parts.js'
import { dosesOf, type DoseIndex, type PlanDoses } from './plan-doses.js'
import type { Pseudonymise } from './pseudonym.js'
import { ctOf, type DrawnCt } from './structure-series.js'
import type { LeftOut } from '../../files/walk-files.js'

export interface JoinedPlans {
  readonly sources: readonly DicomSource[]
  readonly leftOut: readonly LeftOut[]
}

export interface JoinOptions {
  /** Names patients and plans. */
  pseudonymise: Pseudonymise
  /** Refuses objects that no reference joins. (Default: false) */
  strictReferences?: boolean
  /** Objects that cannot be used, by UID, with the reasons. (Default: none) */
  disputed?: ReadonlyMap<string, Reason>
}

/** The objects of one plan. */
interface Joined {
  readonly structures: DicomHeader
  readonly ct: DrawnCt
  readonly plan: DicomHeader | null
  readonly doses: PlanDoses
}

const nothingToDo = 'Nothing to do, unless it is meant to be loaded.'

/**
 * Joins a treatment plan with its structure set, CT series and doses. A structure set on a CT, without a plan or dose
 * in the same study and frame of reference, is a patient who is not yet planned. `headers` must not contain a UID
 * twice.
 */
export function joinPlans(headers: readonly DicomHeader[], options: JoinOptions): JoinedPlans {
  const { pseudonymise, strictReferences: strict = false, disputed } = options
  const leftOut: LeftOut[] = []
  const reject = ({ place }: DicomHeader, { reason, hint }: Reason) => {
    leftOut.push({ file: place.name, reason, hint })
  }
  const byUid = new Map(headers.map((header) => [header.uid, header]))
  const of = (kind: DicomKind) => headers.filter((header) => header.kind === kind)
  const index = { byUid, series: grouped(of('ct')), strict }
  const doses: DoseIndex = {
    plans: of('plan'),
    doses: of('dose'),
    registrations: of('registration'),
    strict,
  }
  const persons = personDisputes(headers.map(({ patient }) => patient))
  const used = new Set<DicomHeader>()
  const spared = new Map<DicomHeader, Reason>()
  const sources: DicomSource[] = []

  for (const plan of of('plan')) add(plan, joinPlan(plan))
  for (const structures of of('structures'))
    if (isAlone(structures)) add(structures, joinAlone(structures))
  for (const header of headers)
    if (header.kind !== 'plan' && !used.has(header))
      reject(header, spared.get(header) ?? { reason: whyUnused(header), hint: nothingToDo })
  sources.sort((a, b) => (a.sourceKey < b.sourceKey ? -1 : 1))
  return { sources, leftOut }

  function add(header: DicomHeader, joined: Joined | Reason): void {
    const found = 'reason' in joined ? joined : checked(header, joined)
    if ('reason' in found) {
      if (header.kind === 'plan') reject(header, found)
      else spared.set(header, found)
      return
    }
    const { structures, ct, plan, doses: dosed } = found
    for (const part of [structures, ...ct.images, ...dosed.taken]) used.add(part)
    for (const one of dosed.leftOut) spared.set(one.header, one)
    const patient = pseudonymise('patient', header.patient.key)
    const machine = plan?.plan?.machine ?? null
    sources.push({
      sourceKey: `${patient}/${pseudonymise('plan', header.uid)}`,
      patient,
      machine: machine === null ? null : pseudonymise('machine', machine),
      site: ct.images[0]?.site ?? null,
      ct: ct.images.map(({ place }) => place),
      structures: structures.place,
      plan: plan?.place ?? null,
      doses: dosed.places,
      frame: ct.frame,
      joined: {
        plan: plan?.place.name ?? null,
        structures: structures.place.name,
        ct: `${ct.images.length} files, ${ct.how}`,
        dose: dosed.how,
      },
      remarks: [...ct.remarks, ...dosed.remarks],
    })
  }

  /** The objects of a plan, or the reason why it cannot be joined. */
  function joinPlan(plan: DicomHeader): Joined | Reason {
    if (plan.refersTo.length === 0)
      return {
        reason:
          'is a plan that refers to no structure set: (300C,0060) Referenced Structure Set Sequence',
        hint: 'Export the plan with its structure set.',
      }
    const structures = plan.refersTo.flatMap(({ uid }) => byUid.get(uid) ?? [])[0]
    if (structures?.kind !== 'structures')
      return {
        reason:
          'is a plan whose structure set is not among the files: (300C,0060) Referenced Structure Set Sequence',
        hint: 'Add the structure set that the plan refers to.',
      }
    const ct = ctOf(structures, index, 'plan')
    if ('reason' in ct) return ct
    const found = dosesOf(plan, ct.frame, doses)
    return 'reason' in found ? found : { structures, ct, plan, doses: found }
  }

  function joinAlone(structures: DicomHeader): Joined | Reason {
    const ct = ctOf(structures, index, 'structures')
    if ('reason' in ct) return ct
    const remarks = ['the files contain neither plan nor dose: only CT and structures are stored']
    const nothing = { places: [], taken: [], leftOut: [], how: 'none', remarks }
    return { structures, ct, plan: null, doses: nothing }
  }

  /** Whether there is no plan or dose that may belong to a structure set. */
  function isAlone(structures: DicomHeader): boolean {
    const near = ({ study, frame, refersTo }: DicomHeader) =>
      study === structures.study ||
      (frame !== null && (frame === structures.frame || structures.frames.includes(frame))) ||
      refersTo.some(({ uid }) => uid === structures.uid)
    return !used.has(structures) && ![...doses.plans, ...doses.doses].some(near)
  }

  /** Whether all parts belong to one person, and none has a disputed UID. */
  function checked(header: DicomHeader, joined: Joined): Joined | Reason {
    const { structures, ct, plan, doses: dosed } = joined
    const parts = [structures, ...ct.images, ...dosed.taken, ...(plan === null ? [] : [plan])]
    if (parts.some(({ patient }) => patient.key !== header.patient.key))
      return {
        reason:
          'is a plan whose structure set, CT or dose is of another patient: (0010,0020) Patient ID',
        hint: 'Export all files of the plan from one patient.',
      }
    const person = persons.get(header.patient.key)
    if (person !== undefined)
      return { ...person, reason: `is a plan of a patient ${person.reason}` }
    for (const { uid } of parts) {
      const dispute = disputed?.get(uid)
      if (dispute !== undefined)
        return { ...dispute, reason: `is a plan that cannot be joined: ${dispute.reason}` }
    }
    return joined
  }

  function whyUnused({ kind, refersTo }: DicomHeader): string {
    switch (kind) {
      case 'localizer':
        return '(0008,0008) Image Type is that of a localizer'
      case 'registration':
        return 'is a registration that no plan needs'
      case 'ct':
        return 'is of a CT series that belongs to no plan that could be joined'
      case 'structures':
        return 'is a structure set that belongs to no plan that could be joined'
      default:
        if (refersTo.length === 0) return 'is a dose that refers to no plan'
        if (!refersTo.some(({ uid }) => byUid.has(uid)))
          return 'is a dose whose plan is not among the files'
        return 'is a dose of a plan that could not be joined'
    }
  }
}

function grouped(images: readonly DicomHeader[]): ReadonlyMap<string, DicomHeader[]> {
  const groups = new Map<string, DicomHeader[]>()
  for (const image of images) {
    const group = groups.get(image.series)
    if (group === undefined) groups.set(image.series, [image])
    else group.push(image)
  }
  return groups
}
