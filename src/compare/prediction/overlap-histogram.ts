import { ENDS, stepsOf, TARGET_LEVELS, type Anatomy } from './anatomy.js'

/** Distances to a target, in mm, within which the share of an organ is counted. */
const EDGES_MM = [-10, -5, 0, 5, 10, 15, 20, 30, 40, 60]
/** Targets whose distances are used: the highest and the union of all. */
const FROM = [TARGET_LEVELS[0]!, TARGET_LEVELS[2]!]

/** Overlap volume histograms of a plan by organ, and the sizes of its targets. */
export type OverlapHistograms = ReadonlyMap<string, readonly number[]>

/**
 * For each organ, the shares of its volume within several distances of the targets (Wu et al., Med Phys 2009), and for
 * each nested target a measure of its size. The dose of organs depends mostly on these, and they do not need the dose.
 */
export function overlapHistograms({ volume, names, places, grid }: Anatomy): OverlapHistograms {
  const found = new Map<string, number[]>()
  const edges = EDGES_MM.map(stepsOf)
  const voxelCc = (grid.mm[0] * grid.mm[1] * grid.mm[2]) / 1000
  for (const { name, role, inside } of volume.structures) {
    if (role !== 'organ' || !names.includes(name)) continue
    const shares = FROM.flatMap((target) => {
      const at = names.indexOf(target)
      const counts = new Float64Array(edges.length)
      let count = 0
      for (let voxel = 0; voxel < inside.length; voxel++) {
        if (!inside[voxel]) continue
        count++
        const place = places[voxel * names.length + at]!
        edges.forEach((edge, i) => {
          if (place < edge) counts[i]!++
        })
      }
      return Array.from(counts, (within) => within / count)
    })
    found.set(name, shares)
  }
  TARGET_LEVELS.forEach((target) => {
    const at = names.indexOf(target)
    let count = 0
    for (let voxel = at; voxel < places.length; voxel += names.length)
      if (places[voxel]! < 0) count++
    // Side length of the equivalent cube in decimetres, which gives sizes about the same weight as
    // shares.
    found.set(target, [Math.cbrt(count * voxelCc) / 10])
  })
  return found
}

/** Root mean square difference of the values that both plans have; Infinity if there are none. */
export function overlapDistance(a: OverlapHistograms, b: OverlapHistograms): number {
  let [sum, count] = [0, 0]
  for (const [name, values] of a) {
    const others = b.get(name)
    if (!others) continue
    values.forEach((value, i) => {
      sum += (value - others[i]!) ** 2
      count++
    })
  }
  return count === 0 ? Infinity : Math.sqrt(sum / count)
}

/** Values of a voxel that refer to targets, not organs. */
export const OF_TARGETS: readonly string[] = [...TARGET_LEVELS, ...ENDS]

/** Volumes of structures in cc by name; structures without a voxel are left out. */
export interface Volumes {
  readonly targets: ReadonlyMap<string, number>
  readonly structures: ReadonlyMap<string, number>
}

export function volumesOf({ volume, grid }: Anatomy): Volumes {
  const voxelCc = (grid.mm[0] * grid.mm[1] * grid.mm[2]) / 1000
  const all = volume.structures.flatMap(({ name, role, inside }) => {
    const cc = voxelCc * inside.reduce((sum, one) => sum + one, 0)
    return cc > 0 ? [{ name, role, cc }] : []
  })
  const byName = (some: typeof all) => new Map(some.map(({ name, cc }) => [name, cc]))
  return { targets: byName(all.filter(({ role }) => role === 'target')), structures: byName(all) }
}

/** Root mean square difference of the logarithms of the volumes that both plans have; Infinity if there are none. */
export function volumeDistance(
  a: ReadonlyMap<string, number>,
  b: ReadonlyMap<string, number>,
): number {
  const gaps = [...a].flatMap(([name, cc]) => {
    const other = b.get(name)
    return other ? [Math.log(cc / other) ** 2] : []
  })
  return gaps.length === 0 ? Infinity : Math.sqrt(gaps.reduce((x, y) => x + y, 0) / gaps.length)
}
