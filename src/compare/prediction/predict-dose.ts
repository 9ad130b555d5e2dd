import type { Anatomy } from './anatomy.js'
import { transferDose, type Alignment, type Transferred } from './transfer-dose.js'

/** What the doses of other plans suggest at some voxels of a plan. */
export interface PredictedDose {
  /** Gy, the weighted median over the plans. */
  readonly dose: Float32Array
  /** What each of the plans suggests alone; 0 where it suggests nothing. */
  readonly each: readonly Float32Array[]
}

/**
 * The median of what other plans suggest, weighed at each voxel by how alike the places are that the doses come from:
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

/** The weighted median of doses that were brought to the same voxels: one plan that is unlike the others moves it little. */
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
      // Sorted as they come: they are few.
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

/** The plain mean of doses, wherever other plans have a body. */
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

/** How many times the prescription of one plan is that of another; 1 where either is not known. */
export function prescribedRatio(to: Anatomy, from: Anatomy): number {
  const [own, other] = [to.volume.prescriptionGy, from.volume.prescriptionGy]
  return own !== null && other !== null ? own / other : 1
}
