/** Voxels inside at least one of some structures, ascending. */
export function structureVoxels(
  structures: readonly { inside: Uint8Array }[],
  voxels: number,
): Int32Array {
  const places: number[] = []
  for (let i = 0; i < voxels; i++) if (structures.some(({ inside }) => inside[i])) places.push(i)
  return Int32Array.from(places)
}

/** Fractions of values that are at least 0, 1, 2, … Gy. */
export function histogram(values: readonly number[]): number[] {
  const sorted = Float64Array.from(values).sort()
  const bins = Math.floor(sorted.at(-1) ?? 0) + 2
  let below = 0
  return Array.from({ length: bins }, (_, gy) => {
    while (below < sorted.length && sorted[below]! < gy) below++
    return 1 - below / sorted.length
  })
}
