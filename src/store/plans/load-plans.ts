import { LshError } from '../../core/errors.js'
import type { DrawnStructure } from '../../core/plan.js'
import type { PlanSource } from '../../ingest/plan-source.js'
import type { Store } from '../connection/connect.js'
import { storePlan, type LoadOutcome } from './load-plan.js'
import type { PreparedPlan } from './prepared-plan.js'
import { readAhead, type ReadAheadOptions } from './read-ahead.js'
import type { Refusal } from './read-prepared.js'
import { withRetry, type RetryOptions } from '../connection/retry.js'

export interface LoadPlansOptions extends RetryOptions, Omit<ReadAheadOptions, 'isKnown'> {
  /** Reads all plans, even if sizes and times of their files are unchanged. (Default: false) */
  reread?: boolean
}

/** Outcome of one plan. */
export interface LoadedPlan {
  /** Key of the plan, such as `train-pats/pt_3`. */
  readonly key: string
  readonly outcome: LoadOutcome | 'refused'
  /** Milliseconds of reading and storing, without the wait in between. */
  readonly ms: number
  /** Number of slices that were stored. */
  readonly slices: number
  /** Why it was refused, and what to do. */
  readonly refusal?: Refusal
  /** What was assumed, left out or truncated in reading it; empty if it was not read. */
  readonly remarks: readonly string[]
  /** How its structures were drawn; empty if it was not read or was refused. */
  readonly drawn: readonly DrawnStructure[]
}

/**
 * Loads plans. Threads read ahead as far as memory allows, and plans are stored in their order, each in its own
 * transaction. A refused plan does not stop the others. A plan with unchanged files is not read again. The load stops
 * when the caller stops taking results.
 */
export async function* loadPlans(
  store: Store,
  dataset: string,
  sources: Iterable<PlanSource>,
  options: LoadPlansOptions = {},
): AsyncGenerator<LoadedPlan, void, undefined> {
  const known = options.reread
    ? new Set<string>()
    : await withRetry(store, () => fingerprints(store, dataset), options)
  const isKnown = (key: string, fingerprint: string) => known.has(`${key} ${fingerprint}`)
  for await (const { key, read } of readAhead(sources, { ...options, isKnown })) {
    const { kind, ms } = read
    const unstored = { key, ms, slices: 0, remarks: [], drawn: [] }
    if (kind === 'refused') yield { ...unstored, outcome: kind, refusal: read.refusal }
    else if (kind === 'known') yield { ...unstored, outcome: 'unchanged' }
    else {
      const { plan } = read
      const { remarks = [], drawn = [] } = plan
      const began = performance.now()
      const stored = await withRetry(store, () => storeOrRefuse(store, dataset, plan), options)
      const took = ms + Math.round(performance.now() - began)
      if (typeof stored === 'object')
        yield { ...unstored, outcome: 'refused', ms: took, refusal: stored, remarks }
      else {
        const slices = stored === 'unchanged' ? 0 : plan.slices.length
        yield { key, outcome: stored, ms: took, slices, remarks, drawn }
      }
    }
  }
}

/** Stores a plan. A fault of the plan refuses it; an error of the database ends the load. */
async function storeOrRefuse(
  store: Store,
  dataset: string,
  plan: PreparedPlan,
): Promise<LoadOutcome | Refusal> {
  try {
    return await storePlan(store, dataset, plan)
  } catch (error) {
    if (!(error instanceof LshError) || error.code !== 'bad_input') throw error
    return { message: error.message, hint: error.hint }
  }
}

/** Key and fingerprint of the files of each plan of a data set. */
async function fingerprints(store: Store, dataset: string): Promise<ReadonlySet<string>> {
  const rows = await store.db
    .selectFrom('cbir.plan')
    .innerJoin('cbir.patient', 'cbir.patient.id', 'cbir.plan.patient_id')
    .select(['source_key', 'fingerprint'])
    .where('dataset', '=', dataset)
    .where('fingerprint', 'is not', null)
    .execute()
  return new Set(rows.map(({ source_key, fingerprint }) => `${source_key} ${fingerprint}`))
}
