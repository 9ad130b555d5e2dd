/** A row that was found, as far as agreement goes. */
export interface RankedItem {
  readonly item: number
  readonly distance: number
}

/** How much of the truth a search found. */
export interface FoundShare {
  readonly overlap: number
  /** Part of the truly nearest that was found; a row as near as the last of them counts: which of equals come is arbitrary. */
  readonly recall: number
  /** Items of the truly nearest that were not found. */
  readonly missed: number[]
}

/** Compares what a search found with the truly nearest, both nearest first. */
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
