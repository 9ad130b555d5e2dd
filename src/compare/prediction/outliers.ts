import type { Store } from '../../store/connection/connect.js'
import type { Anatomy } from './anatomy.js'
import { doseCriteria, targetCriteria, type DoseCriteria } from './dose-criteria.js'
import { overlapDistance } from './overlap-histogram.js'
import { dosedPlans, openAnatomies } from './plan-anatomies.js'
import { predictDose } from './predict-dose.js'
import { probeVoxels } from './probe-voxels.js'
import { structureVoxels } from './structure-voxels.js'

/** A plan with the deviation of its dose from that of its neighbours by anatomy. */
export interface Outlier {
  readonly plan_id: number
  readonly plan: string
  /** Deviation in multiples of the usual deviation of plans; above about 4 the plan should be reviewed. */
  readonly score: number
  /** Mean absolute difference from the prediction of the neighbours, in Gy, over the voxels with dose. */
  readonly dose_gap_gy: number
  /** Criteria that deviate most from the prediction of the neighbours, largest deviation first. */
  readonly criteria: readonly { criterion: string; own: number; expected: number; score: number }[]
}

export interface OutliersOptions {
  /** Patients whose plans are examined and compared with each other. */
  patients: readonly number[]
  /** Plans whose dose is transferred. (Default: 10) */
  k?: number
  /** Changes a stored plan, to test whether the change is detected. (Default: unchanged) */
  change?: (anatomy: Anatomy) => Anatomy
  /** Called after each plan. (Default: none) */
  onProgress?: () => void
  /** Stops between two plans. (Default: none) */
  signal?: AbortSignal
}

/** Criteria that are reported for a plan, and the number whose mean gives its score. */
const REPORTED = 3
/** Least scale of deviations: a tenth of a Gy is not a finding even if all plans are almost equal. */
const LEAST_GY = 0.5

/**
 * All plans, largest deviation first. The dose of a plan and the criteria of its organs are compared with the
 * prediction of the nearest plans by overlap volume histograms. Criteria of targets depend on the prescription and not
 * on the anatomy, so they are compared with targets of the same name in all plans. Deviations are in multiples of the
 * usual deviation of the same criterion over all plans (median absolute deviation, scaled to a standard deviation). The
 * score is the largest of three: the deviation of the dose, and the means of the three largest deviations of target
 * criteria and of organ criteria.
 */
export async function outliers(store: Store, options: OutliersOptions): Promise<Outlier[]> {
  const { patients, k = 10, change = unchanged, onProgress, signal } = options
  const known = await dosedPlans(store, patients)
  const anatomies = openAnatomies(store)
  const rows: (Omit<Suspect, 'plan_id' | 'plan'> & { anatomy: Anatomy })[] = []
  for (const { plan, patient } of known) {
    signal?.throwIfAborted()
    const anatomy = change(await anatomies.of(plan))
    const histograms = await anatomies.histograms(plan)
    const near: { other: number; distance: number }[] = []
    for (const other of known) {
      if (other.patient === patient) continue
      const found = await anatomies.histograms(other.plan)
      near.push({ other: other.plan, distance: overlapDistance(histograms, found) })
    }
    near.sort((a, b) => a.distance - b.distance || a.other - b.other)
    const others: Anatomy[] = []
    for (const { other } of near.slice(0, k)) others.push(change(await anatomies.of(other)))
    const wanted = comparedVoxels(anatomy)
    const { dose } = predictDose(anatomy, others, wanted)
    const own = Float32Array.from(wanted, (voxel) => anatomy.volume.dose![voxel]!)
    let sum = 0
    for (let i = 0; i < own.length; i++) sum += Math.abs(own[i]! - dose[i]!)
    const organs = (of: Float32Array) =>
      new Map([...doseCriteria(anatomy, wanted, of)].filter(([name]) => isOrgan(anatomy, name)))
    rows.push({
      anatomy,
      gap: sum / own.length,
      own: organs(own),
      expected: organs(dose),
      targets: targetCriteria(anatomy, wanted, own),
    })
    onProgress?.()
  }
  return rankOutliers(
    rows.map(({ anatomy: { volume }, ...row }) => ({
      plan_id: volume.id,
      plan: volume.key,
      ...row,
    })),
  )
}

/** All voxels of structures, and every second voxel in each direction near the targets; more would only take time. */
function comparedVoxels(anatomy: Anatomy): Int32Array {
  const { structures, body } = anatomy.volume
  const all = [...structureVoxels(structures, body.length), ...probeVoxels(anatomy, 2)]
  return Int32Array.from(new Set(all)).sort()
}

function isOrgan({ volume }: Anatomy, criterion: string): boolean {
  return volume.structures.some(
    ({ name, role }) => role === 'organ' && criterion.startsWith(`${name} `),
  )
}

function unchanged(anatomy: Anatomy): Anatomy {
  return anatomy
}

/** Data of a plan before it is compared with the others. */
export interface Suspect {
  readonly plan_id: number
  readonly plan: string
  readonly gap: number
  /** Criteria of organs, and the prediction of the neighbours for them. */
  readonly own: DoseCriteria
  readonly expected: DoseCriteria
  /** Criteria of targets. */
  readonly targets: DoseCriteria
}

/** Expresses deviations in multiples of the usual ones, and sorts by them. */
export function rankOutliers(suspects: readonly Suspect[]): Outlier[] {
  const usualTarget = usualOf(suspects.map(({ targets }) => targets))
  const differences = suspects.map(
    ({ own, expected }) =>
      new Map([...own].map(([criterion, gy]) => [criterion, gy - expected.get(criterion)!])),
  )
  const usualOrgan = usualOf(differences)
  const gaps = scaleOf(suspects.map(({ gap }) => gap))
  return suspects
    .map(({ plan_id, plan, gap, own, expected, targets }, i): Outlier => {
      const ofOrgans = [...differences[i]!].map(([criterion, difference]) => {
        const { middle, scale } = usualOrgan.get(criterion)!
        const score = Math.abs(difference - middle) / scale
        return { criterion, own: own.get(criterion)!, expected: expected.get(criterion)!, score }
      })
      const ofTargets = [...targets].map(([criterion, gy]) => {
        const { middle, scale } = usualTarget.get(criterion)!
        return { criterion, own: gy, expected: middle, score: Math.abs(gy - middle) / scale }
      })
      // For the dose, only a larger difference than usual is a finding.
      const score = Math.max((gap - gaps.middle) / gaps.scale, farOf(ofOrgans), farOf(ofTargets))
      const criteria = [...ofOrgans, ...ofTargets]
        .sort((a, b) => b.score - a.score)
        .slice(0, REPORTED)
      return { plan_id, plan, score, dose_gap_gy: gap, criteria }
    })
    .sort((a, b) => b.score - a.score || a.plan_id - b.plan_id)
}

/** Mean of the largest scores, because a single criterion often deviates. */
function farOf(criteria: readonly { score: number }[]): number {
  const first = criteria
    .map(({ score }) => score)
    .sort((a, b) => b - a)
    .slice(0, REPORTED)
  return first.reduce((sum, score) => sum + score, 0) / Math.max(1, first.length)
}

function usualOf(criteria: readonly DoseCriteria[]) {
  const names = [...new Set(criteria.flatMap((one) => [...one.keys()]))]
  return new Map(
    names.map((name) => [name, scaleOf(criteria.flatMap((one) => one.get(name) ?? []))] as const),
  )
}

function scaleOf(values: readonly number[]): { middle: number; scale: number } {
  const middle = medianOf(values)
  const deviation = medianOf(values.map((value) => Math.abs(value - middle)))
  return { middle, scale: Math.max(LEAST_GY, 1.4826 * deviation) }
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2
}
