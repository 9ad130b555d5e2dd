import { random } from '../core/random.js'
import { nearestLearned } from './train-neighbours.js'
import { comparable, rowsOf, type TrainingSet } from './train-set.js'
import type { ListBatch } from './train-listwise.js'

/** Queries in a batch. */
const QUERIES = 16
/** Distractors per query: its next nearest rows, which are the hardest to separate from its neighbours. */
const OTHERS = 22
/** Nearest rows from which the distractors are drawn. */
const NEAREST = 100
/** Most rows that serve as queries: a short training would not reach more. */
const ASKING = 4000

/**
 * Returns a function that makes batches: queries, their neighbours, and rows that are easily mistaken for neighbours.
 */
export function listBatches(set: TrainingSet): () => ListBatch {
  const { dims, values, seed, k, labels } = set
  const asking = set.learned.subarray(0, ASKING)
  const near = nearestLearned(set, asking, Math.min(NEAREST, set.learned.length - 1))
  const source = random(seed + 1)

  return () => {
    const rows: number[] = []
    const queries: number[] = []
    const found: Set<number>[] = []
    while (queries.length < QUERIES) {
      const place = source.integer(0, asking.length - 1)
      const list = near[place]!
      if (list.length <= k) continue
      queries.push(rows.length)
      rows.push(asking[place]!, ...list.subarray(0, k))
      for (let i = 0; i < OTHERS; i++) {
        const far = Math.floor((list.length - k) * source.uniform() ** 2)
        rows.push(list[k + far]!)
      }
      found.push(new Set(list.subarray(0, k)))
    }
    const wanted = new Int8Array(queries.length * rows.length)
    queries.forEach((query, i) => {
      const [row, seen] = [rows[query]!, new Set<number>()]
      rows.forEach((other, j) => {
        const near = labels ? labels[other] === labels[row] : found[i]!.has(other)
        // A row that occurs several times in the batch counts once.
        const counts = comparable(set, row, other) && !seen.has(other)
        wanted[i * rows.length + j] = counts ? Number(near) : -1
        seen.add(other)
      })
    })
    return {
      dims,
      values: rowsOf(values, dims, rows),
      queries: Int32Array.from(queries),
      wanted,
    }
  }
}
