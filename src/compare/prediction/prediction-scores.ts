import { levelGroups } from '../level-groups.js'
import type { ScoreGroup } from '../score-groups.js'
import type { Anatomy } from './anatomy.js'
import { doseCriteria } from './dose-criteria.js'
import { gammaPassRate } from './gamma.js'

/** Errors of a predicted dose: the scores of the OpenKBP challenge, and gamma. */
export interface PredictionScores {
  /** Mean absolute difference in Gy over the voxels with dose. */
  readonly dose: number
  /** Mean absolute difference of the dose criteria in Gy. */
  readonly dvh: number
  /** Share of voxels with a gamma of at most 1, at 3 % of the highest dose and 3 mm. */
  readonly gamma: number
  /** The dose score by part of the body, and for slices that get at least 1 Gy; NaN for a part without dose. */
  readonly groups: Readonly<Record<ScoreGroup, number>>
}

/** Voxels of a plan that get dose or belong to a structure, at which predictions are measured; ascending. */
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

/**
 * Scores a dose at the `measuredVoxels` of a plan.
 *
 * @param mandible distance of the middle of the mandible from the first slice, in mm; NaN if unknown
 */
export function predictionScores(
  anatomy: Anatomy,
  wanted: Int32Array,
  predicted: Float32Array,
  mandible = NaN,
): PredictionScores {
  const truth = anatomy.volume.dose!
  const own = Float32Array.from(wanted, (voxel) => truth[voxel]!)
  const [slices, rows, columns] = anatomy.grid.size
  const [sums, counts, most] = [0, 1, 2].map(() => new Float64Array(slices)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  const whole = new Float32Array(truth.length)
  for (let i = 0; i < wanted.length; i++) {
    whole[wanted[i]!] = predicted[i]!
    if (own[i] === 0) continue
    const slice = Math.floor(wanted[i]! / (rows * columns))
    sums[slice]! += Math.abs(predicted[i]! - own[i]!)
    counts[slice]!++
    most[slice] = Math.max(most[slice]!, own[i]!)
  }
  const parts = slicePartsOf(anatomy, mandible)
  const scoreOf = (isMeant: (slice: number) => boolean) => {
    let [sum, count] = [0, 0]
    for (let slice = 0; slice < slices; slice++) {
      if (!isMeant(slice)) continue
      sum += sums[slice]!
      count += counts[slice]!
    }
    return sum / count
  }
  const [real, found] = [own, predicted].map((dose) => doseCriteria(anatomy, wanted, dose))
  const gaps = [...real!].map(([name, gy]) => Math.abs(gy - found!.get(name)!))
  return {
    dose: scoreOf(() => true),
    dvh: gaps.reduce((a, b) => a + b, 0) / gaps.length,
    gamma: gammaPassRate(truth, whole, anatomy.grid),
    groups: {
      head: scoreOf((slice) => parts[slice] === 'head'),
      neck: scoreOf((slice) => parts[slice] === 'neck'),
      shoulders: scoreOf((slice) => parts[slice] === 'shoulders'),
      from_1_gy: scoreOf((slice) => most[slice]! >= 1),
    },
  }
}

function slicePartsOf({ volume, grid }: Anatomy, mandible: number) {
  const [slices, rows, columns] = grid.size
  const widths = Float64Array.from({ length: slices }, (_, slice) => {
    let [first, last] = [columns, -1]
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) {
        if (!volume.body[(slice * rows + r) * columns + c]) continue
        first = Math.min(first, c)
        last = Math.max(last, c)
      }
    return last < 0 ? 0 : (last - first + 1) * grid.mm[2]
  })
  const levels = Float64Array.from({ length: slices }, (_, slice) => slice * grid.mm[0] - mandible)
  return levelGroups(levels, widths)
}
