import type { Dvh } from '../../core/plan.js'

/** Dose statistics of a structure. */
export interface DoseStatistics {
  /** Its amount: the number of its voxels, or the sum of their weights. */
  readonly amount: number
  /** Amount with known dose. */
  readonly dosed: number
  /** Mean over the amount with known dose; 0 if there is none. */
  readonly meanGy: number
  readonly maxGy: number
  readonly dvh: Dvh
}

export interface DoseStatisticsOptions {
  /** Width of a bin of the histogram in Gy. (Default: 0.5) */
  binGy?: number
}

/** Accumulates the dose of a structure in parts. */
export interface DoseTally {
  /**
   * Adds voxels, each weighted by its share inside (0 to 1) times `each`. A dose of `NaN` is unknown. The dose of a
   * voxel may be uniformly distributed around its value, by `spread` above and below.
   */
  add(dose: Float32Array, shares: ArrayLike<number>, each: number, spread?: Float32Array): void
  /**
   * Mean, maximum and cumulative histogram. The histogram runs from 0 Gy up to and including the first bin that no
   * voxel reaches.
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
  /** Amount in each bin. */
  const amounts: number[] = [0]
  /** Uniformly distributed amounts, as differences between bins, to be summed. */
  const steps: number[] = [0]
  let [amount, dosed, sum, maxGy] = [0, 0, 0, 0]

  function addStep(gy: number, perBin: number): void {
    const bin = Math.floor(gy / binGy)
    while (steps.length <= bin + 1) steps.push(0)
    const behind = gy / binGy - bin
    steps[bin]! += perBin * (1 - behind)
    steps[bin + 1]! += perBin * behind
  }

  function addPart(gy: number, part: number, spreadGy: number): void {
    amount += part
    if (Number.isNaN(gy)) return
    dosed += part
    sum += gy * part
    if (gy > maxGy) maxGy = gy
    if (spreadGy * 1000 < binGy) {
      const bin = binOf(gy, binGy)
      while (amounts.length <= bin) amounts.push(0)
      amounts[bin]! += part
    } else {
      const [from, to] = [Math.max(0, gy - spreadGy), gy + spreadGy]
      const perBin = (part * binGy) / (to - from)
      addStep(from, perBin)
      addStep(to, -perBin)
    }
  }

  return {
    add(dose, shares, each, spread) {
      // Skips zeros, which are most of a mask.
      if (shares instanceof Uint8Array)
        for (let v = shares.indexOf(1); v >= 0; v = shares.indexOf(1, v + 1))
          addPart(dose[v] as number, each, spread?.[v] ?? 0)
      else
        for (let v = 0; v < shares.length; v++)
          if (shares[v] !== 0) addPart(dose[v] as number, shares[v]! * each, spread?.[v] ?? 0)
    },
    statistics() {
      const bins = Math.max(amounts.length, steps.length)
      const volume = new Float32Array(bins + 1)
      const inBins = new Float64Array(bins)
      for (let bin = 0, even = 0; bin < bins; bin++) {
        even += steps[bin] ?? 0
        // The differences cancel, except for rounding errors.
        inBins[bin] = (amounts[bin] ?? 0) + Math.max(0, even)
      }
      let last = bins - 1
      while (last > 0 && inBins[last]! <= 1e-9 * dosed) last--
      const all = inBins.reduce((whole, part) => whole + part, 0)
      let reached = 0
      for (let bin = last; bin >= 0; bin--) {
        reached += inBins[bin]!
        volume[bin] = all === 0 ? 0 : Math.min(1, reached / all)
      }
      const meanGy = dosed === 0 ? 0 : sum / dosed
      const dvh = { binGy, volume: volume.slice(0, last + 2) }
      return { amount, dosed, meanGy, maxGy, dvh }
    },
  }
}

/** The last bin whose lower edge the dose reaches; division alone is wrong at edges such as 0.3 / 0.1. */
function binOf(gy: number, binGy: number): number {
  const bin = Math.floor(gy / binGy)
  if ((bin + 1) * binGy <= gy) return bin + 1
  return bin * binGy > gy ? bin - 1 : bin
}
