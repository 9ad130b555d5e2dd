import type { ComparedQuery } from './compare-space.js'

/** Means over the queries; the time is the median. */
export interface CompareSummary {
  readonly queries: number
  readonly dice: number
  readonly jaccard: number
  readonly recall: number
  readonly codeLoss: number
  readonly bucketLoss: number
  readonly visitedShare: number
  readonly milliseconds: number
}

/** Sums up the queries of one space. */
export function summarise(compared: readonly ComparedQuery[]): CompareSummary {
  const mean = (of: (query: ComparedQuery) => number) =>
    compared.reduce((sum, query) => sum + of(query), 0) / compared.length
  const times = compared.map((query) => query.milliseconds).sort((a, b) => a - b)
  return {
    queries: compared.length,
    dice: mean((query) => query.dice),
    jaccard: mean((query) => query.jaccard),
    recall: mean((query) => query.recall),
    codeLoss: mean((query) => query.code_loss),
    bucketLoss: mean((query) => query.bucket_loss),
    visitedShare: mean((query) => query.visited_share),
    milliseconds: times[times.length >> 1] ?? 0,
  }
}
