/** Derivative of a function with respect to one of some values, by central differences. */
export function slopeAt(
  values: Float32Array | Float64Array,
  place: number,
  lossOf: () => number,
  step: number,
): number {
  const before = values[place]!
  values[place] = before + step
  const [up, more] = [lossOf(), values[place]]
  values[place] = before - step
  const [down, less] = [lossOf(), values[place]]
  values[place] = before
  // The step after rounding to 4 bytes.
  return (up - down) / (more - less)
}
