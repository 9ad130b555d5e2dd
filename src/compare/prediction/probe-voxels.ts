import { stepsOf, TARGET_LEVELS, type Anatomy } from './anatomy.js'

/**
 * Upper limits of the ranges of distance to the targets, in mm, in which places are compared; places farther away are
 * ignored.
 */
export const BANDS_MM = [0, 10, 40, 60]
/** Step in voxels in each direction between compared voxels; more voxels change the order of plans little. */
const STEP = 4

/** Voxels at which a plan is compared with others: a regular grid within the body, near the targets. */
export function probeVoxels(
  { volume, grid, names, places }: Anatomy,
  step: number = STEP,
): Int32Array {
  const [slices, rows, columns] = grid.size
  const all = names.indexOf(TARGET_LEVELS.at(-1)!)
  const reach = stepsOf(BANDS_MM.at(-1)!)
  const probes: number[] = []
  for (let s = 0; s < slices; s += step)
    for (let r = 0; r < rows; r += step)
      for (let c = 0; c < columns; c += step) {
        const voxel = (s * rows + r) * columns + c
        if (volume.body[voxel] && places[voxel * names.length + all]! < reach) probes.push(voxel)
      }
  return Int32Array.from(probes)
}
