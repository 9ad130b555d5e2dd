import { assertList, assertRecord, refuseArgument } from '../core/arguments.js'
import { median } from '../hash/median.js'
import type { ComparedQuery } from './compare-space.js'
import type { ComparisonFigures } from './compare-with-exact.js'

/** Means over the queries; the time is the median. */
export interface ComparisonSummary extends ComparisonFigures {
  queries: number
  milliseconds: number
}

/** Summarises the queries of one space, at least one. */
export function summarise(compared: readonly ComparedQuery[]): ComparisonSummary {
  assertList('the comparison', compared, 'Pass the result of compareSpace.')
  if (compared.length === 0)
    refuseArgument('the comparison', compared, 'one of a query at least', 'Compare some slices.')
  for (const [i, one] of compared.entries())
    assertRecord(`query ${i}`, one, 'Pass the result of compareSpace.')
  const mean = (of: (query: ComparedQuery) => number) =>
    compared.reduce((sum, query) => sum + of(query), 0) / compared.length
  return {
    queries: compared.length,
    dice: mean((query) => query.dice),
    jaccard: mean((query) => query.jaccard),
    recall: mean((query) => query.recall),
    code_loss: mean((query) => query.code_loss),
    bucket_loss: mean((query) => query.bucket_loss),
    visited_share: mean((query) => query.visited_share),
    milliseconds: median(Float64Array.from(compared, (query) => query.milliseconds)),
  }
}
