import { random } from '../core/random.js'
import { bootstrapMean, type Estimate } from './bootstrap.js'

/** Mean paired difference between two methods on the same patients. */
export interface PairedDifference extends Estimate {
  readonly patients: number
  /**
   * P-value of a two-sided sign-flip test over patients, corrected by Holm for the number of comparisons in a table;
   * null for fewer than two patients.
   */
  readonly p: number | null
}

/** Most patients for which all sign patterns are enumerated; beyond that, patterns are drawn. */
const ALL_SIGNS = 12
const DRAWS = 10_000

/** Mean of the patients' differences, with a bootstrap interval and an uncorrected sign-flip test. */
export function pairedDifference(
  differences: Float64Array,
  patients: Int32Array,
  { seed = 1 }: { seed?: number } = {},
): PairedDifference {
  const estimate = bootstrapMean(differences, patients, { seed })
  const means = meansByPatient(differences, patients)
  return { ...estimate, patients: means.length, p: signFlip(means, seed) }
}

/** Corrects p-values for their number (Holm, Scand J Stat 1979). */
export function holm(values: readonly (number | null)[]): (number | null)[] {
  const known = [...values.keys()].filter((i) => values[i] !== null)
  known.sort((a, b) => values[a]! - values[b]!)
  const corrected: (number | null)[] = values.map(() => null)
  let least = 0
  known.forEach((place, rank) => {
    least = Math.max(least, Math.min(1, (known.length - rank) * values[place]!))
    corrected[place] = least
  })
  return corrected
}

function meansByPatient(values: Float64Array, patients: Int32Array): number[] {
  const groups = new Map<number, { sum: number; count: number }>()
  values.forEach((value, i) => {
    if (Number.isNaN(value)) return
    const own = groups.get(patients[i]!) ?? { sum: 0, count: 0 }
    own.sum += value
    own.count++
    groups.set(patients[i]!, own)
  })
  return [...groups.values()].map(({ sum, count }) => sum / count)
}

function signFlip(means: readonly number[], seed: number): number | null {
  const n = means.length
  if (n < 2) return null
  const wanted = Math.abs(means.reduce((a, b) => a + b, 0)) * (1 - 1e-9)
  const isAsFar = (isFlipped: (i: number) => boolean) =>
    Math.abs(means.reduce((sum, value, i) => sum + (isFlipped(i) ? -value : value), 0)) >= wanted
  if (n <= ALL_SIGNS) {
    let count = 0
    for (let signs = 0; signs < 2 ** n; signs++)
      if (isAsFar((i) => ((signs >> i) & 1) === 1)) count++
    return count / 2 ** n
  }
  const source = random(seed)
  let count = 1
  for (let draw = 0; draw < DRAWS; draw++) if (isAsFar(() => source.integer(0, 1) === 1)) count++
  return count / (DRAWS + 1)
}
