/** How a function changes with one of some values, by central differences. */
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
  // What a 4-byte number took of the step.
  return (up - down) / (more - less)
}
