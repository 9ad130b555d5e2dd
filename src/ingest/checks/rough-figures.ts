/**
 * Figures of plans that are computed in another and simpler way than those that are stored, as ranges in which the
 * stored ones must lie. They share nothing with the loader but how files are taken apart: an error in how it fills
 * contours, samples doses or adds them up shows.
 */

export interface Range {
  readonly low: number
  readonly high: number
}

export interface RoughStructure {
  readonly name: string
  /** `null` where it cannot be told so simply. */
  readonly volumeCc: Range | null
  /** `null` where it cannot be told so simply, or not enough of it has a known dose. */
  readonly meanGy: Range | null
  /** No dose in it is higher; `null` as before. */
  readonly highestGy: number | null
}

export interface RoughPlan {
  readonly structures: readonly RoughStructure[]
  /** The highest dose of all, `null` without dose or where it cannot be told so simply. */
  readonly highestGy: number | null
}

/** A range of values, widened by a part of them and by an amount. */
export function widened(values: readonly number[], part: number, amount: number): Range {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return { low: low * (1 - part) - amount, high: high * (1 + part) + amount }
}
