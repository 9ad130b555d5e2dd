import { availableParallelism } from 'node:os'
import { ahead } from '../../core/ahead.js'
import { openThreads, type Threads } from '../../core/threads.js'
import { fingerprintOf, memoryOf, type PlanSource } from '../../ingest/plan-source.js'
import { readPrepared, refusalOf, type PlanTask, type ReadPlan } from './read-prepared.js'

export interface ReadAheadOptions {
  /** Bytes that the plans may take that are being read or wait to be taken; one always is. (Default: 512 MiB) */
  memory?: number
  /** Threads that read. (Default: the cores of the machine) */
  threads?: number
  /** Tells plans that need not be read. (Default: none is) */
  isKnown?: (key: string, fingerprint: string) => boolean
}

const workerFile = new URL('./plan-worker.js', import.meta.url)

/** Reads plans in threads ahead of whoever takes them, in their order, as far as memory allows. */
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
    // A thread that did not survive its task, as for want of memory.
    return { kind: 'refused', refusal: refusalOf(source, error), ms: ms() }
  })
}
