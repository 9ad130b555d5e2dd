import type { Anatomy } from './anatomy.js'
import { transferDose, type Alignment, type Transferred } from './transfer-dose.js'

/** Prediction of the dose at some voxels of a plan. */
export interface PredictedDose {
  /** In Gy, the weighted median over the plans. */
  readonly dose: Float32Array
  /** The prediction of each plan alone; 0 where it makes none. */
  readonly each: readonly Float32Array[]
}

/**
 * Weighted median of the doses of other plans. At each voxel, a plan's weight is 1 / (1 + cost), where the cost
 * measures the dissimilarity of the places. Doses are scaled if both prescriptions are known.
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

/** The dose of another plan, scaled to the prescription of this one; 0 where the other has no body. */
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

/** The weighted median of doses transferred to the same voxels, which is robust against a single dissimilar plan. */
export function blendDoses(brought: readonly Transferred[], voxels: number): Float32Array {
  const blended = new Float32Array(voxels)
  const [values, weights] = [brought, brought].map((list) => new Float64Array(list.length)) as [
    Float64Array,
    Float64Array,
  ]
  for (let i = 0; i < voxels; i++) {
    let [count, sum] = [0, 0]
    for (const { dose, cost } of brought) {
      const weight = 1 / (1 + cost[i]!)
      if (weight === 0) continue
      // Insertion sort, since there are few values.
      let place = count++
      for (; place > 0 && values[place - 1]! > dose[i]!; place--) {
        values[place] = values[place - 1]!
        weights[place] = weights[place - 1]!
      }
      values[place] = dose[i]!
      weights[place] = weight
      sum += weight
    }
    let [below, at] = [0, 0]
    while (at < count && (below += weights[at]!) < sum / 2) at++
    if (count > 0) blended[i] = values[Math.min(at, count - 1)]!
  }
  return blended
}

/** The unweighted mean of doses, over the plans with a body at the voxel. */
export function meanDose(brought: readonly Transferred[], voxels: number): Float32Array {
  const [sums, counts] = [new Float64Array(voxels), new Float64Array(voxels)]
  for (const { dose, cost } of brought)
    for (let i = 0; i < voxels; i++) {
      if (cost[i] === Infinity) continue
      sums[i]! += dose[i]!
      counts[i]!++
    }
  return Float32Array.from(sums, (sum, i) => (counts[i] ? sum / counts[i] : 0))
}

/** Ratio of the prescriptions of two plans; 1 if one of them is unknown. */
export function prescribedRatio(to: Anatomy, from: Anatomy): number {
  const [own, other] = [to.volume.prescriptionGy, from.volume.prescriptionGy]
  return own !== null && other !== null ? own / other : 1
}
