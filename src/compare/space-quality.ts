import type { ReconstructionQuality } from '../encode/trained/reconstruction-quality.js'
import type { Store } from '../store/connection/connect.js'
import { cohortsOf } from '../store/plans/cohorts.js'
import { needsDose, seesOnlyDose } from '../store/spaces/spaces.js'
import { readSpace } from '../store/spaces/read-space.js'
import { bootstrapMean, bootstrapMedian, intervalOf, type Estimate } from './bootstrap.js'
import { nearestOf, nearestPlans, planBounds, planGaps, readCriteria } from './plan-quality.js'
import { assertUnseen, cannotBeMeasured, notFilled } from './measurable.js'
import { encoderQuality, NO_ENCODER } from './encoder-quality.js'
import { findSlices } from './retrieval-quality.js'
import { hasDose, isIrradiated, readSliceFacts } from './slice-facts.js'
import { best, blind, distancesTo, type Asked, type Distances } from './slice-quality.js'

/** How good a space is on patients that no training saw. Null where it has nothing of the kind. */
export interface SpaceQuality {
  readonly space: string
  readonly dims: number | null
  /** What comes back of each kind of image that the encoder sees. */
  readonly reconstruction: readonly ReconstructionQuality[]
  /** Of the first of them, inside the body and over the whole slice. */
  readonly psnr_body_db: number | null
  readonly psnr_whole_db: number | null
  readonly ssim_body: number | null
  readonly ssim_whole: number | null
  /** Median distance in mm to the nearest slice of another patient, patients aligned by all their organs. */
  readonly level_error_mm: number | null
  /** The same, aligned by the centre of the mandible alone, or of the spinal cord where one lacks the mandible. */
  readonly level_error_one_organ_mm: number | null
  /** Mean absolute difference of dose in Gy to the nearest slice of another patient, inside the body. */
  readonly dose_gap_gy: number | null
  /** Mean absolute difference of the DVH criteria of OpenKBP in Gy to the plan that `cbir.similar_plans` finds first. */
  readonly dvh_gap_gy: number | null
  /** Ends of the intervals that hold 95 % of what patients drawn anew give; null where only one patient asks. */
  readonly intervals: Readonly<Record<string, readonly [number, number] | null>>
  /** Share of slices whose nearest is of their own patient, when it may be. */
  readonly same_patient_share: number | null
  /** Share of slices with two or more that are equally near, among which the seed chose. */
  readonly tied_share: number | null
  readonly encode_per_s: number | null
}

export interface MeasureSpacesOptions {
  /** Decides what is drawn blindly, which of equals comes first, and the resamples of the intervals. (Default: 1) */
  seed?: number
  /** Data sets that are searched. (Default: all, of the one that asks those who do not ask) */
  against?: readonly string[] | undefined
  /** Also how well and how fast the encoders work, which takes most of the time. (Default: true) */
  encoders?: boolean
  /** Told why a space cannot be measured, which is left out then. (Default: the error is thrown) */
  onRefused?: (space: string, reason: string) => void
  /** Told what limits the figures of a space. (Default: nobody is told) */
  onRemark?: (space: string, remark: string) => void
  /** Told what is being done. (Default: nobody is told) */
  onStep?: (step: string) => void
  /** Stops between two steps. (Default: none) */
  signal?: AbortSignal
}

/**
 * Asks with every slice of the patients set apart for tests, and searches those of all others; then the same for whole
 * plans, by the distance of `cbir.similar_plans`. Slices that get no dose are left out where nothing but dose is seen. Last come `random`, what a blind choice gets, and `oracle`, the best that any choice could.
 *
 * @throws LshError `LSH03` where an encoder was trained on the patients that ask.
 */
export async function measureSpaces(
  store: Store,
  dataset: string,
  spaces: readonly string[],
  options: MeasureSpacesOptions,
): Promise<SpaceQuality[]> {
  const { seed = 1, against, encoders = true, onRefused, onRemark, onStep, signal } = options
  const step = (name: string) => {
    signal?.throwIfAborted()
    onStep?.(name)
  }
  const cohorts = await cohortsOf(store, dataset, { against, spaces, seed })
  step('read slices')
  const everybody = [...cohorts.searched, ...cohorts.asking]
  const facts = await readSliceFacts(store, everybody, signal ? { signal } : {})
  const among = (patients: readonly number[]) =>
    facts.items
      .map((_, place) => place)
      .filter((place) => patients.includes(facts.patients[place]!))
  const asked: Asked = { facts, queries: among(cohorts.asking), stored: among(cohorts.searched) }
  const patientsIn = (places: Int32Array) => places.map((place) => facts.patients[place]!)
  const patients = patientsIn(asked.queries)
  /** What of all is compared in a space: slices without dose are in none that sees doses. */
  const askedIn = async (space: string): Promise<Asked> => {
    if (!(await needsDose(store, space))) return asked
    const { queries, stored } = asked
    const tells = (await seesOnlyDose(store, space)) ? isIrradiated : hasDose
    const isCompared = (place: number) => tells(facts, place)
    return { facts, queries: queries.filter(isCompared), stored: stored.filter(isCompared) }
  }
  const plansIn = (places: Int32Array) => [...new Set(places.map((place) => facts.plans[place]!))]
  const plans = plansIn(asked.queries)
  const known = await readCriteria(store, [...plans, ...plansIn(asked.stored)])
  const ownerOf = new Map(Array.from(facts.plans, (plan, i) => [plan, facts.patients[i]!]))
  const owners = (of: readonly number[]) => Int32Array.from(of, (plan) => ownerOf.get(plan)!)

  const summary = (
    distances: readonly Distances[],
    gaps: Float64Array,
    planOwners: Int32Array,
    patients: Int32Array,
  ) => {
    const all = (of: (one: Distances) => Float64Array) =>
      Float64Array.from(distances.flatMap((one) => Array.from(of(one))))
    const repeated = Int32Array.from(distances.flatMap(() => Array.from(patients)))
    return told({
      level_error_mm: bootstrapMedian(
        all(({ level }) => level),
        repeated,
        { seed },
      ),
      level_error_one_organ_mm: bootstrapMedian(
        all((one) => one.levelByOne),
        repeated,
        { seed },
      ),
      dose_gap_gy: bootstrapMean(
        all(({ dose }) => dose),
        repeated,
        { seed },
      ),
      dvh_gap_gy: bootstrapMean(gaps, planOwners, { seed }),
    })
  }

  const measure = async (space: string): Promise<SpaceQuality> => {
    step(`${space}: find neighbours`)
    const { dims, pooling } = await readSpace(store, space)
    if (pooling) {
      const stored = plansIn(asked.stored)
      const found = nearestOf(await nearestPlans(store, space, { plans, stored, seed }))
      if (found.size < plans.length) throw notFilled(space)
      step(`${space}: compare plans`)
      const gaps = planGaps(found, known)
      const { dvh_gap_gy, intervals } = summary([], gaps, owners([...found.keys()]), patients)
      return { space, ...NOTHING, dims, dvh_gap_gy, intervals }
    }
    const here = await askedIn(space)
    const { nearest, samePatientShare, tiedShare, missing, ...near } = await findSlices(
      store,
      space,
      here,
      seed,
    )
    if (missing > 0)
      onRemark?.(space, `${missing} slices that are searched have no features, and cannot be found`)
    const found = nearestOf(near.plans)
    const gaps = planGaps(found, known)
    const own = encoders ? await ownQuality(space) : NO_ENCODER
    const asking = patientsIn(here.queries)
    return {
      space,
      dims,
      ...own,
      ...summary([distancesTo(here, nearest)], gaps, owners([...found.keys()]), asking),
      same_patient_share: samePatientShare,
      tied_share: tiedShare,
    }
  }
  const ownQuality = (space: string) => {
    step(`${space}: reconstruct and encode`)
    const { asking } = cohorts
    return encoderQuality(store, space, { dataset, asking, ...(signal ? { signal } : {}) })
  }

  const measured: SpaceQuality[] = []
  for (const space of spaces) {
    try {
      await assertUnseen(store, space, cohorts.asking)
      measured.push(await measure(space))
    } catch (error) {
      if (!onRefused || !cannotBeMeasured(error)) throw error
      onRefused(space, error.message)
    }
  }
  step('random and oracle')
  const bounds = planBounds(plans, plansIn(asked.stored), known)
  return [
    ...measured,
    {
      space: 'random',
      ...NOTHING,
      ...summary(blind(asked, seed), bounds.blind, owners(plans), patients),
    },
    {
      space: 'oracle',
      ...NOTHING,
      ...summary([best(asked)], bounds.best, owners(plans), patients),
    },
  ]
}

const NOTHING = {
  ...NO_ENCODER,
  dims: null,
  level_error_mm: null,
  level_error_one_organ_mm: null,
  dose_gap_gy: null,
  same_patient_share: null,
  tied_share: null,
}

/** Figures with their intervals; null where nothing could be told. */
function told<Name extends string>(estimates: Readonly<Record<Name, Estimate>>) {
  const entries = Object.entries(estimates) as [Name, Estimate][]
  const figures = entries.map(([name, { mean }]) => [name, Number.isNaN(mean) ? null : mean])
  const known = entries.filter(([, { mean }]) => !Number.isNaN(mean))
  return {
    ...(Object.fromEntries(figures) as Record<Name, number | null>),
    intervals: Object.fromEntries(known.map(([name, estimate]) => [name, intervalOf(estimate)])),
  }
}
