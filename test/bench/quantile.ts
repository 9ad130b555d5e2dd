/** The smallest value that at least `share` of all values do not exceed; `ordered` is ascending. */
export function quantile(ordered: Float64Array, share: number): number {
  return ordered[Math.max(0, Math.ceil(share * ordered.length) - 1)] ?? NaN
}
