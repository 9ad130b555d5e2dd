import { LshError } from '../core/errors.js'
import { calibrate } from '../hash/calibrate.js'
import type { Store } from '../store/connection/connect.js'
import { countFeatures, featuresOf, visitFeatures } from '../store/encode/feature-blocks.js'
import type { Cohorts } from '../store/plans/cohorts.js'
import { queryItems, slicePatients } from '../store/plans/patients.js'
import { readSpace } from '../store/spaces/read-space.js'
import { bucketSizes } from './code-health.js'
import type {
  EvaluationSettings,
  FamilyFacts,
  RetrievedQuery,
  SpaceEvaluation,
} from './evaluation.js'
import { evaluatePlans } from './evaluate-plans.js'
import {
  CALIBRATED,
  fitFamilies,
  type MeasuredFamily,
  type MeasuredKind,
} from './measured-family.js'
import { bucketCounters, measureCodes } from './measure-codes.js'
import { measureEncoder } from './measure-encoder.js'
import { measureTraining } from './measure-training.js'
import { drawnOrder } from './nearest-lists.js'
import { neighbourFinder, type Neighbours } from './neighbours.js'
import { rankedAgreement } from './ranked-agreement.js'
import { retrievable, retrieved } from './retrieved.js'
import { searchCosts } from './search-cost.js'
import {
  agreementByBits,
  agreementByRetrieved,
  CURVE_BITS,
  curveFamilies,
} from './space-agreement.js'
import { encodersOf, plansOf, treatedSlices } from './space-facts.js'
import { spread } from './spread.js'

export interface EvaluateSpaceOptions {
  dataset: string
  /** Query patients and searched patients. */
  cohorts: Cohorts
  seed: number
  settings: EvaluationSettings
  kinds: readonly MeasuredKind[]
  /** Called with a description of each step. (Default: none) */
  onStep?: (step: string) => void
  /** Stops between two steps. (Default: none) */
  signal?: AbortSignal
}

/** Queries of an index search that are timed one by one. */
const TIMED = 50
/** Queries that pictures show. */
const PICTURED = 2

/** Measures one space of a data set. */
export async function evaluateSpace(
  store: Store,
  space: string,
  options: EvaluateSpaceOptions,
): Promise<SpaceEvaluation> {
  const { dataset, cohorts, seed, settings, kinds, onStep, signal } = options
  const step = (name: string) => {
    signal?.throwIfAborted()
    onStep?.(`${space}: ${name}`)
  }
  const { dims, parts } = await readSpace(store, space)
  const { asking, searched } = cohorts
  const from = { dims, patients: [...asking, ...searched] }
  step('fit families')
  const sample: Float32Array[] = []
  await visitFeatures(
    store,
    space,
    // Families are not fitted to query patients.
    { dims, patients: searched, sample: { rows: settings.sample, seed } },
    ({ vectors }) => {
      for (let at = 0; at < vectors.length; at += dims) sample.push(vectors.subarray(at, at + dims))
    },
  )
  const items = await queriesOf(store, space, options)
  const families = fitFamilies(sample, { kinds, bits: settings.bits, seed })

  step('find neighbours')
  const queries = await featuresOf(store, space, { ...from, items })
  const k = Math.max(settings.most_retrieved, settings.k)
  const { visit, found } = neighbourFinder(queries, {
    k,
    families,
    searched: new Set(searched),
    order: drawnOrder(seed),
  })
  const ranked = rankedAgreement(sample, queries, { settings, seed, searched: new Set(searched) })
  const buckets = bucketCounters(sample, seed)
  await visitFeatures(store, space, from, (block) => {
    signal?.throwIfAborted()
    visit(block)
    ranked.visit(block)
    for (const { count } of buckets) count(block.vectors)
  })

  step('measure codes')
  const looked = sample.slice(0, CALIBRATED)
  const geometry = measureCodes(families, looked, { settings, seed })
  step('train the kernel')
  const training = measureTraining(sample, {
    bits: Math.min(CURVE_BITS, Math.max(...settings.bits)),
    seed,
  })
  step('search by the index')
  const places = Array.from(items.keys())
  const timed = spread(places, TIMED)
  const search = await searchCosts(
    store,
    space,
    {
      items: timed.map((place) => items[place] as number),
      patients: Int32Array.from(timed, (place) => queries.patients[place] as number),
    },
    signal ? { signal } : {},
  )
  const plans = search.length > 0 ? await plansOf(store, items) : []
  const pictured = spread(await treatedSlices(store, items), PICTURED)
  step('reconstruct')
  const encoders = await encodersOf(store, space)
  // A space that joins others has no reconstruction of its own, but those of its parts.
  const encoder = parts ? undefined : encoders[0]
  const measuring = { dataset, ...(signal ? { signal } : {}) }
  const { radius, meanDistance } = calibrate(looked)
  return {
    space,
    dims,
    ...(await countFeatures(store, space, from.patients)),
    encoders,
    families: families.map(familyFacts),
    radius,
    mean_distance: meanDistance,
    queries: items,
    query_patients: Array.from(queries.patients),
    agreement: [
      ...agreementByBits(found, { settings, seed }),
      ...agreementByRetrieved(found, { settings, seed }),
    ],
    ranked: ranked.agreement(found.exact),
    training,
    ...geometry,
    buckets: buckets.map(({ name, counts }) => bucketSizes(name, counts)),
    retrieved: await retrievedOf(store, found, pictured),
    search,
    plans: plans.length > 0 ? await evaluatePlans(store, space, { plans, searched, seed }) : null,
    // Of the first image that the encoder sees, which the page draws.
    reconstruction: encoder
      ? ((await measureEncoder(store, encoder.name, measuring))[0] ?? null)
      : null,
  }
}

/** The slices that codes of the first kind find for the queries in pictures. */
async function retrievedOf(
  store: Store,
  found: Neighbours,
  pictured: readonly number[],
): Promise<RetrievedQuery[]> {
  const [coded] = curveFamilies(found.coded)
  if (!coded) return []
  const places = pictured.map((item) => found.queries.items.indexOf(item))
  const items = places.flatMap((query) => retrievable(found, coded, query))
  const patients = await slicePatients(store, [...new Set(items)])
  return places.map((query) => retrieved(found, coded, { query, patients }))
}

async function queriesOf(
  store: Store,
  space: string,
  { dataset, cohorts, seed, settings }: EvaluateSpaceOptions,
): Promise<number[]> {
  const items = await queryItems(store, space, {
    queries: settings.queries,
    seed,
    patients: cohorts.asking,
  })
  if (items.length > 0) return items
  throw new LshError(
    'LSH03',
    `space "${space}" has no slices of "${dataset}" whose patients were not trained on`,
    {
      hint: `Fill it: "pg-lsh encode --space ${space}"; or train with held-out patients.`,
    },
  )
}

function familyFacts({ kind, family, lengths }: MeasuredFamily): FamilyFacts {
  const { bits, levels, seed, bandwidth, checksum } = family
  return { kind, bits, levels, seed, bandwidth, checksum, lengths }
}
