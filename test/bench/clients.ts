import { cpus } from 'node:os'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { BenchLoad } from '../../src/cli/bench-result.js'
import type { ClientTask } from './client-thread.js'
import type { Vectors } from './datasets/dataset.js'
import type { LatencyOptions } from './latency.js'
import { standsFor } from './levels.js'
import type { MethodRun } from './measure.js'
import { REFERENCE } from './methods/all.js'
import { quantile } from './quantile.js'

export interface ClientsOptions extends Pick<LatencyOptions, 'say' | 'signal'> {
  /** URL of the server. */
  place: string
  /** Numbers of concurrent clients to measure, one after the other. */
  clients: readonly number[]
  seconds: number
}

/** Methods that are measured with concurrent clients. */
const ASKED = [REFERENCE, 'ours', 'ours-sql']

/**
 * Queries per second of concurrent clients, each on its own connection, at the setting that represents the method. As
 * many threads as there are processors share the clients, so that a single thread does not limit hashing.
 */
export async function measureClients(
  methods: readonly MethodRun[],
  vectors: Vectors,
  options: ClientsOptions,
): Promise<BenchLoad[]> {
  const { clients, say, signal } = options
  const measured: BenchLoad[] = []
  const asked = methods.filter(({ name, curve }) => ASKED.includes(name) && standsFor(curve))
  for (const count of clients) {
    for (const method of asked) {
      signal.throwIfAborted()
      say(`asking ${method.name} by ${count} clients`)
      measured.push(await atOnce(method, count, vectors, options))
    }
  }
  return measured
}

async function atOnce(
  { name, prepared, curve }: MethodRun,
  count: number,
  { queries }: Vectors,
  { place, seconds }: ClientsOptions,
): Promise<BenchLoad> {
  const setting = standsFor(curve)?.setting ?? ''
  const { engine: _, store: __, client: ___, ...subject } = prepared.subject
  const threads = Math.min(count, cpus().length)
  const workers = Array.from({ length: threads }, (_, i) => {
    const first = Math.floor((i * count) / threads)
    const own = Math.floor(((i + 1) * count) / threads) - first
    const task: ClientTask = {
      place,
      method: name,
      setting,
      subject,
      clients: own,
      first,
      seconds,
      queries: { ...queries, values: queries.values.slice() },
    }
    return new Worker(new URL('./client-thread.mjs', import.meta.url), { workerData: task })
  })
  // The threads close their connections before they end.
  const ended = Promise.all(workers.map((worker) => once(worker, 'exit')))
  // An error also rejects the promise of the next message, where it is handled.
  ended.catch(() => undefined)
  try {
    await Promise.all(workers.map(heard))
    const answers = workers.map(heard)
    for (const worker of workers) worker.postMessage('go')
    const lists = (await Promise.all(answers)) as Float64Array[]
    await ended
    const all = Float64Array.from(lists.flatMap((list) => [...list])).sort()
    return {
      method: name,
      setting,
      clients: count,
      queries_per_s: all.length / seconds,
      p50_ms: quantile(all, 0.5),
      p95_ms: quantile(all, 0.95),
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

/** The next message of a thread; rejects if the thread fails. */
async function heard(worker: Worker): Promise<unknown> {
  const [message] = (await once(worker, 'message')) as unknown[]
  return message
}
