/** Ridge, as a share of the variance of a feature: correlated features share their weight. */
const RIDGE = 1e-3
const SWEEPS = 1000
const STILL = 1e-9

/**
 * Non-negative least squares by coordinate descent: weights of features that explain values, and the share of the
 * variance that they explain. Rows and values must have mean 0.
 */
export function nonNegativeWeights(
  rows: readonly Float64Array[],
  values: Float64Array,
): { weights: Float64Array; explained: number } {
  const width = rows[0]!.length
  const scales = Float64Array.from({ length: width }, (_, f) => {
    return Math.sqrt(rows.reduce((sum, row) => sum + row[f]! ** 2, 0) / rows.length)
  })
  const product = (of: (row: Float64Array, i: number) => number) =>
    rows.reduce((sum, row, i) => sum + of(row, i), 0) / rows.length
  const at = (row: Float64Array, f: number) => (scales[f] ? row[f]! / scales[f] : 0)
  const own = Array.from({ length: width }, (_, f) =>
    Array.from({ length: width }, (_, g) => product((row) => at(row, f) * at(row, g))),
  )
  const wanted = Array.from({ length: width }, (_, f) =>
    product((row, i) => at(row, f) * values[i]!),
  )
  const scaled = new Float64Array(width)
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let moved = 0
    for (let f = 0; f < width; f++) {
      if (!scales[f]) continue
      const others = scaled.reduce((sum, w, g) => (g === f ? sum : sum + w * own[f]![g]!), 0)
      const next = Math.max(0, (wanted[f]! - others) / (own[f]![f]! + RIDGE))
      moved = Math.max(moved, Math.abs(next - scaled[f]!))
      scaled[f] = next
    }
    if (moved < STILL) break
  }
  const weights = scaled.map((w, f) => (scales[f] ? w / scales[f] : 0))
  const left = product(
    (row, i) => (values[i]! - row.reduce((s, x, f) => s + x * weights[f]!, 0)) ** 2,
  )
  const all = product((_, i) => values[i]! ** 2)
  return { weights, explained: all > 0 ? 1 - left / all : 0 }
}
