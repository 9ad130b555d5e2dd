/** Middle of the values, halfway between the two middle ones of an even count: `percentile_cont(0.5)`. */
export function median(values: Float64Array): number {
  const sorted = values.toSorted()
  const place = (sorted.length - 1) / 2
  const low = sorted[Math.floor(place)] as number
  const high = sorted[Math.ceil(place)] as number
  return low + (high - low) * (place - Math.floor(place))
}
