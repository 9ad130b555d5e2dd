import type { PlanSource } from '../../ingest/plan-source.js'
import type { Store } from '../../store/connection/connect.js'
import type { LoadOutcome } from '../../store/plans/load-plan.js'
import { plansElsewhere, type PlansElsewhere } from '../../store/plans/plans-elsewhere.js'
import { loadPlans as loadEach } from '../../store/plans/load-plans.js'
import { withRetry } from '../../store/connection/retry.js'
import type { Context } from '../context.js'
import { openLoadLog } from '../load-log.js'
import { startProgress } from '../progress.js'
import { retryOptions } from '../retry-options.js'
import { openFilling } from './fill-while-loading.js'
import { explainPlan, explanationOf, type ExplainedPlan } from './explain-load.js'

export interface LoadStepOptions {
  dataset: string
  /** Stops at the first plan that is refused. (Default: false) */
  strict?: boolean
  /** Memory in MiB for plans that are being read or wait to be stored. (Default: 512) */
  memory?: number
  /** Threads that read. (Default: the number of cores) */
  threads?: number
  /** Seconds to wait for an unavailable server. (Default: 60) */
  retry?: number
  /** File to which a line of JSON per plan is appended. (Default: none) */
  log?: string
  /** Spaces that are filled with the features of what is loaded. (Default: none) */
  encode?: readonly string[]
  /** Also reads plans whose files have not changed. (Default: false) */
  reread?: boolean
  /** Explains how each plan was joined and read; reads all of them. (Default: false) */
  explain?: boolean
}

export interface LoadSummary extends Record<LoadOutcome, number> {
  readonly dataset: string
  /** Slices of the plans that were loaded or replaced. */
  readonly items: number
  /** Features that were added, by space. */
  readonly encoded: Record<string, number>
  readonly refused: { plan: string; message: string; hint: string }[]
  /** Assumptions, and parts that were left out or cut off, by plan. */
  readonly remarks: { plan: string; remarks: readonly string[] }[]
  /** Other data sets with plans of the same files, and the number of these plans. */
  readonly alsoIn: readonly PlansElsewhere[]
  /** How plans were joined and read, if requested. */
  readonly explained?: readonly ExplainedPlan[]
}

/** Loads plans, with progress, a log and features; a refused plan does not stop the others. */
export async function loadPlans(
  context: Context,
  store: Store,
  plans: readonly PlanSource[],
  options: LoadStepOptions,
): Promise<LoadSummary> {
  const { output, signal } = context
  const { dataset, strict = false, threads, explain = false } = options
  const reread = explain || (options.reread ?? false)
  const retry = retryOptions(context, options)
  const counts: Record<LoadOutcome, number> = { loaded: 0, unchanged: 0, replaced: 0 }
  const refused: LoadSummary['refused'] = []
  const remarks: LoadSummary['remarks'] = []
  const explained: ExplainedPlan[] = []
  const standing: string[] = []
  const sources = new Map(plans.map((plan) => [plan.source.sourceKey, plan]))
  let items = 0
  const filling = await openFilling(store, options.encode ?? [], retry)
  const log = await openLoadLog(options.log, dataset)
  const progress = startProgress(output, 'load plans', plans.length)
  try {
    const loaded = loadEach(store, dataset, plans, {
      ...retry,
      reread,
      ...(threads !== undefined && { threads }),
      ...(options.memory !== undefined && { memory: options.memory * 2 ** 20 }),
    })
    for await (const plan of loaded) {
      await log.add(plan)
      if (plan.outcome !== 'refused') {
        counts[plan.outcome]++
        standing.push(plan.key)
      }
      if (plan.refusal) refused.push({ plan: plan.key, ...plan.refusal })
      if (plan.remarks.length > 0) remarks.push({ plan: plan.key, remarks: plan.remarks })
      if (explain) explained.push(explainPlan(sources.get(plan.key), plan))
      items += plan.slices
      progress.advance(1, refused.length > 0 ? `${refused.length} refused` : undefined)
      if (strict && refused.length > 0) break
      signal.throwIfAborted()
      await filling.loaded(plan.slices)
    }
    await filling.rest()
  } finally {
    progress.finish()
    await filling.close()
    await log.close()
  }
  const encoded = filling.added()
  const alsoIn = await withRetry(store, () => plansElsewhere(store, dataset, standing), retry)
  const explanation = explain ? { explained } : {}
  return { dataset, ...counts, items, encoded, refused, remarks, alsoIn, ...explanation }
}

/** Reports what was loaded and what was not, and why. */
export function reportLoad({ output }: Context, summary: LoadSummary): void {
  const { dataset, loaded, unchanged, replaced, items, encoded, refused } = summary
  for (const explained of summary.explained ?? []) output.say(explanationOf(explained))
  output.say(
    `data set ${dataset}: ${loaded} plans loaded, ${replaced} replaced, ${unchanged} unchanged, ` +
      `${refused.length} refused; ${items} slices stored`,
  )
  for (const [space, added] of Object.entries(encoded))
    output.say(`space ${space}: ${added} slices encoded`)
  // An explanation already contains them.
  for (const { plan, remarks } of summary.explained ? [] : summary.remarks)
    output.say([`${plan}: remarks`, ...remarks].join('\n  '))
  for (const { dataset: other, plans } of summary.alsoIn)
    output.warn(
      `${plans === 1 ? '1 plan is' : `${plans} plans are`} in data set "${other}" too: ` +
        'searches find their slices at distance 0, as slices of other patients\n' +
        `  To keep them once, remove one of the data sets: pg-lsh unload --dataset NAME`,
    )
  for (const { plan, message, hint } of refused)
    output.warn(`${plan} refused: ${message}\n  ${hint}`)
}
