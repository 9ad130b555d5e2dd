/** The smallest value that is not below so large a share of all. */
export function quantile(ordered: Float64Array, share: number): number {
  return ordered[Math.max(0, Math.ceil(share * ordered.length) - 1)] ?? NaN
}
