import type { Anatomy } from './anatomy.js'
import { doseCriteria, type DoseCriteria } from './dose-criteria.js'
import { prescribedRatio } from './predict-dose.js'
import { histogram, structureVoxels } from './structure-voxels.js'

/** What a plan gives one of its own targets, scaled to the prescription of another plan. */
export interface TargetDose {
  readonly criteria: DoseCriteria
  /** Fractions of the volume that get at least as many Gy as the place in the list. */
  readonly dvh: readonly number[]
}

/**
 * What plans give their own targets of a name. How well a target is covered follows from its prescription; a dose that is
 * transferred misses its edges, and would tell planners to cover it less.
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
