import { bootstrapMean, bootstrapMedian, intervalOf, type Estimate } from './bootstrap.js'
import { SCORE_GROUPS, type ScoreGroup } from './score-groups.js'
import type { SliceFacts } from './slice-facts.js'
import type { Distances } from './slice-quality.js'

/** Results for the slices and plans of some query patients. */
export interface SpacePart {
  /** Indices of the query slices. */
  readonly queries: Int32Array
  /** Distances of the results; several for repeated draws. */
  readonly draws: readonly Distances[]
  /** Query plans, and the differences in criteria of their results, in Gy. */
  readonly plans: readonly number[]
  readonly gaps: Float64Array
}

/** Figures of a group of slices. */
export interface GroupQuality {
  readonly group: ScoreGroup
  /** Number of query slices. */
  readonly slices: number
  readonly level_error_mm: Estimate
  readonly dose_gap_gy: Estimate
}

/** The figures of a space over all parts, with intervals over the patients. */
export function spaceFigures(facts: SliceFacts, parts: readonly SpacePart[], seed: number) {
  const ownerOf = new Map(Array.from(facts.plans, (plan, i) => [plan, facts.patients[i]!]))
  const places: number[] = []
  const values: Record<keyof Distances, number[]> = { level: [], levelByOne: [], dose: [] }
  for (const { queries, draws } of parts)
    for (const one of draws) {
      places.push(...queries)
      for (const key of ['level', 'levelByOne', 'dose'] as const)
        for (const value of one[key]) values[key].push(value)
    }
  const patients = Int32Array.from(places, (place) => facts.patients[place]!)
  const gaps = Float64Array.from(parts.flatMap((part) => [...part.gaps]))
  const plans = parts.flatMap((part) => [...part.plans])
  const owners = Int32Array.from(plans, (plan) => ownerOf.get(plan)!)
  const estimates = {
    level_error_mm: bootstrapMedian(Float64Array.from(values.level), patients, { seed }),
    level_error_one_organ_mm: bootstrapMedian(Float64Array.from(values.levelByOne), patients, {
      seed,
    }),
    dose_gap_gy: bootstrapMean(Float64Array.from(values.dose), patients, { seed }),
    dvh_gap_gy: bootstrapMean(gaps, owners, { seed }),
  }
  const groups = SCORE_GROUPS.flatMap((group): GroupQuality[] => {
    const own = [...places.keys()].filter((i) => isIn(facts, places[i]!, group))
    if (own.length === 0) return []
    const patientsHere = Int32Array.from(own, (i) => patients[i]!)
    const of = (key: 'level' | 'dose') => Float64Array.from(own, (i) => values[key][i]!)
    return [
      {
        group,
        slices: new Set(own.map((i) => places[i]!)).size,
        level_error_mm: bootstrapMedian(of('level'), patientsHere, { seed }),
        dose_gap_gy: bootstrapMean(of('dose'), patientsHere, { seed }),
      },
    ]
  })
  return { ...withIntervals(estimates), groups, patients: new Set([...patients, ...owners]).size }
}

function isIn(facts: SliceFacts, place: number, group: ScoreGroup): boolean {
  return group === 'from_1_gy' ? facts.mostGy[place]! >= 1 : facts.parts[place] === group
}

/** Figures with their intervals; null if undefined. */
function withIntervals<Name extends string>(estimates: Readonly<Record<Name, Estimate>>) {
  const entries = Object.entries(estimates) as [Name, Estimate][]
  const figures = entries.map(([name, { mean }]) => [name, Number.isNaN(mean) ? null : mean])
  const known = entries.filter(([, { mean }]) => !Number.isNaN(mean))
  return {
    ...(Object.fromEntries(figures) as Record<Name, number | null>),
    intervals: Object.fromEntries(known.map(([name, estimate]) => [name, intervalOf(estimate)])),
  }
}
