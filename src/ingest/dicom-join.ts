import type { DicomHeader, DicomKind } from './dicom-header.js'
import type { FilePlace } from './file-place.js'
import type { Pseudonymise } from './pseudonym.js'
import type { LeftOut } from './walk-files.js'

/** A plan whose files are known but not yet read. Plain data, so that a worker can read it. */
export interface DicomSource {
  /** Pseudonyms of the patient and of the plan: `3f…/a0…`. */
  readonly sourceKey: string
  /** Pseudonym. */
  readonly patient: string
  /** Pseudonym of the treatment machine, `null` where the plan names none. */
  readonly machine: string | null
  /** Part of the body, `null` where the CT does not say. */
  readonly site: string | null
  readonly ct: readonly FilePlace[]
  readonly structures: FilePlace
  readonly plan: FilePlace
  /** One of the whole plan, or those of its beams or fractions, to be added. */
  readonly doses: readonly FilePlace[]
}

export interface JoinedPlans {
  readonly sources: readonly DicomSource[]
  readonly leftOut: readonly LeftOut[]
}

/** Joins a treatment plan with the structure set, the CT series and the doses that belong to it. */
export function joinPlans(
  headers: readonly DicomHeader[],
  pseudonymise: Pseudonymise,
): JoinedPlans {
  const leftOut: LeftOut[] = []
  const reject = ({ place }: DicomHeader, reason: string) => {
    leftOut.push({ file: place.name, reason })
  }
  const byUid = distinct(headers, reject)
  const all = [...byUid.values()]
  const of = (kind: DicomKind) => all.filter((header) => header.kind === kind)
  const series = grouped(of('ct'), (header) => [header.series])
  const dosesOf = grouped(of('dose'), ({ refersTo }) => refersTo.map(({ uid }) => uid))
  const used = new Set<DicomHeader>()
  const sources: DicomSource[] = []
  for (const plan of of('plan')) {
    const joined = join(plan)
    if (typeof joined === 'string') {
      reject(plan, joined)
      continue
    }
    const { structures, ct, doses } = joined
    for (const part of [structures, ...ct, ...doses]) used.add(part)
    const patient = pseudonymise('patient', plan.patient)
    sources.push({
      sourceKey: `${patient}/${pseudonymise('plan', plan.uid)}`,
      patient,
      machine: plan.machine === null ? null : pseudonymise('machine', plan.machine),
      site: ct[0]?.site ?? null,
      ct: ct.map(({ place }) => place),
      structures: structures.place,
      plan: plan.place,
      doses: doses.map(({ place }) => place),
    })
  }
  for (const header of all)
    if (header.kind !== 'plan' && !used.has(header)) reject(header, whyUnused(header))
  sources.sort((a, b) => (a.sourceKey < b.sourceKey ? -1 : 1))
  return { sources, leftOut }

  /** What belongs to a plan, or why it cannot be joined. */
  function join(plan: DicomHeader) {
    if (plan.refersTo.length === 0) return 'is a plan that refers to no structure set'
    const structures = plan.refersTo.flatMap(({ uid }) => byUid.get(uid) ?? [])[0]
    if (structures?.kind !== 'structures')
      return 'is a plan whose structure set is not among the files'
    const ct = seriesOf(structures)
    if (typeof ct === 'string') return ct
    const doses = summed(dosesOf.get(plan.uid) ?? [])
    if (typeof doses === 'string') return doses
    if ([structures, ...ct, ...doses].some(({ patient }) => patient !== plan.patient))
      return 'is a plan whose structure set, CT or dose is of another patient'
    return { structures, ct, doses }
  }

  function seriesOf(structures: DicomHeader): readonly DicomHeader[] | string {
    const named = structures.refersTo.filter(({ uid }) => series.has(uid))
    if (named.length > 1) return 'is a plan whose structure set refers to several CT series'
    const [reference] = named
    if (reference !== undefined) {
      const absent = reference.images.filter((uid) => !byUid.has(uid)).length
      if (absent > 0)
        return `is a plan whose CT is not whole: ${absent} of ${reference.images.length} images that its structure set refers to are not among the files`
      return series.get(reference.uid) ?? []
    }
    const near = [...series.values()].filter(
      ([first]) =>
        first !== undefined &&
        first.frame !== null &&
        first.frame === structures.frame &&
        first.patient === structures.patient,
    )
    if (near.length === 1) return near[0] as DicomHeader[]
    return near.length === 0
      ? 'is a plan whose CT series is not among the files'
      : 'is a plan whose structure set names no CT series, and several share its frame of reference'
  }

  function whyUnused({ kind, refersTo }: DicomHeader): string {
    switch (kind) {
      case 'ct':
        return 'is of a CT series that belongs to no plan that could be joined'
      case 'structures':
        return 'is a structure set that belongs to no plan that could be joined'
      default:
        if (refersTo.length === 0) return 'is a dose that refers to no plan'
        if (!refersTo.some(({ uid }) => byUid.has(uid)))
          return 'is a dose whose plan is not among the files'
        return used.size > 0 && refersTo.some(({ uid }) => dosed(uid))
          ? 'is a dose of a part of a plan; that of the whole plan is used'
          : 'is a dose of a plan that could not be joined'
    }
  }

  function dosed(plan: string): boolean {
    return (dosesOf.get(plan) ?? []).some((dose) => used.has(dose))
  }
}

/** The doses that make up that of a plan, or why none do. */
function summed(doses: readonly DicomHeader[]): readonly DicomHeader[] | string {
  const alone = doses.filter(({ refersTo }) => refersTo.length === 1)
  const counting = (what: string) => alone.filter(({ summation }) => summation === what)
  const whole = counting('PLAN')
  if (whole.length > 1) return `is a plan with ${whole.length} doses of the whole of it`
  for (const parts of [whole, counting('FRACTION'), counting('BEAM'), counting('BRACHY')])
    if (parts.length > 0) return parts
  return doses.length === 0
    ? 'is a plan without a dose among the files'
    : 'is a plan without a dose of the whole of it, of its fractions or its beams'
}

/** Objects by their UID: a second copy is left out. */
function distinct(
  headers: readonly DicomHeader[],
  reject: (header: DicomHeader, reason: string) => void,
): ReadonlyMap<string, DicomHeader> {
  const byUid = new Map<string, DicomHeader>()
  for (const header of headers) {
    const first = byUid.get(header.uid)
    if (first === undefined) byUid.set(header.uid, header)
    else if (first.place.size === header.place.size)
      reject(header, `is the same object as ${first.place.name}`)
    else reject(header, `has the UID of ${first.place.name} but another length`)
  }
  return byUid
}

function grouped(
  headers: readonly DicomHeader[],
  keysOf: (header: DicomHeader) => readonly string[],
): ReadonlyMap<string, DicomHeader[]> {
  const groups = new Map<string, DicomHeader[]>()
  for (const header of headers)
    for (const key of keysOf(header)) {
      const group = groups.get(key)
      if (group === undefined) groups.set(key, [header])
      else group.push(header)
    }
  return groups
}
