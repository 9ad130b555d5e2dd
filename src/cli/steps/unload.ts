import { LshError } from '../../core/errors.js'
import type { Store } from '../../store/connection/connect.js'
import { withRetry } from '../../store/connection/retry.js'
import { choosePlans, unloadPlans, type PlanChoice } from '../../store/plans/unload.js'
import { countPictures, unloadPictures } from '../../store/pictures/unload-pictures.js'
import type { Context } from '../context.js'
import { startProgress } from '../progress.js'
import { retryOptions } from '../retry-options.js'

export interface UnloadOptions extends PlanChoice {
  /** Removes the plans; otherwise only reports what would be removed. (Default: false) */
  yes?: boolean
  /** Seconds to wait for an unavailable server. (Default: 60) */
  retry?: number
}

/** Numbers of removed objects. */
export interface Unloaded {
  readonly plans: number
  readonly slices: number
  /** Images and neurons outside plans. */
  readonly items: number
}

async function unloadItems(
  context: Context,
  store: Store,
  dataset: string,
  options: UnloadOptions,
): Promise<Unloaded> {
  const items = await countPictures(store, dataset)
  if (!options.yes)
    throw new LshError(
      'bad_usage',
      `this removes ${items} images or neurons, their features and codes`,
      { hint: 'Run it again with --yes to do so.' },
    )
  const progress = startProgress(context.output, 'unload', items)
  let gone = 0
  try {
    for await (const count of unloadPictures(store, dataset, retryOptions(context, options))) {
      gone += count
      progress.advance(count)
    }
  } finally {
    progress.finish()
  }
  return { plans: 0, slices: 0, items: gone }
}

/** Removes plans with everything that belongs to them, with progress. */
export async function unload(
  context: Context,
  store: Store,
  options: UnloadOptions,
): Promise<Unloaded> {
  const retry = retryOptions(context, options)
  const { dataset, plan } = options
  const items =
    dataset === undefined || plan !== undefined
      ? 0
      : await withRetry(store, () => countPictures(store, dataset), retry)
  if (dataset !== undefined && items > 0) return unloadItems(context, store, dataset, options)
  const plans = await withRetry(store, () => choosePlans(store, options), retry)
  const slices = plans.reduce((sum, plan) => sum + plan.slices, 0)
  if (!options.yes)
    throw new LshError(
      'bad_usage',
      `this removes ${plans.length} plans with ${slices} slices, their structures, features and codes`,
      { hint: 'Run it again with --yes to do so.' },
    )
  const progress = startProgress(context.output, 'unload plans', plans.length)
  let [gone, slicesGone] = [0, 0]
  try {
    for await (const plan of unloadPlans(store, plans, retry)) {
      gone++
      slicesGone += plan.slices
      progress.advance(1)
    }
  } finally {
    progress.finish()
  }
  return { plans: gone, slices: slicesGone, items: 0 }
}
