import { random } from '../core/random.js'

/** A mean or median with its confidence interval. */
export interface Estimate {
  readonly mean: number
  /** 95 % bootstrap interval over patients; null for fewer than two patients. */
  readonly low: number | null
  readonly high: number | null
}

export interface BootstrapOptions {
  /** (Default: 1) */
  seed?: number
  /** (Default: 2000) */
  resamples?: number
}

/**
 * Mean of values with a bootstrap interval over patients (cluster bootstrap). Slices of one patient are almost copies
 * of each other; resampling single slices would make the interval many times too narrow. A single patient has no
 * interval. NaN values are ignored.
 */
export function bootstrapMean(
  values: Float64Array,
  patients: Int32Array,
  options: BootstrapOptions = {},
): Estimate {
  return bootstrap(byPatient(values, patients), options, {
    prepare: (own) => ({ sum: own.reduce((a, b) => a + b, 0), count: own.length }),
    of: (drawn) =>
      drawn.reduce((all, { sum }) => all + sum, 0) /
      drawn.reduce((all, { count }) => all + count, 0),
  })
}

/** As `bootstrapMean`, for the median of all values. */
export function bootstrapMedian(
  values: Float64Array,
  patients: Int32Array,
  options: BootstrapOptions = {},
): Estimate {
  const groups = byPatient(values, patients)
  // Sorted once: the median of a resample is then found by walking along the values to half of their
  // resampled number.
  const sorted = groups
    .flatMap((own, group) => own.map((value) => ({ value, group })))
    .sort((a, b) => a.value - b.value)
  const ordered = Float64Array.from(sorted, ({ value }) => value)
  const groupOf = Int32Array.from(sorted, ({ group }) => group)
  const times = new Int32Array(groups.length)
  return bootstrap(groups, options, {
    prepare: (own, group) => ({ group, count: own.length }),
    of: (drawn) => {
      times.fill(0)
      for (const { group } of drawn) times[group]!++
      const count = drawn.reduce((all, one) => all + one.count, 0)
      const at = (rank: number, from: { place: number; seen: number }) => {
        while (from.seen <= rank) from.seen += times[groupOf[from.place++]!]!
        return ordered[from.place - 1]!
      }
      const walk = { place: 0, seen: 0 }
      const low = at((count - 1) >> 1, walk)
      return (low + at(count >> 1, walk)) / 2
    },
  })
}

function byPatient(values: Float64Array, patients: Int32Array): number[][] {
  const groups = new Map<number, number[]>()
  values.forEach((value, i) => {
    if (Number.isNaN(value)) return
    const own = groups.get(patients[i]!)
    if (own) own.push(value)
    else groups.set(patients[i]!, [value])
  })
  return [...groups.entries()].sort(([a], [b]) => a - b).map(([, group]) => group)
}

function bootstrap<Group>(
  values: readonly number[][],
  { seed = 1, resamples = 2000 }: BootstrapOptions,
  statistic: {
    prepare: (own: number[], place: number) => Group
    of: (groups: readonly Group[]) => number
  },
): Estimate {
  if (values.length === 0) return { mean: NaN, low: null, high: null }
  const groups = values.map(statistic.prepare)
  if (groups.length === 1) return { mean: statistic.of(groups), low: null, high: null }
  const source = random(seed)
  const drawn = Float64Array.from({ length: resamples }, () =>
    statistic.of(groups.map(() => groups[source.integer(0, groups.length - 1)]!)),
  ).sort()
  const at = (share: number) => drawn[Math.round(share * (resamples - 1))] as number
  return { mean: statistic.of(groups), low: at(0.025), high: at(0.975) }
}

/** The interval of an estimate; null if it has none. */
export function intervalOf({ low, high }: Estimate): readonly [number, number] | null {
  return low === null || high === null ? null : [low, high]
}
