import type { ReconstructionQuality } from '../encode/trained/reconstruction-quality.js'
import type { Cohorts } from '../store/plans/cohorts.js'
import { foldsOf } from '../store/plans/folds.js'
import { readSpace } from '../store/spaces/read-space.js'
import { needsOfSpace, seesOnlyDose } from '../store/spaces/spaces.js'
import type { Store } from '../store/connection/connect.js'
import { NO_ENCODER, encoderQuality } from './encoder-quality.js'
import { cannotBeMeasured, noQueries, notFilled } from './measurable.js'
import {
  nearestOf,
  nearestPlans,
  planBounds,
  planGaps,
  readCriteria,
  type CriteriaOf,
} from './plan-quality.js'
import { findSlices } from './retrieval-quality.js'
import { hasDose, isIrradiated, placesOf, readSliceFacts } from './slice-facts.js'
import { best, blind, distancesTo, type Asked, type Distances } from './slice-quality.js'
import { plansWithTarget } from '../store/plans/slice-structures.js'
import { unseenCohorts } from './unseen-cohorts.js'
import { spaceFigures, type GroupQuality, type SpacePart } from './space-figures.js'

/** Quality of a space on held-out patients. Figures that do not apply to the space are null. */
export interface SpaceQuality {
  readonly space: string
  readonly dims: number | null
  /** Reconstruction quality of each kind of image that the encoder sees. */
  readonly reconstruction: readonly ReconstructionQuality[]
  /** PSNR of the first of them, inside the body and over the whole slice. */
  readonly psnr_body_db: number | null
  readonly psnr_whole_db: number | null
  readonly ssim_body: number | null
  readonly ssim_whole: number | null
  /** Median distance in mm to the nearest slice of another patient, with patients aligned by all their organs. */
  readonly level_error_mm: number | null
  /** The same, aligned by the centre of the mandible alone, or of the spinal cord if one patient lacks the mandible. */
  readonly level_error_one_organ_mm: number | null
  /** Mean absolute difference of dose in Gy from the nearest slice of another patient, inside the body. */
  readonly dose_gap_gy: number | null
  /** Mean absolute difference of the DVH criteria of OpenKBP in Gy from the first plan of `cbir.similar_plans`. */
  readonly dvh_gap_gy: number | null
  /** 95 % bootstrap intervals over patients; null for a single query patient. */
  readonly intervals: Readonly<Record<string, readonly [number, number] | null>>
  /** Share of slices whose nearest slice belongs to their own patient, if its slices are searched too. */
  readonly same_patient_share: number | null
  /** Share of slices with at least two equally near neighbours, between which the seed chose. */
  readonly tied_share: number | null
  readonly encode_per_s: number | null
  /** Number of patients whose slices or plans were queries. */
  readonly patients: number
  /** Level and dose figures by part of the body, and for slices that get at least 1 Gy. */
  readonly groups: readonly GroupQuality[]
}

export interface MeasureSpacesOptions {
  /** Seed of folds, random choices, the order of ties, and the resamples of the intervals. (Default: 1) */
  seed?: number
  /** Data sets to search. (Default: all; of the query data set, only patients that are not queries) */
  against?: readonly string[] | undefined
  /** Number of folds whose patients are queries in turn. (Default: the held-out patients are the queries, once) */
  folds?: number | undefined
  /** Whether to measure quality and speed of encoders, which takes most of the time. (Default: true) */
  encoders?: boolean
  /** Called with a space that cannot be measured, which is left out, and the reason. (Default: the error is thrown) */
  onRefused?: (space: string, reason: string) => void
  /** Called with limitations of the figures of a space. (Default: none) */
  onRemark?: (space: string, remark: string) => void
  /** Called with a description of each step. (Default: none) */
  onStep?: (step: string) => void
  /** Stops between two steps. (Default: none) */
  signal?: AbortSignal
}

/**
 * Searches the archive with every slice of the query patients; then with whole plans, by the distance of
 * `cbir.similar_plans`. In spaces that only see dose, slices without dose are left out. In folds, an encoder's training
 * patients are not queries in its spaces. The last two results are `random`, a random choice, and `oracle`, the best
 * possible choice.
 *
 * @throws LshError `LSH03` if an encoder was trained on all query patients or, without folds, on some of them.
 */
export async function measureSpaces(
  store: Store,
  dataset: string,
  spaces: readonly string[],
  options: MeasureSpacesOptions,
): Promise<SpaceQuality[]> {
  const { seed = 1, against, folds, encoders = true, onRefused, onRemark, onStep, signal } = options
  const step = (name: string) => {
    signal?.throwIfAborted()
    onStep?.(name)
  }
  const cohorts = await foldsOf(store, dataset, { against, spaces, seed, folds })
  step('read slices')
  const everybody = [...new Set(cohorts.flatMap((one) => [...one.asking, ...one.searched]))]
  const facts = await readSliceFacts(store, everybody, signal ? { signal } : {})
  const plansIn = (places: Int32Array) => [...new Set(places.map((place) => facts.plans[place]!))]
  const known = await readCriteria(store, [...new Set(facts.plans)])
  const figures = (parts: readonly SpacePart[]) => spaceFigures(facts, parts, seed)
  const askedOf = ({ asking, searched }: Cohorts): Asked => ({
    facts,
    queries: placesOf(facts, asking),
    stored: placesOf(facts, searched),
  })

  const measure = async (space: string): Promise<SpaceQuality> => {
    step(`${space}: find neighbours`)
    const { dims, pooling } = await readSpace(store, space)
    const parts: SpacePart[] = []
    const shares: { slices: number; same: number; tied: number }[] = []
    let missing = 0
    for (const cohort of await unseenCohorts(store, space, { cohorts, folds, onRemark })) {
      signal?.throwIfAborted()
      if (pooling) {
        const asked = askedOf(cohort)
        const [plans, stored] = [plansIn(asked.queries), plansIn(asked.stored)]
        const found = nearestOf(await nearestPlans(store, space, { plans, stored, seed }))
        if (found.size < plans.length) throw notFilled(space)
        parts.push({ queries: new Int32Array(0), draws: [], ...gapsOf(found, known) })
        continue
      }
      const asked = await comparedIn(store, space, askedOf(cohort))
      if (asked.queries.length === 0) continue
      const near = await findSlices(store, space, asked, seed)
      missing = Math.max(missing, near.missing)
      const slices = asked.queries.length
      shares.push({ slices, same: near.samePatientShare, tied: near.tiedShare })
      const found = gapsOf(nearestOf(near.plans), known)
      parts.push({ queries: asked.queries, draws: [distancesTo(asked, near.nearest)], ...found })
    }
    if (parts.length === 0) throw noQueries(space, await needsOfSpace(store, space))
    if (missing > 0)
      onRemark?.(space, `${missing} searched slices have no features and cannot be found`)
    if (pooling) return { space, ...NOTHING, dims, ...figures(parts) }
    const slices = shares.reduce((sum, one) => sum + one.slices, 0)
    const share = (of: 'same' | 'tied') =>
      shares.reduce((sum, one) => sum + one.slices * one[of], 0) / slices
    const own = encoders ? await ownQuality(space) : NO_ENCODER
    return {
      space,
      ...own,
      dims,
      ...figures(parts),
      same_patient_share: share('same'),
      tied_share: share('tied'),
    }
  }
  const ownQuality = async (space: string) => {
    step(`${space}: reconstruct and encode`)
    const asking = cohorts.flatMap((one) => [...one.asking])
    return encoderQuality(store, space, { dataset, asking, ...(signal ? { signal } : {}) })
  }

  const measured: SpaceQuality[] = []
  for (const space of spaces) {
    try {
      measured.push(await measure(space))
    } catch (error) {
      if (!onRefused || !cannotBeMeasured(error)) throw error
      onRefused(space, error.message)
    }
  }
  step('random and oracle')
  const bounds = cohorts.map((cohort) => {
    const asked = askedOf(cohort)
    const plans = plansIn(asked.queries)
    return { asked, plans, ...planBounds(plans, plansIn(asked.stored), known) }
  })
  const bound = (draw: (asked: Asked) => readonly Distances[], of: 'blind' | 'best') =>
    figures(
      bounds.map(({ asked, plans, [of]: gaps }) => ({
        queries: asked.queries,
        draws: draw(asked),
        plans,
        gaps,
      })),
    )
  return [
    ...measured,
    { space: 'random', ...NOTHING, ...bound((asked) => blind(asked, seed), 'blind') },
    { space: 'oracle', ...NOTHING, ...bound((asked) => [best(asked)], 'best') },
  ]
}

/** The slices to compare in a space: those that have what its encoders need. */
async function comparedIn(store: Store, space: string, asked: Asked): Promise<Asked> {
  const needs = await needsOfSpace(store, space)
  if (!needs.dose && !needs.structures) return asked
  const { facts, queries, stored } = asked
  const tells = (await seesOnlyDose(store, space)) ? isIrradiated : hasDose
  const drawn = needs.structures ? await plansWithTarget(store, facts.plans) : null
  const isCompared = (place: number) =>
    (!needs.dose || tells(facts, place)) && (drawn?.has(facts.plans[place]!) ?? true)
  return { facts, queries: queries.filter(isCompared), stored: stored.filter(isCompared) }
}

function gapsOf(found: ReadonlyMap<number, number>, known: CriteriaOf) {
  return { plans: [...found.keys()], gaps: planGaps(found, known) }
}

const NOTHING = {
  ...NO_ENCODER,
  dims: null,
  same_patient_share: null,
  tied_share: null,
}
