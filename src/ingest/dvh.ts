import type { Dvh } from '../core/plan.js'

/** What a structure gets. */
export interface DoseStatistics {
  /** How much of it there is: its voxels, or the sum of what each of them counts. */
  readonly amount: number
  readonly meanGy: number
  readonly maxGy: number
  readonly dvh: Dvh
}

export interface DoseStatisticsOptions {
  /** Width of a bin of the histogram in Gy. (Default: 0.5) */
  binGy?: number
}

/** Gathers the dose of a structure part by part. */
export interface DoseTally {
  /** Adds the voxels that a mask marks; each counts as much as is said. */
  add(dose: Float32Array, mask: Uint8Array, each: number): void
  /**
   * Mean, maximum and cumulative histogram. The histogram runs from 0 Gy up to and including the
   * first bin that no voxel reaches.
   */
  statistics(): DoseStatistics
}

/** Mean, maximum and cumulative histogram of the dose in the voxels that a mask marks. */
export function doseStatistics(
  dose: Float32Array,
  mask: Uint8Array,
  options: DoseStatisticsOptions = {},
): DoseStatistics {
  const tally = startTally(options)
  tally.add(dose, mask, 1)
  return tally.statistics()
}

export function startTally(options: DoseStatisticsOptions = {}): DoseTally {
  const { binGy = 0.5 } = options
  /** What lies in each bin. */
  const amounts: number[] = [0]
  let sum = 0
  let maxGy = 0
  return {
    add(dose, mask, each) {
      for (let v = mask.indexOf(1); v >= 0; v = mask.indexOf(1, v + 1)) {
        const gy = dose[v] as number
        sum += gy * each
        if (gy > maxGy) maxGy = gy
        const bin = binOf(gy, binGy)
        while (amounts.length <= bin) amounts.push(0)
        amounts[bin] = (amounts[bin] as number) + each
      }
    },
    statistics() {
      const reached = new Float64Array(amounts.length + 1)
      for (let bin = amounts.length - 1; bin >= 0; bin--)
        reached[bin] = (reached[bin + 1] as number) + (amounts[bin] as number)
      const amount = reached[0] as number
      const volume = Float32Array.from(reached, (part) => (amount === 0 ? 0 : part / amount))
      return { amount, meanGy: amount === 0 ? 0 : sum / amount, maxGy, dvh: { binGy, volume } }
    },
  }
}

/**
 * The last bin whose lower edge the dose reaches; division alone errs at edges such as 0.3 / 0.1.
 */
function binOf(gy: number, binGy: number): number {
  const bin = Math.floor(gy / binGy)
  if ((bin + 1) * binGy <= gy) return bin + 1
  return bin * binGy > gy ? bin - 1 : bin
}
