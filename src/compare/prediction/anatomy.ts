import { signedDistance, type Grid } from '../../core/signed-distance.js'
import { targetDose } from '../../ingest/volume/target-dose.js'
import type { PlanVolume, VolumeStructure } from './plan-volume.js'

/** Position of each voxel of a plan relative to its structures. It does not depend on the dose. */
export interface Anatomy {
  readonly volume: PlanVolume
  readonly grid: Grid
  /** Centre of all targets, in voxels: slice, row, column. */
  readonly centre: readonly [number, number, number]
  /** Names of the values of a voxel: nested targets, the ends of the targets along the body, organs. */
  readonly names: readonly string[]
  /**
   * `names.length` values per voxel: signed distances, in steps that are fine near the surface and coarse far from it.
   */
  readonly places: Int8Array
}

/** Upper limit of distances. */
const MOST_MM = 100
/** Distance at which steps begin to grow. */
const NEAR_MM = 5
/** Steps of `log1p(mm / NEAR_MM)`: MOST_MM becomes 110, which fits in a signed byte. */
const STEPS = 36

const FARTHEST = Math.round(STEPS * Math.log1p(MOST_MM / NEAR_MM))

/**
 * Nested unions of targets with at least this share of the highest dose: for 70, 63 and 56 Gy, each level adds one
 * target.
 */
const LEVELS = [
  { name: 'high targets', least: 0.95 },
  { name: 'middle targets', least: 0.85 },
  { name: 'all targets', least: 0 },
] as const
export const TARGET_LEVELS: readonly string[] = LEVELS.map(({ name }) => name)
export const ENDS: readonly string[] = ['above targets', 'below targets']

/** Number of steps for a distance in mm. */
export function stepsOf(mm: number): number {
  return Math.round(Math.sign(mm) * STEPS * Math.log1p(Math.min(MOST_MM, Math.abs(mm)) / NEAR_MM))
}

/** The distances of all voxels of a plan to its targets and organs. */
export function anatomyOf(volume: PlanVolume): Anatomy {
  const { grid, structures } = volume
  const [slices, rows, columns] = grid.size
  const voxels = slices * rows * columns
  const organs = structures.filter(({ role, inside }) => role === 'organ' && inside.includes(1))
  const nested = LEVELS.map(({ least }) => union(targetsFrom(structures, least), voxels))
  const names = [...TARGET_LEVELS, ...ENDS, ...organs.map(({ name }) => name)]
  const places = new Int8Array(voxels * names.length)
  const fields = [...nested, ...organs.map(({ inside }) => inside)]
  fields.forEach((inside, i) => {
    const at = i < LEVELS.length ? i : i + ENDS.length
    const distances = signedDistance(inside, grid, MOST_MM)
    for (let voxel = 0; voxel < voxels; voxel++) {
      const mm = distances[voxel]!
      places[voxel * names.length + at] = mm >= MOST_MM ? FARTHEST : stepsOf(mm)
    }
  })
  const all = nested.at(-1)!
  const { centre, first, last } = spanOf(all, grid)
  for (let s = 0; s < slices; s++) {
    const ends = [stepsOf((first - s) * grid.mm[0]), stepsOf((s - last) * grid.mm[0])]
    for (let p = 0; p < rows * columns; p++) {
      const at = (s * rows * columns + p) * names.length + LEVELS.length
      places[at] = ends[0]!
      places[at + 1] = ends[1]!
    }
  }
  return { volume, grid, centre, names, places }
}

/**
 * Targets whose dose, parsed from their names, is at least a share of the highest; targets without a dose in their name
 * count as the highest.
 */
export function targetsFrom(
  structures: readonly VolumeStructure[],
  least: number,
): VolumeStructure[] {
  const targets = structures.filter(({ role }) => role === 'target')
  const doses = targets.map(({ name }) => targetDose(name) ?? Infinity)
  const highest = Math.max(...doses.filter(Number.isFinite))
  return targets.filter((_, i) => !(doses[i]! < least * highest))
}

function union(structures: readonly VolumeStructure[], voxels: number): Uint8Array {
  const all = new Uint8Array(voxels)
  for (const { inside } of structures) for (let i = 0; i < voxels; i++) if (inside[i]) all[i] = 1
  return all
}

/** Centre of a region in voxels, and the slices that bound its central 98 %. */
function spanOf(inside: Uint8Array, { size: [slices, rows, columns] }: Grid) {
  const counts = new Float64Array(slices)
  const sums = [0, 0, 0]
  let count = 0
  for (let i = 0; i < inside.length; i++) {
    if (!inside[i]) continue
    const s = Math.floor(i / (rows * columns))
    sums[0]! += s
    sums[1]! += Math.floor(i / columns) % rows
    sums[2]! += i % columns
    counts[s]!++
    count++
  }
  let [seen, first, last] = [0, -1, 0]
  for (let s = 0; s < slices; s++) {
    seen += counts[s]!
    if (first < 0 && seen > 0.01 * count) first = s
    if (seen - counts[s]! < 0.99 * count) last = s
  }
  const centre = sums.map((sum) => sum / count) as [number, number, number]
  return { centre, first, last }
}
