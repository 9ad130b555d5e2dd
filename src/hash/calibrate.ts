import { LshError } from '../core/errors.js'
import { distancesAmong } from './distances.js'
import { KINDS, type FamilyKind } from './kinds.js'
import { median } from './median.js'

/** How near neighbours are in a sample, and the bandwidth that tells them from the rest. */
export interface Calibration {
  readonly sampled: number
  /** Median distance to the k-th neighbour; `null` where all rows are equal. */
  readonly radius: number | null
  /** Mean distance of pairs; `null` for fewer than two rows. */
  readonly meanDistance: number | null
  /** `meanDistance / radius`: near 1 where there is no neighbourhood to find. */
  readonly contrast: number | null
  /** What the kind makes of these; null for a kind without. */
  readonly bandwidth: number | null
}

/** The neighbourhood of 200 rows estimates the median well; all pairs would cost ten times more. */
const anchors = 200

/** Measures the distances within a sample of vectors: `lsh_internal.calibrate`. */
export function calibrate(
  sample: readonly Float32Array[],
  k = 50,
  kind: FamilyKind = 'kernel',
): Calibration {
  if (!(Number.isInteger(k) && k >= 1)) {
    throw new LshError('bad_usage', `calibration needs a whole k >= 1, not ${k}`, {
      hint: 'The default, k = 50, suits most data.',
    })
  }
  const sampled = sample.length
  if (sampled < 2) {
    return { sampled, radius: null, meanDistance: null, contrast: null, bandwidth: null }
  }
  const rank = Math.min(k, Math.max(1, Math.floor(sampled / 4)))
  const distancesOf = distancesAmong(sample)
  let total = 0
  const radii = Float64Array.from({ length: Math.min(anchors, sampled) }, (_, anchor) => {
    const squares = distancesOf(anchor)
    for (const square of squares) total += Math.sqrt(square)
    // The least is the distance to itself.
    return Math.sqrt(squares.toSorted()[rank]!)
  })
  const middle = median(radii)
  // 1e-12: rounding of rows that are all equal is no neighbourhood.
  const radius = middle > 1e-12 ? middle : null
  const meanDistance = total / (radii.length * (sampled - 1))
  return {
    sampled,
    radius,
    meanDistance,
    contrast: radius === null ? null : meanDistance / radius,
    bandwidth: KINDS[kind].bandwidth?.(radius, meanDistance) ?? null,
  }
}
