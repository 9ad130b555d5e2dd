import type { Anatomy } from './anatomy.js'
import { doseCriteria, type DoseCriteria } from './dose-criteria.js'
import { prescribedRatio } from './predict-dose.js'
import { histogram, structureVoxels } from './structure-voxels.js'

/** Dose of a plan to one of its own targets, scaled to the prescription of another plan. */
export interface TargetDose {
  readonly criteria: DoseCriteria
  /** Element i is the fraction of the volume that gets at least i Gy. */
  readonly dvh: readonly number[]
}

/**
 * Doses of plans to their own targets of a name. The coverage of a target follows from its prescription; a transferred
 * dose misses the target's edges and would underestimate its coverage.
 */
export function targetDoses(to: Anatomy, others: readonly Anatomy[], name: string): TargetDose[] {
  return others.flatMap((other): TargetDose[] => {
    const { dose, structures, body } = other.volume
    const own = structures.filter((one) => one.role === 'target' && one.name === name)
    const voxels = structureVoxels(own, body.length)
    if (!dose || voxels.length === 0) return []
    const scale = prescribedRatio(to, other)
    const given = Float32Array.from(voxels, (voxel) => scale * dose[voxel]!)
    const alone = { grid: other.grid, volume: { ...other.volume, structures: own } }
    return [{ criteria: doseCriteria(alone, voxels, given), dvh: histogram(Array.from(given)) }]
  })
}
