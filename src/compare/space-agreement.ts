import { agreementAt } from './agreement.js'
import { bootstrapMean } from './bootstrap.js'
import type { Agreement, EvaluationSettings, RetrievedQuery } from './evaluation.js'
import type { CodedNeighbours, Neighbours } from './neighbours.js'
import { listed, type NearestLists } from './nearest-lists.js'

export interface AgreementOptions {
  settings: EvaluationSettings
  seed: number
}

/** Lengths at which neighbours are looked at by their number. */
export const CURVE_BITS = 512

/** Dice and Jaccard of all kinds and lengths at k, with and without the query's own patient. */
export function agreementByBits(
  { queries, exact, coded }: Neighbours,
  { settings, seed }: AgreementOptions,
): Agreement[] {
  return coded.flatMap(({ kind, bits, lists }) =>
    [false, true].map((samePatient): Agreement => {
      const [truth, found] = samePatient ? [exact.all, lists.all] : [exact.others, lists.others]
      const at = agreementAt(truth, found, settings.k)
      return {
        ...summary(at, queries.patients, { settings, seed }),
        kind,
        bits,
        k: settings.k,
        same_patient: samePatient,
        overlaps: samePatient ? null : Array.from(at.overlap),
        sizes: samePatient ? null : Array.from(at.size),
      }
    }),
  )
}

/** Dice and Jaccard over the number of retrieved images, on the first queries, at the length of the curves. */
export function agreementByRetrieved(
  { queries, exact, coded }: Neighbours,
  { settings, seed }: AgreementOptions,
): Agreement[] {
  const patients = queries.patients.subarray(0, settings.curve_queries)
  const counts = retrievedCounts(settings.most_retrieved)
  return curveFamilies(coded).flatMap(({ kind, bits, lists }) =>
    counts.map((k): Agreement => {
      const at = agreementAt(exact.others, lists.others, k)
      const first = {
        dice: at.dice.subarray(0, patients.length),
        jaccard: at.jaccard.subarray(0, patients.length),
      }
      return {
        ...summary(first, patients, { settings, seed }),
        kind,
        bits,
        k,
        same_patient: false,
        overlaps: null,
        sizes: null,
      }
    }),
  )
}

/** Of each kind the codes of the length of the curves, or the longest below it. */
export function curveFamilies(coded: readonly CodedNeighbours[]): CodedNeighbours[] {
  const kinds = [...new Set(coded.map(({ kind }) => kind))]
  return kinds.flatMap((kind) => {
    const own = coded.filter((one) => one.kind === kind)
    const short = own.filter(({ bits }) => bits <= CURVE_BITS).sort((a, b) => b.bits - a.bits)
    return short[0] ?? own.sort((a, b) => a.bits - b.bits)[0] ?? []
  })
}

function retrievedCounts(most: number): number[] {
  const all = Array.from({ length: most }, (_, i) => i + 1)
  return all.filter((k) => k <= 10 || k % 5 === 0)
}

function summary(
  { dice, jaccard }: { dice: Float64Array; jaccard: Float64Array },
  patients: Int32Array,
  { settings, seed }: AgreementOptions,
) {
  const options = { seed, resamples: settings.resamples }
  return {
    queries: dice.length,
    patients: new Set(patients).size,
    dice: bootstrapMean(dice, patients, options),
    jaccard: bootstrapMean(jaccard, patients, options),
  }
}

/** Neighbours that a picture shows, and the codes that are put into the order of their true distances. */
const SHOWN = 5
const RERANKED = 100

/** What three ways to rank find for a query, of one family. */
export function retrieved(
  { queries, exact }: Neighbours,
  { kind, bits, lists }: CodedNeighbours,
  query: number,
): RetrievedQuery {
  const truth = firstOf(exact.others, query, SHOWN)
  const edge = truth.at(-1)?.distance ?? Infinity
  const candidates = firstOf(lists.others, query, Math.min(RERANKED, lists.others.k))
  const byDistance = [...candidates].sort((a, b) => a.distance - b.distance || a.item - b.item)
  const marked = (rows: readonly Found[]) =>
    rows.slice(0, SHOWN).map((row) => ({ ...row, hit: row.distance <= edge }))
  const hammings = new Map(candidates.map(({ item, hamming }) => [item, hamming]))
  return {
    item: queries.items[query] as number,
    kind,
    bits,
    rankings: [
      { by: 'hamming', found: marked(candidates) },
      { by: 'reranked', found: marked(byDistance) },
      {
        by: 'exact',
        found: marked(truth.map((row) => ({ ...row, hamming: hammings.get(row.item) ?? null }))),
      },
    ],
  }
}

interface Found {
  readonly item: number
  readonly distance: number
  readonly hamming: number | null
}

function firstOf(lists: NearestLists, query: number, count: number): Found[] {
  const first = query * lists.k
  return Array.from({ length: Math.min(count, listed(lists, query)) }, (_, place) => ({
    item: lists.keys[first + place] as number,
    distance: lists.distances[first + place] as number,
    hamming: lists.ranks[first + place] as number,
  }))
}
