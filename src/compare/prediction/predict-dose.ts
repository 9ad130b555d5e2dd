import type { Anatomy } from './anatomy.js'
import { transferDose, type Alignment, type Transferred } from './transfer-dose.js'

/** What the doses of other plans suggest at some voxels of a plan. */
export interface PredictedDose {
  /** Gy, the weighted mean over the plans. */
  readonly dose: Float32Array
  /** What each of the plans suggests alone; 0 where it suggests nothing. */
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
  const brought = others.map((other) => bringDose(to, other, wanted, alignment))
  return { dose: blendDoses(brought, wanted.length), each: brought.map(({ dose }) => dose) }
}

/** The dose of another plan, scaled to the prescription of one; 0 where the other has no body. */
export function bringDose(
  to: Anatomy,
  from: Anatomy,
  wanted: Int32Array,
  alignment: Alignment,
): Transferred {
  const { dose, cost } = transferDose(to, from, wanted, alignment)
  const scale = prescribedRatio(to, from)
  for (let i = 0; i < dose.length; i++) dose[i] = cost[i] === Infinity ? 0 : dose[i]! * scale
  return { dose, cost }
}

/** The weighted mean of doses that were brought to the same voxels. */
export function blendDoses(brought: readonly Transferred[], voxels: number): Float32Array {
  const sums = new Float64Array(voxels)
  const weights = new Float64Array(voxels)
  for (const { dose, cost } of brought)
    for (let i = 0; i < voxels; i++) {
      const weight = 1 / (1 + cost[i]!)
      sums[i]! += weight * dose[i]!
      weights[i]! += weight
    }
  return Float32Array.from(sums, (sum, i) => (weights[i] ? sum / weights[i] : 0))
}

function prescribedRatio(to: Anatomy, from: Anatomy): number {
  const [own, other] = [to.volume.prescriptionGy, from.volume.prescriptionGy]
  return own !== null && other !== null ? own / other : 1
}
