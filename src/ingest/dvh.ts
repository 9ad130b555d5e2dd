import type { Dvh } from '../core/plan.js'

/** What a structure gets. */
export interface DoseStatistics {
  readonly voxels: number
  readonly meanGy: number
  readonly maxGy: number
  readonly dvh: Dvh
}

export interface DoseStatisticsOptions {
  /** Width of a bin of the histogram in Gy. (Default: 0.5) */
  binGy?: number
}

/**
 * Mean, maximum and cumulative histogram of the dose in the voxels that a mask marks. The
 * histogram runs from 0 Gy up to and including the first bin that no voxel reaches.
 */
export function doseStatistics(
  dose: Float32Array,
  mask: Uint8Array,
  options: DoseStatisticsOptions = {},
): DoseStatistics {
  const { binGy = 0.5 } = options
  let voxels = 0
  let sum = 0
  let maxGy = 0
  for (let v = mask.indexOf(1); v >= 0; v = mask.indexOf(1, v + 1)) {
    const gy = dose[v] as number
    voxels++
    sum += gy
    if (gy > maxGy) maxGy = gy
  }
  const counts = new Float64Array(binOf(maxGy, binGy) + 2)
  for (let v = mask.indexOf(1); v >= 0; v = mask.indexOf(1, v + 1)) {
    const bin = binOf(dose[v] as number, binGy)
    counts[bin] = (counts[bin] as number) + 1
  }
  const volume = new Float32Array(counts.length)
  let reached = 0
  for (let bin = counts.length - 1; bin >= 0; bin--) {
    reached += counts[bin] as number
    volume[bin] = voxels === 0 ? 0 : reached / voxels
  }
  return { voxels, meanGy: voxels === 0 ? 0 : sum / voxels, maxGy, dvh: { binGy, volume } }
}

/**
 * The last bin whose lower edge the dose reaches; division alone errs at edges such as 0.3 / 0.1.
 */
function binOf(gy: number, binGy: number): number {
  const bin = Math.floor(gy / binGy)
  if ((bin + 1) * binGy <= gy) return bin + 1
  return bin * binGy > gy ? bin - 1 : bin
}
