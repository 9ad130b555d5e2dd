import type { Anatomy } from './anatomy.js'
import { transferDose, type Alignment } from './transfer-dose.js'

/** What the doses of other plans suggest at some voxels of a plan. */
export interface PredictedDose {
  /** Gy, the weighted mean over the plans. */
  readonly dose: Float32Array
  /** What each of the plans suggests alone. */
  readonly each: readonly Float32Array[]
}

/**
 * The mean of what other plans suggest, weighed at each voxel by how alike the places are that the doses come from:
 * 1 / (1 + cost). Doses are scaled where both prescriptions are known.
 */
export function predictDose(
  to: Anatomy,
  others: readonly Anatomy[],
  wanted: Int32Array,
  alignment: Alignment = 'deformable',
): PredictedDose {
  const sums = new Float64Array(wanted.length)
  const weights = new Float64Array(wanted.length)
  const each = others.map((other) => {
    const { dose, cost } = transferDose(to, other, wanted, alignment)
    const scale = prescribedRatio(to, other)
    for (let i = 0; i < wanted.length; i++) {
      if (cost[i] === Infinity) dose[i] = 0
      dose[i]! *= scale
      const weight = cost[i] === Infinity ? 0 : 1 / (1 + cost[i]!)
      sums[i]! += weight * dose[i]!
      weights[i]! += weight
    }
    return dose
  })
  return { dose: Float32Array.from(sums, (sum, i) => (weights[i] ? sum / weights[i] : 0)), each }
}

function prescribedRatio(to: Anatomy, from: Anatomy): number {
  const [own, other] = [to.volume.prescriptionGy, from.volume.prescriptionGy]
  return own !== null && other !== null ? own / other : 1
}
