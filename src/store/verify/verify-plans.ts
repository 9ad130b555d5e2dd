import { LshError } from '../../core/errors.js'
import { permutation, random } from '../../core/random.js'
import type { PlanSource } from '../../ingest/plan-source.js'
import type { Store } from '../connection/connect.js'
import { openFeatureCheck } from './feature-differences.js'
import { planDifferences, type Difference } from './plan-differences.js'
import { readAhead } from '../plans/read-ahead.js'
import { ownChecks } from './own-checks.js'
import { choosePlans } from '../plans/unload.js'

export interface VerifyOptions {
  /** Number of plans to check, chosen at random. (Default: 10) */
  sample?: number
  /** Seed of that choice. (Default: 1) */
  seed?: number
  /** Stops the work. (Default: none) */
  signal?: AbortSignal
}

export interface VerifiedPlan {
  /** Key of the plan in its data set. */
  readonly key: string
  readonly differences: readonly Difference[]
}

/**
 * Reads a sample of the plans of a data set again from their files, and compares the results with the database: CT,
 * doses, previews, structures, features and codes. It also computes volumes and doses in a simpler way, which reveals
 * errors of the loader. Yields each plan with its differences.
 *
 * @throws LshError `LSH01` if no file belongs to a plan of the data set.
 */
export async function* verifyPlans(
  store: Store,
  dataset: string,
  sources: readonly PlanSource[],
  options: VerifyOptions = {},
): AsyncGenerator<VerifiedPlan, void, undefined> {
  const { sample = 10, seed = 1, signal } = options
  const plans = await choosePlans(store, { dataset })
  const byKey = new Map(sources.map((source) => [source.source.sourceKey, source]))
  const pairs = plans.flatMap((plan) => {
    const source = byKey.get(plan.key)
    return source ? [{ plan, source }] : []
  })
  if (pairs.length === 0)
    throw new LshError(
      'LSH01',
      `none of the ${sources.length} plans found is in data set "${dataset}"`,
      {
        hint: `Its plans have keys such as ${plans[0]?.key}: name the folder that they were loaded from.`,
      },
    )
  const chosen = [...permutation(pairs.length, random(seed)).subarray(0, sample)]
    .sort((a, b) => a - b)
    .map((i) => pairs[i] as (typeof pairs)[number])
  const features = await openFeatureCheck(store)
  try {
    let at = 0
    for await (const { key, read } of readAhead(chosen.map(({ source }) => source))) {
      signal?.throwIfAborted()
      const { plan, source } = chosen[at++] as (typeof chosen)[number]
      const { id } = plan
      if (read.kind === 'refused')
        yield { key, differences: [{ part: 'files', problem: read.refusal.message }] }
      if (read.kind !== 'read') continue
      const differences = await planDifferences(store, id, read.plan)
      differences.push(...(await ownChecks(store, id, source)))
      differences.push(...(await features.differences(id, read.plan)))
      yield { key, differences }
    }
  } finally {
    await features.close()
  }
}
