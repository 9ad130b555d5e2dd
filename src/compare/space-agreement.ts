import { agreementAt } from './agreement.js'
import { bootstrapMean } from './bootstrap.js'
import type { Agreement, EvaluationSettings } from './evaluation.js'
import type { CodedNeighbours, Neighbours } from './neighbours.js'
import { spread } from './spread.js'

export interface AgreementOptions {
  settings: EvaluationSettings
  seed: number
}

/** Code length of the figures over the number of neighbours. */
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

/** Dice and Jaccard over the number of retrieved images, for some of the queries, at one code length. */
export function agreementByRetrieved(
  { queries, exact, coded }: Neighbours,
  { settings, seed }: AgreementOptions,
): Agreement[] {
  const chosen = spread(Array.from(queries.items.keys()), settings.curve_queries)
  const patients = Int32Array.from(chosen, (query) => queries.patients[query] as number)
  const counts = retrievedCounts(settings.most_retrieved)
  return curveFamilies(coded).flatMap(({ kind, bits, lists }) =>
    counts.map((k): Agreement => {
      const at = agreementAt(exact.others, lists.others, k)
      const own = {
        dice: Float64Array.from(chosen, (query) => at.dice[query] as number),
        jaccard: Float64Array.from(chosen, (query) => at.jaccard[query] as number),
      }
      return {
        ...summary(own, patients, { settings, seed }),
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

/** For each kind, codes of that length, or the longest that are shorter. */
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
