import { random } from '../core/random.js'

/** A mean with its confidence interval. */
export interface Estimate {
  readonly mean: number
  /** Ends of the interval that holds 95 % of the means of resampled patients. */
  readonly low: number
  readonly high: number
}

export interface BootstrapOptions {
  /** (Default: 1) */
  seed?: number
  /** (Default: 2000) */
  resamples?: number
}

/**
 * Mean of values with the interval that patients drawn anew give it. Slices of one patient are nearly copies of each
 * other: to draw them one by one would make the interval many times too narrow. Values that are NaN do not count.
 */
export function bootstrapMean(
  values: Float64Array,
  patients: Int32Array,
  options: BootstrapOptions = {},
): Estimate {
  const { seed = 1, resamples = 2000 } = options
  const sums = new Map<number, { sum: number; count: number }>()
  values.forEach((value, i) => {
    if (Number.isNaN(value)) return
    const own = sums.get(patients[i]!) ?? { sum: 0, count: 0 }
    sums.set(patients[i]!, { sum: own.sum + value, count: own.count + 1 })
  })
  const groups = [...sums.entries()].sort(([a], [b]) => a - b).map(([, group]) => group)
  const meanOf = (drawn: readonly { sum: number; count: number }[]) =>
    drawn.reduce((all, { sum }) => all + sum, 0) / drawn.reduce((all, { count }) => all + count, 0)
  const mean = meanOf(groups)
  if (groups.length === 0) return { mean: NaN, low: NaN, high: NaN }
  const source = random(seed)
  const means = Float64Array.from({ length: resamples }, () =>
    meanOf(groups.map(() => groups[source.integer(0, groups.length - 1)]!)),
  ).sort()
  const at = (share: number) => means[Math.round(share * (resamples - 1))] as number
  return { mean, low: at(0.025), high: at(0.975) }
}
