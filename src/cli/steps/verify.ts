import type { PlanSource } from '../../ingest/plan-source.js'
import type { Store } from '../../store/connection/connect.js'
import { verifyPlans } from '../../store/verify/verify-plans.js'
import type { Context } from '../context.js'
import { startProgress } from '../progress.js'

export interface VerifyStepOptions {
  dataset: string
  sample: number
}

export interface VerifySummary {
  readonly dataset: string
  /** Number of plans that were compared. */
  readonly plans: number
  readonly differences: { plan: string; part: string; problem: string }[]
}

/** Compares a sample of plans with the database, with progress, and lists the differences. */
export async function verify(
  { output, signal }: Context,
  store: Store,
  sources: readonly PlanSource[],
  { dataset, sample }: VerifyStepOptions,
): Promise<VerifySummary> {
  const found: VerifySummary['differences'] = []
  let plans = 0
  const progress = startProgress(output, 'verify plans', Math.min(sample, sources.length))
  try {
    for await (const { key, differences } of verifyPlans(store, dataset, sources, {
      sample,
      signal,
    })) {
      plans++
      found.push(...differences.map((difference) => ({ plan: key, ...difference })))
      progress.advance(1, found.length > 0 ? `${found.length} differences` : undefined)
    }
  } finally {
    progress.finish()
  }
  output.say(`data set ${dataset}: ${plans} plans compared, ${found.length} differences`)
  for (const { plan, part, problem } of found) output.warn(`${plan}, ${part}: ${problem}`)
  return { dataset, plans, differences: found }
}
