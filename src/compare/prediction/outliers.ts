import type { Store } from '../../store/connection/connect.js'
import type { Anatomy } from './anatomy.js'
import { doseCriteria, type DoseCriteria } from './dose-criteria.js'
import { overlapDistance } from './overlap-histogram.js'
import { dosedPlans, openAnatomies } from './plan-anatomies.js'
import { predictDose } from './predict-dose.js'
import { measuredVoxels } from './prediction-scores.js'

/** How unlike its neighbours by anatomy a plan is in dose. */
export interface Outlier {
  readonly plan_id: number
  readonly plan: string
  /** How many times as far from what neighbours suggest as plans usually are; above about 4 it is worth a look. */
  readonly score: number
  /** Mean absolute difference in Gy to what the neighbours suggest, where there is dose. */
  readonly dose_gap_gy: number
  /** The criteria that are farthest from what neighbours suggest, the farthest first. */
  readonly criteria: readonly { criterion: string; own: number; expected: number; score: number }[]
}

export interface OutliersOptions {
  /** Patients whose plans are looked at, and compared with each other. */
  patients: readonly number[]
  /** Plans whose dose is brought. (Default: 10) */
  k?: number
  /** Makes of a plan as it is stored another one, to see whether it is found. (Default: as it is) */
  change?: (anatomy: Anatomy) => Anatomy
  /** Told after each plan. (Default: nobody is told) */
  onProgress?: () => void
  /** Stops between two plans. (Default: none) */
  signal?: AbortSignal
}

/** Criteria that are told of a plan, and by which together it is judged: one alone is often far off. */
const TOLD = 3
/** Plans differ by this at least: where all are nearly the same, a tenth of a Gy is no finding. */
const LEAST_GY = 0.5

/**
 * All plans, the most unlike first. What a plan gets is compared with what the plans nearest by overlap volume histograms
 * suggest; the differences are told in multiples of what is usual for the same criterion over all plans (median absolute
 * deviation, scaled to a standard deviation). The score is the greater of that of the dose and the mean of the three
 * farthest criteria.
 */
export async function outliers(store: Store, options: OutliersOptions): Promise<Outlier[]> {
  const { patients, k = 10, change = unchanged, onProgress, signal } = options
  const known = await dosedPlans(store, patients)
  const anatomies = openAnatomies(store)
  const rows: { anatomy: Anatomy; gap: number; own: DoseCriteria; expected: DoseCriteria }[] = []
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
    const wanted = measuredVoxels(anatomy)
    const { dose } = predictDose(anatomy, others, wanted)
    const own = Float32Array.from(wanted, (voxel) => anatomy.volume.dose![voxel]!)
    let sum = 0
    for (let i = 0; i < own.length; i++) sum += Math.abs(own[i]! - dose[i]!)
    rows.push({
      anatomy,
      gap: sum / own.length,
      own: doseCriteria(anatomy, wanted, own),
      expected: doseCriteria(anatomy, wanted, dose),
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

function unchanged(anatomy: Anatomy): Anatomy {
  return anatomy
}

/** What is known of a plan before it is compared with the others. */
export interface Suspect {
  readonly plan_id: number
  readonly plan: string
  readonly gap: number
  readonly own: DoseCriteria
  readonly expected: DoseCriteria
}

/** Tells differences in multiples of what is usual, and sorts by them. */
export function rankOutliers(suspects: readonly Suspect[]): Outlier[] {
  const differences = suspects.map(
    ({ own, expected }) =>
      new Map([...own].map(([criterion, gy]) => [criterion, gy - expected.get(criterion)!])),
  )
  const usual = new Map(
    [...new Set(differences.flatMap((one) => [...one.keys()]))].map((criterion) => {
      return [criterion, scaleOf(differences.flatMap((one) => one.get(criterion) ?? []))] as const
    }),
  )
  const gaps = scaleOf(suspects.map(({ gap }) => gap))
  return suspects
    .map(({ plan_id, plan, gap, own, expected }, i): Outlier => {
      const criteria = [...differences[i]!]
        .map(([criterion, difference]) => ({
          criterion,
          own: own.get(criterion)!,
          expected: expected.get(criterion)!,
          score: Math.abs(difference - usual.get(criterion)!.middle) / usual.get(criterion)!.scale,
        }))
        .sort((a, b) => b.score - a.score)
        .slice(0, TOLD)
      const far = criteria.reduce((sum, { score }) => sum + score, 0) / Math.max(1, criteria.length)
      // Only more than usual is a finding.
      const score = Math.max((gap - gaps.middle) / gaps.scale, far)
      return { plan_id, plan, score, dose_gap_gy: gap, criteria }
    })
    .sort((a, b) => b.score - a.score || a.plan_id - b.plan_id)
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
