import { LshError } from '../../core/errors.js'
import type { Plan } from '../../core/plan.js'
import { listOpenKbp, readOpenKbp } from '../../ingest/openkbp.js'
import { syntheticPlans, type PhantomOptions } from '../../ingest/phantom.js'
import type { Store } from '../../store/connect.js'
import { loadPlan, type LoadOutcome } from '../../store/load-plan.js'
import type { Context } from '../context.js'
import { startProgress } from '../progress.js'

/** A plan that is still to be read. */
export interface PendingPlan {
  readonly key: string
  readonly read: () => Promise<Plan>
}

export interface LoadSummary extends Record<LoadOutcome, number> {
  readonly dataset: string
  /** Slices of the plans that were loaded or replaced. */
  readonly items: number
  readonly refused: { plan: string; message: string; hint: string }[]
}

export async function openKbpPlans(folder: string): Promise<PendingPlan[]> {
  const sources = await listOpenKbp(folder)
  return sources.map((source) => ({ key: source.sourceKey, read: () => readOpenKbp(source) }))
}

export function phantomPlans(options: PhantomOptions & { patients: number }): PendingPlan[] {
  const plans = syntheticPlans(options)
  return Array.from({ length: options.patients }, (_, i) => ({
    key: `phantom ${i + 1}`,
    read: () => Promise.resolve(plans.next().value as Plan),
  }))
}

/** Loads plans one by one, each in a transaction of its own; a plan that is refused does not stop the others. */
export async function loadPlans(
  { output, signal }: Context,
  store: Store,
  plans: readonly PendingPlan[],
  options: { dataset: string; strict?: boolean },
): Promise<LoadSummary> {
  const { dataset, strict = false } = options
  const counts: Record<LoadOutcome, number> = { loaded: 0, unchanged: 0, replaced: 0 }
  const refused: LoadSummary['refused'] = []
  let items = 0
  const progress = startProgress(output, 'load plans', plans.length)
  try {
    for (const { key, read } of plans) {
      signal.throwIfAborted()
      try {
        const plan = await read()
        const outcome = await loadPlan(store, dataset, plan)
        counts[outcome]++
        if (outcome !== 'unchanged') items += plan.slices.length
      } catch (error) {
        if (!(error instanceof LshError) || error.code !== 'bad_input') throw error
        refused.push({ plan: key, message: error.message, hint: error.hint })
      }
      progress.advance(1, refused.length > 0 ? `${refused.length} refused` : undefined)
      if (strict && refused.length > 0) break
    }
  } finally {
    progress.finish()
  }
  return { dataset, ...counts, items, refused }
}

/** Says what was loaded and what was not, and why. */
export function reportLoad({ output }: Context, summary: LoadSummary): void {
  const { dataset, loaded, unchanged, replaced, items, refused } = summary
  output.say(
    `data set ${dataset}: ${loaded} plans loaded, ${replaced} replaced, ${unchanged} unchanged, ` +
      `${refused.length} refused; ${items} slices stored`,
  )
  for (const { plan, message, hint } of refused)
    output.warn(`${plan} refused: ${message}\n  ${hint}`)
}
