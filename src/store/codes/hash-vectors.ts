import { availableParallelism } from 'node:os'
import { openThreads, type Threads } from '../../core/threads.js'
import { bulkEncoder, type BulkEncoder, type HashedRows } from '../../hash/bulk-encode.js'
import type { HashFamily } from '../../hash/family.js'

/** Vectors to hash, and the family to hash them with. */
export interface HashTask {
  /** Index in the list of families that the hasher was opened with. */
  readonly family: number
  /** Concatenated. */
  readonly vectors: Float32Array
}

/** Number of blocks hashed ahead of the consumer, so that all threads are busy. */
export const HASHED_AHEAD = 4

const workerFile = new URL('./hash-worker.js', import.meta.url)

/** Opens threads that hash vectors with the given families. */
export function hashThreads(families: readonly HashFamily[]): Threads<HashTask, HashedRows> {
  return openThreads(workerFile, {
    threads: availableParallelism(),
    data: families,
    here: openHasher(families),
  })
}

/** Returns a function that hashes in the calling thread; it prepares a family when the first task needs it. */
export function openHasher(
  families: readonly HashFamily[],
): (task: HashTask) => Promise<HashedRows> {
  const encoders = new Map<number, BulkEncoder>()
  return async ({ family, vectors }) => {
    const encode = encoders.get(family) ?? bulkEncoder(families[family] as HashFamily)
    encoders.set(family, encode)
    return encode(vectors)
  }
}
