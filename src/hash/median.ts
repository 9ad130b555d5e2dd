/** Median of the values, halfway between the two middle ones if their number is even: `percentile_cont(0.5)`. */
export function median(values: Float64Array): number {
  return quantile(values, 0.5)
}

/** Quantile of the values, interpolated linearly: `percentile_cont`. */
export function quantile(values: Float64Array, share: number): number {
  const sorted = values.toSorted()
  const place = (sorted.length - 1) * share
  const low = sorted[Math.floor(place)] as number
  const high = sorted[Math.ceil(place)] as number
  return low + (high - low) * (place - Math.floor(place))
}
