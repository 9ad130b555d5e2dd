import { availableParallelism } from 'node:os'
import { ahead } from '../core/ahead.js'
import { openThreads, type Threads } from '../core/threads.js'
import { fingerprintOf, memoryOf, type PlanSource } from '../ingest/plan-source.js'
import type { Store } from './connect.js'
import { storePlan, type LoadOutcome } from './load-plan.js'
import {
  readPrepared,
  refusalOf,
  type PlanTask,
  type ReadPlan,
  type Refusal,
} from './read-prepared.js'
import { withRetry, type RetryOptions } from './retry.js'

export interface LoadPlansOptions extends RetryOptions {
  /** Bytes that the plans may take that are being read or wait to be stored; one always is. (Default: 512 MiB) */
  memory?: number
  /** Threads that read. (Default: the cores of the machine) */
  threads?: number
  /** Reads every plan, also one whose files are by their sizes and times as they were. (Default: false) */
  reread?: boolean
}

/** What became of one plan. */
export interface LoadedPlan {
  /** `train-pats/pt_3`. */
  readonly key: string
  readonly outcome: LoadOutcome | 'refused'
  /** Milliseconds of reading and of storing; not those of waiting between. */
  readonly ms: number
  /** Slices that were stored. */
  readonly slices: number
  /** Why it was refused, and what to do. */
  readonly refusal?: Refusal
}

const workerFile = new URL('./plan-worker.js', import.meta.url)

/**
 * Loads plans: read in threads ahead of what is stored, as far as memory allows, and stored in their order, each
 * in a transaction of its own. One that is refused does not stop the others. A plan whose files are as they
 * were when it was loaded is not read again. Whoever stops taking results stops the load.
 */
export async function* loadPlans(
  store: Store,
  dataset: string,
  sources: Iterable<PlanSource>,
  options: LoadPlansOptions = {},
): AsyncGenerator<LoadedPlan, void, undefined> {
  const { memory = 512 << 20, threads: count = availableParallelism(), reread = false } = options
  const known = await withRetry(store, () => fingerprints(store, dataset), options)
  const threads = openThreads<PlanTask, ReadPlan>(workerFile, {
    threads: count,
    here: readPrepared,
  })
  const seen = (key: string, fingerprint: string | null) =>
    !reread && fingerprint !== null && known.has(`${key} ${fingerprint}`)
  try {
    const read = async (source: PlanSource) => {
      return { key: source.source.sourceKey, ...(await readOne(source, threads, seen)) }
    }
    const cost = { limit: memory, cost: memoryOf }
    for await (const one of ahead(sources, read, cost)) {
      const { key, kind, ms } = one
      if (kind === 'refused') yield { key, outcome: kind, ms, slices: 0, refusal: one.refusal }
      else if (kind === 'known') yield { key, outcome: 'unchanged', ms, slices: 0 }
      else {
        const began = performance.now()
        const outcome = await withRetry(store, () => storePlan(store, dataset, one.plan), options)
        const slices = outcome === 'unchanged' ? 0 : one.plan.slices.length
        yield { key, outcome, ms: ms + since(began), slices }
      }
    }
  } finally {
    await threads.close()
  }
}

/** What is known of the files of the plans of a data set: key and fingerprint of each. */
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

async function readOne(
  source: PlanSource,
  threads: Threads<PlanTask, ReadPlan>,
  seen: (key: string, fingerprint: string | null) => boolean,
): Promise<ReadPlan | { readonly kind: 'known'; readonly ms: number }> {
  const began = performance.now()
  const fingerprint = await fingerprintOf(source)
  if (seen(source.source.sourceKey, fingerprint)) return { kind: 'known', ms: since(began) }
  return threads.run({ source, fingerprint }).catch((error: unknown) => {
    // A thread that did not survive its task, as for want of memory.
    return { kind: 'refused', refusal: refusalOf(source, error), ms: since(began) }
  })
}

function since(began: number): number {
  return Math.round(performance.now() - began)
}
