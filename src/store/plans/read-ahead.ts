import { availableParallelism } from 'node:os'
import { ahead } from '../../core/ahead.js'
import { openThreads, type Threads } from '../../core/threads.js'
import { fingerprintOf, memoryOf, type PlanSource } from '../../ingest/plan-source.js'
import { readPrepared, refusalOf, type PlanTask, type ReadPlan } from './read-prepared.js'

export interface ReadAheadOptions {
  /** Bytes that plans in memory may take together; one plan is read in any case. (Default: 512 MiB) */
  memory?: number
  /** Number of threads that read. (Default: the cores of the machine) */
  threads?: number
  /** Whether a plan with this key and fingerprint is known and need not be read. (Default: none is known) */
  isKnown?: (key: string, fingerprint: string) => boolean
}

const workerFile = new URL('./plan-worker.js', import.meta.url)

/** Yields plans in their order. Threads read them ahead of the caller as far as memory allows. */
export async function* readAhead(
  sources: Iterable<PlanSource>,
  options: ReadAheadOptions = {},
): AsyncGenerator<{ readonly key: string; readonly read: ReadPlan }, void, undefined> {
  const { memory = 512 << 20, threads: count = availableParallelism(), isKnown } = options
  const threads = openThreads<PlanTask, ReadPlan>(workerFile, {
    threads: count,
    here: readPrepared,
  })
  const read = async (source: PlanSource) => {
    return { key: source.source.sourceKey, read: await readOne(source, threads, isKnown) }
  }
  try {
    yield* ahead(sources, read, { limit: memory, cost: memoryOf })
  } finally {
    await threads.close()
  }
}

async function readOne(
  source: PlanSource,
  threads: Threads<PlanTask, ReadPlan>,
  isKnown: ReadAheadOptions['isKnown'],
): Promise<ReadPlan> {
  const began = performance.now()
  const ms = () => Math.round(performance.now() - began)
  const fingerprint = await fingerprintOf(source)
  if (fingerprint !== null && isKnown?.(source.source.sourceKey, fingerprint))
    return { kind: 'known', ms: ms() }
  return threads.run({ source, fingerprint }).catch((error: unknown) => {
    // The thread itself failed, for example for lack of memory.
    return { kind: 'refused', refusal: refusalOf(source, error), ms: ms() }
  })
}
