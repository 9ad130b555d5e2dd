import type { Anatomy } from './anatomy.js'

/** Dose criteria of the OpenKBP challenge (Babier et al., Med Phys 2021) by `structure criterion`, in Gy. */
export type DoseCriteria = ReadonlyMap<string, number>

/**
 * For organs D0.1cc and the mean, for targets D1, D95 and D99, computed from voxels.
 *
 * @param wanted the voxels of `dose`, ascending; structures are evaluated there
 */
export function doseCriteria(
  { volume, grid }: Pick<Anatomy, 'volume' | 'grid'>,
  wanted: Int32Array,
  dose: Float32Array,
): DoseCriteria {
  const voxelCc = (grid.mm[0] * grid.mm[1] * grid.mm[2]) / 1000
  const found = new Map<string, number>()
  for (const { name, role, inside } of volume.structures) {
    const own = dose.filter((_, i) => inside[wanted[i]!]).sort()
    if (own.length === 0) continue
    if (role === 'organ') {
      const hottest = Math.max(1, Math.round(0.1 / voxelCc))
      found.set(`${name} D0.1cc`, own[Math.max(0, own.length - hottest)]!)
      found.set(`${name} mean`, own.reduce((a, b) => a + b, 0) / own.length)
    } else {
      for (const [criterion, share] of [
        ['D1', 0.99],
        ['D95', 0.05],
        ['D99', 0.01],
      ] as const)
        found.set(`${name} ${criterion}`, quantile(own, share))
    }
  }
  return found
}

/** D1, D50, D95 and D99 of targets, which are most sensitive to a shifted, scaled or mirrored dose. */
export function targetCriteria(
  { volume }: Pick<Anatomy, 'volume'>,
  wanted: Int32Array,
  dose: Float32Array,
): DoseCriteria {
  const found = new Map<string, number>()
  for (const { name, role, inside } of volume.structures) {
    if (role !== 'target') continue
    const own = dose.filter((_, i) => inside[wanted[i]!]).sort()
    if (own.length === 0) continue
    for (const percent of [1, 50, 95, 99])
      found.set(`${name} D${percent}`, quantile(own, 1 - percent / 100))
  }
  return found
}

/** Quantile of a sorted list, with linear interpolation. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const place = share * (sorted.length - 1)
  const [low, high] = [Math.floor(place), Math.ceil(place)]
  return sorted[low]! + (place - low) * (sorted[high]! - sorted[low]!)
}
