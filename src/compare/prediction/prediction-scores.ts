import type { Anatomy } from './anatomy.js'
import { doseCriteria } from './dose-criteria.js'
import { gammaPassRate } from './gamma.js'

/** How far a predicted dose is from that of the plan, as the OpenKBP challenge measures it, and by gamma. */
export interface PredictionScores {
  /** Mean absolute difference in Gy over the voxels that get dose. */
  readonly dose: number
  /** Mean absolute difference of the dose criteria in Gy. */
  readonly dvh: number
  /** Share of voxels whose gamma (3 % of the highest dose, 3 mm) is at most 1. */
  readonly gamma: number
}

/** Voxels of a plan that get dose, or belong to a structure: where a prediction is measured. Ascending. */
export function measuredVoxels({ volume }: Anatomy): Int32Array {
  const { dose, structures } = volume
  const wanted = new Uint8Array(dose?.length ?? 0)
  for (let i = 0; i < wanted.length; i++) if (dose![i]! > 0) wanted[i] = 1
  for (const { inside } of structures)
    for (let i = 0; i < wanted.length; i++) if (inside[i]) wanted[i] = 1
  const places: number[] = []
  wanted.forEach((one, i) => {
    if (one) places.push(i)
  })
  return Int32Array.from(places)
}

/** Measures a dose at `measuredVoxels` of a plan. */
export function predictionScores(
  anatomy: Anatomy,
  wanted: Int32Array,
  predicted: Float32Array,
): PredictionScores {
  const truth = anatomy.volume.dose!
  const own = Float32Array.from(wanted, (voxel) => truth[voxel]!)
  let [sum, count] = [0, 0]
  const whole = new Float32Array(truth.length)
  for (let i = 0; i < wanted.length; i++) {
    whole[wanted[i]!] = predicted[i]!
    if (own[i] === 0) continue
    sum += Math.abs(predicted[i]! - own[i]!)
    count++
  }
  const [real, found] = [own, predicted].map((dose) => doseCriteria(anatomy, wanted, dose))
  const gaps = [...real!].map(([name, gy]) => Math.abs(gy - found!.get(name)!))
  return {
    dose: sum / count,
    dvh: gaps.reduce((a, b) => a + b, 0) / gaps.length,
    gamma: gammaPassRate(truth, whole, anatomy.grid),
  }
}
