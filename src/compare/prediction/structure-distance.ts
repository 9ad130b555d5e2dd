import { permutation, random } from '../../core/random.js'
import { BANDS_MM } from './probe-voxels.js'
import { stepsOf, TARGET_LEVELS, type Anatomy } from './anatomy.js'
import { nonNegativeWeights } from './non-negative-weights.js'
import { overlapDistance, type OverlapHistograms } from './overlap-histogram.js'
import type { Anatomies, DosedPlan } from './plan-anatomies.js'
import { bringDose } from './predict-dose.js'

/** Name of the space that compares plans by their structures. */
export const STRUCTURE_SPACE = 'plan_structures'
/** Name of the space that compares plans by overlap volume histograms alone. */
export const OVERLAP_SPACE = 'plan_ovh'

/**
 * A learned distance between plans that does not need the dose of the query plan. Its features are the misfit of one
 * anatomy on the other, near the targets and farther away, and the differences between overlap volume histograms and
 * between target sizes.
 */
export interface StructureDistance {
  /** Gy per unit of each feature. */
  readonly weights: Float64Array
  /** Share of the variance of dose differences that the weights explain, on the plans that they were fitted to. */
  readonly explained: number
  readonly pairs: number
}

/** Upper limit of the cost of a place. */
const WORST = 20
/** Fewest plans for a fit of weights. */
export const LEAST_PLANS = 8
/** Other plans that each plan is compared with in the fit, and most plans that are. */
const OTHERS = 12
const FITTED = 60

/** A plan with the data for its comparison. */
interface Probed {
  readonly anatomy: Anatomy
  readonly histograms: OverlapHistograms
  readonly probes: Int32Array
}

/**
 * Features of a pair of plans, none of which needs a dose.
 *
 * @param cost costs of the plan's places in the other plan, as `bringDose` returns them
 */
export function structureFeatures(
  own: Probed,
  other: OverlapHistograms,
  cost: Float32Array,
): Float64Array {
  const { anatomy, probes, histograms } = own
  const all = anatomy.names.indexOf(TARGET_LEVELS.at(-1)!)
  const bands = BANDS_MM.map(stepsOf)
  const features = new Float64Array(bands.length + 2)
  probes.forEach((voxel, i) => {
    const place = anatomy.places[voxel * anatomy.names.length + all]!
    const band = bands.findIndex((end) => place < end)
    features[band]! += Math.min(WORST, cost[i]!) / probes.length
  })
  features[bands.length] = overlapDistance(histograms, other)
  features[bands.length + 1] = sizeDifference(histograms, other)
  return features
}

/** Mean difference of the side lengths of the nested targets, in decimetres. */
function sizeDifference(a: OverlapHistograms, b: OverlapHistograms): number {
  const gaps = TARGET_LEVELS.map((name) =>
    Math.abs((a.get(name)?.[0] ?? 0) - (b.get(name)?.[0] ?? 0)),
  )
  return gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
}

/** Explains why the weights cannot be fitted. */
export function tooFew(plans: number): string {
  return `${plans} plans with dose are too few to fit ${STRUCTURE_SPACE}, which needs ${LEAST_PLANS} plans of several patients`
}

/** Plans by their distance from one, nearest first. */
export async function nearByStructures(
  anatomies: Anatomies,
  { weights }: StructureDistance,
  {
    plan,
    stored,
    signal,
  }: { plan: number; stored: readonly number[]; signal?: AbortSignal | undefined },
): Promise<{ plan: number; distance: number }[]> {
  const own = await probed(anatomies, plan)
  const found: { plan: number; distance: number }[] = []
  for (const other of stored) {
    signal?.throwIfAborted()
    const { features } = await compared(anatomies, own, other)
    found.push({ plan: other, distance: features.reduce((sum, x, f) => sum + weights[f]! * x, 0) })
  }
  return found.sort((a, b) => a.distance - b.distance || a.plan - b.plan)
}

/**
 * Fits the weights to the doses of an archive: over pairs of its plans, the features must explain how much the
 * difference in dose deviates from the mean of the query plan. Null for fewer than `LEAST_PLANS` plans, or plans of a
 * single patient.
 */
export async function fitStructureDistance(
  anatomies: Anatomies,
  plans: readonly DosedPlan[],
  { seed = 1, signal }: { seed?: number; signal?: AbortSignal | undefined } = {},
): Promise<StructureDistance | null> {
  if (plans.length < LEAST_PLANS) return null
  const source = random(seed)
  const order = (count: number) => Array.from(permutation(count, source))
  const rows: Float64Array[] = []
  const targets: number[] = []
  for (const asked of order(plans.length).slice(0, FITTED)) {
    signal?.throwIfAborted()
    const { plan, patient } = plans[asked]!
    const own = await probed(anatomies, plan)
    const others = order(plans.length)
      .map((i) => plans[i]!)
      .filter((other) => other.patient !== patient)
      .slice(0, OTHERS)
    const features: Float64Array[] = []
    const gaps: number[] = []
    for (const { plan: other } of others) {
      const { features: found, dose } = await compared(anatomies, own, other)
      features.push(found)
      gaps.push(doseGap(own, dose))
    }
    // The mean of a plan over all others is removed, since it does not affect which of them is
    // nearest.
    const middles = columnMeans(features)
    rows.push(...features.map((row) => row.map((value, f) => value - middles[f]!)))
    const middle = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
    targets.push(...gaps.map((gap) => gap - middle))
  }
  if (rows.length === 0) return null
  return { ...nonNegativeWeights(rows, Float64Array.from(targets)), pairs: rows.length }
}

async function probed(anatomies: Anatomies, plan: number): Promise<Probed> {
  const anatomy = await anatomies.of(plan)
  const [histograms, probes] = [await anatomies.histograms(plan), await anatomies.probes(plan)]
  return { anatomy, histograms, probes }
}

async function compared(anatomies: Anatomies, own: Probed, other: number) {
  const { dose, cost } = bringDose(own.anatomy, await anatomies.of(other), own.probes, 'deformable')
  return { dose, features: structureFeatures(own, await anatomies.histograms(other), cost) }
}

/** Mean absolute difference in Gy from the dose of another plan, at the compared voxels. */
function doseGap({ anatomy, probes }: Probed, dose: Float32Array): number {
  const truth = anatomy.volume.dose!
  let sum = 0
  for (let i = 0; i < probes.length; i++) sum += Math.abs(dose[i]! - truth[probes[i]!]!)
  return sum / probes.length
}

function columnMeans(rows: readonly Float64Array[]): Float64Array {
  const means = new Float64Array(rows[0]?.length ?? 0)
  for (const row of rows) row.forEach((value, f) => (means[f]! += value / rows.length))
  return means
}
