import { bootstrapMean, type Estimate } from './bootstrap.js'

/** Items with their sources and classes, and the queries among them. */
export interface Labelled {
  readonly source: Int32Array
  /** Number of the class; -1 for items without a class. */
  readonly label: Int32Array
  /** Indices of the queries. */
  readonly queries: Int32Array
}

/** Retrieval quality of a ranking, with 95 % bootstrap intervals over sources; null if a figure is undefined. */
export interface LabelQuality {
  /** Share of the ten nearest items of other sources that have the query's class. */
  readonly precision_at_10: Estimate | null
  /** Mean average precision over all items of other sources. */
  readonly map: Estimate | null
  /** Share of queries whose nearest item of another source has their class. */
  readonly nn_accuracy: Estimate | null
  /** Share of the other items of the query's source, at most three, that are among its three nearest. */
  readonly duplicate_recall_at_3: Estimate | null
}

const PRECISION_AT = 10
const DUPLICATES_AT = 3

/**
 * Measures rankings of all items for each query.
 *
 * @param rank returns the indices of all items but the query, nearest first
 */
export function labelQuality(
  labelled: Labelled,
  rank: (query: number) => ArrayLike<number>,
  seed: number,
): LabelQuality {
  const { source, label, queries } = labelled
  const size = countOf(source)
  const values = { precision: [], map: [], first: [], duplicates: [] } as Record<string, number[]>
  for (const query of queries) {
    const ranked = rank(query)
    const own = source[query]!
    let [others, right, rightAt10, sum, first] = [0, 0, 0, 0, NaN]
    let found = 0
    for (let at = 0; at < ranked.length; at++) {
      const place = ranked[at]!
      if (source[place] === own) {
        if (at < DUPLICATES_AT) found++
        continue
      }
      others++
      const hit = label[place] === label[query]
      if (others === 1) first = Number(hit)
      if (!hit) continue
      right++
      sum += right / others
      if (others <= PRECISION_AT) rightAt10++
    }
    const classed = label[query]! >= 0 && others > 0
    values.precision!.push(classed ? rightAt10 / Math.min(PRECISION_AT, others) : NaN)
    values.map!.push(classed && right > 0 ? sum / right : NaN)
    values.first!.push(classed ? first : NaN)
    const siblings = size.get(own)! - 1
    values.duplicates!.push(siblings > 0 ? found / Math.min(DUPLICATES_AT, siblings) : NaN)
  }
  const sources = Int32Array.from(queries, (query) => source[query]!)
  const estimate = (list: readonly number[]) =>
    list.every(Number.isNaN) ? null : bootstrapMean(Float64Array.from(list), sources, { seed })
  return {
    precision_at_10: estimate(values.precision!),
    map: estimate(values.map!),
    nn_accuracy: estimate(values.first!),
    duplicate_recall_at_3: estimate(values.duplicates!),
  }
}

function countOf(source: Int32Array): Map<number, number> {
  const counts = new Map<number, number>()
  for (const one of source) counts.set(one, (counts.get(one) ?? 0) + 1)
  return counts
}
