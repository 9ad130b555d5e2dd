import { VOTES } from './retrieval-quality.js'
import { gap } from './plan-criteria.js'
import type { Asked } from './slice-quality.js'

/** Dose criteria of plans by their ids. */
export type CriteriaOf = ReadonlyMap<number, ReadonlyMap<string, number>>

/** The plan that most neighbours of a plan's slices are of; among equals the one that stands first in the lists. */
export function votedPlans(asked: Asked, voters: Int32Array): Map<number, number> {
  const { facts, queries } = asked
  const votes = new Map<number, Map<number, number>>()
  queries.forEach((query, i) => {
    const own = votes.get(facts.plans[query]!) ?? new Map<number, number>()
    votes.set(facts.plans[query]!, own)
    for (const voter of voters.subarray(i * VOTES, (i + 1) * VOTES)) {
      const plan = facts.plans[voter]!
      own.set(plan, (own.get(plan) ?? 0) + 1)
    }
  })
  return new Map(
    [...votes].map(([plan, own]) => {
      const [first] = [...own].sort(([, a], [, b]) => b - a)
      return [plan, first![0]]
    }),
  )
}

/** Mean absolute difference of criteria in Gy between plans and those that were found for them. */
export function planGaps(found: ReadonlyMap<number, number>, criteria: CriteriaOf): Float64Array {
  return Float64Array.from(found, ([plan, other]) => gapOf(criteria, plan, other))
}

/** Of each plan: what a blind choice gets on average, and the best that there is. */
export function planBounds(
  plans: readonly number[],
  stored: readonly number[],
  criteria: CriteriaOf,
): { blind: Float64Array; best: Float64Array } {
  const all = plans.map((plan) =>
    stored.map((other) => gapOf(criteria, plan, other)).filter((value) => !Number.isNaN(value)),
  )
  return {
    blind: Float64Array.from(all, (gaps) => gaps.reduce((a, b) => a + b, 0) / gaps.length),
    best: Float64Array.from(all, (gaps) => Math.min(...gaps)),
  }
}

function gapOf(criteria: CriteriaOf, plan: number, other: number): number {
  return gap(criteria.get(plan) ?? new Map(), criteria.get(other) ?? new Map())
}
