/**
 * Figures of plans that are computed in a different and simpler way than the stored ones, as ranges that must contain
 * these. They share only the parsing of files with the loader, so that errors in filling contours, sampling doses or
 * adding them up show.
 */

export interface Range {
  readonly low: number
  readonly high: number
}

export interface RoughStructure {
  readonly name: string
  /** `null` if it cannot be computed in this simple way. */
  readonly volumeCc: Range | null
  /** `null` if it cannot be computed in this simple way, or too little of the structure has a known dose. */
  readonly meanGy: Range | null
  /** Upper bound of the dose in the structure; `null` as for `meanGy`. */
  readonly highestGy: number | null
}

export interface RoughPlan {
  readonly structures: readonly RoughStructure[]
  /** Highest dose of the plan; `null` without dose or if it cannot be computed in this simple way. */
  readonly highestGy: number | null
}

/** A range of values, extended by a share of them and by an amount. */
export function widened(values: readonly number[], part: number, amount: number): Range {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return { low: low * (1 - part) - amount, high: high * (1 + part) + amount }
}
