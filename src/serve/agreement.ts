/** A result, with the values that agreement needs. */
export interface RankedItem {
  readonly item: number
  readonly distance: number
}

/** Recall of a search. */
export interface FoundShare {
  readonly overlap: number
  /**
   * Share of the exact neighbours that were found. A row as near as the last of them counts, because the order of ties
   * is arbitrary.
   */
  readonly recall: number
  /** Exact neighbours that were not found. */
  readonly missed: number[]
}

/** Compares the results of a search with the exact neighbours, both nearest first. */
export function agreement(hashed: readonly RankedItem[], exact: readonly RankedItem[]): FoundShare {
  const found = new Set(hashed.map(({ item }) => item))
  const missed = exact.filter(({ item }) => !found.has(item)).map(({ item }) => item)
  const last = exact.at(-1)?.distance ?? 0
  const hits = hashed.filter(({ distance }) => distance <= last).length
  return {
    overlap: exact.length - missed.length,
    recall: exact.length === 0 ? 1 : Math.min(1, hits / exact.length),
    missed,
  }
}
