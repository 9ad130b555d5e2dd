import { LshError } from '../core/errors.js'
import { distancesAmong } from './distances.js'
import { KINDS, type FamilyKind } from './kinds.js'
import { median } from './median.js'

/** Distances within a sample, and the bandwidth that separates neighbours from the rest. */
export interface Calibration {
  readonly sampled: number
  /** Median distance to the k-th neighbour; `null` if all rows are equal. */
  readonly radius: number | null
  /** Mean distance of pairs; `null` for fewer than two rows. */
  readonly meanDistance: number | null
  /** `meanDistance / radius`; near 1 if the data have no neighbourhoods. */
  readonly contrast: number | null
  /** Bandwidth that the kind derives from them; null for a kind without a bandwidth. */
  readonly bandwidth: number | null
}

/** Rows whose neighbourhoods are measured: 200 estimate the median well; all pairs would take ten times as long. */
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
    // The smallest is the distance to itself.
    return Math.sqrt(squares.toSorted()[rank]!)
  })
  const middle = median(radii)
  // A radius below 1e-12 is the rounding error of equal rows.
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
