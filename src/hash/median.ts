/** Middle of the values, halfway between the two middle ones of an even count: `percentile_cont(0.5)`. */
export function median(values: Float64Array): number {
  return quantile(values, 0.5)
}

/** The value below which that share of the values lies, between two of them in proportion: `percentile_cont`. */
export function quantile(values: Float64Array, share: number): number {
  const sorted = values.toSorted()
  const place = (sorted.length - 1) * share
  const low = sorted[Math.floor(place)] as number
  const high = sorted[Math.ceil(place)] as number
  return low + (high - low) * (place - Math.floor(place))
}
