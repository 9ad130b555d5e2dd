import type { Preprocessing } from '../frames/frame.js'
import { frameLength, frameShape } from '../trained/frame-tensor.js'
import type { SliceLevels } from './slice-levels.js'

/** Slices at this distance have similarity 1/√e. */
const LEVEL_MM = 6
/** The same where frames show the dose: the scale is wider, so that the dose outweighs the level. */
const LEVEL_WITH_DOSE_MM = 20
/** Doses whose mean difference over the frame is this large have similarity 1/√e. */
const DOSE_GY = 1.5
/** Rows and columns to which doses are averaged before they are compared. */
export const COARSE = 16

/** Similarities of the frames of a batch, which are the targets of the contrastive loss. */
export interface SimilarityTargets {
  /**
   * `count * count` values, row by row: the similarity of each frame to the others, as shares that sum to 1. A row is 0
   * if no other frame is similar.
   */
  readonly shares: Float32Array
  /** For each pair, what the loss adds to its logit: 0, or −10⁹ for a frame with itself and for an unknown similarity. */
  readonly mask: Float32Array
}

/**
 * Similarity of the slices of a batch. Slices are similar if they lie at the same level and, where the dose is known,
 * get a similar dose. Levels of different plans can be compared only if they are aligned. Without alignment, frames of
 * CT alone give similarities only within a plan; these need the order of slices and no labels.
 */
export function sliceSimilarityTargets(
  batch: { frames: Float32Array; chosen: Int32Array },
  levels: SliceLevels,
  preprocessing: Preprocessing,
): SimilarityTargets {
  const { chosen } = batch
  const count = chosen.length
  const doses = knownDoses(levels, chosen) ?? shownDoses(batch.frames, preprocessing)
  const shares = new Float32Array(count * count)
  const mask = new Float32Array(count * count)
  for (let i = 0; i < count; i++) {
    const row = new Float64Array(count)
    for (let j = 0; j < count; j++) {
      const [a, b] = [chosen[i] as number, chosen[j] as number]
      const near = levels.aligned || levels.plan[a] === levels.plan[b]
      const known = i !== j && (near || doses !== null)
      if (!known) {
        mask[i * count + j] = -1e9
        continue
      }
      let penalty = 0
      if (near) {
        const apart = levels.mm[a]! - levels.mm[b]!
        penalty += (apart / (doses ? LEVEL_WITH_DOSE_MM : LEVEL_MM)) ** 2 / 2
      }
      if (doses) penalty += (meanGap(doses, i, j) / DOSE_GY) ** 2 / 2
      row[j] = Math.exp(-penalty)
    }
    const sum = row.reduce((a, b) => a + b, 0)
    if (sum > 0) row.forEach((value, j) => (shares[i * count + j] = value / sum))
  }
  return { shares, mask }
}

/** The doses of slices whose frames do not show them, or null if these are not known. */
function knownDoses({ doses }: SliceLevels, chosen: Int32Array): Float32Array[] | null {
  if (!doses) return null
  return Array.from(chosen, (i) => doses.subarray(i * COARSE ** 2, (i + 1) * COARSE ** 2))
}

/** The dose of each frame in Gy, averaged to a few pixels, or null if frames show none. */
function shownDoses(frames: Float32Array, preprocessing: Preprocessing): Float32Array[] | null {
  const { planes, size } = preprocessing
  const at = planes.findIndex(({ channel }) => channel === 'dose')
  if (at < 0) return null
  const { low, high } = planes[at]!
  const length = frameLength(frameShape(preprocessing))
  const step = size / COARSE
  return Array.from({ length: frames.length / length }, (_, i) => {
    const out = new Float32Array(COARSE * COARSE)
    for (let p = 0; p < size * size; p++) {
      const target =
        Math.floor(Math.floor(p / size) / step) * COARSE + Math.floor((p % size) / step)
      out[target]! += (frames[i * length + p * planes.length + at]! * (high - low)) / step ** 2
    }
    return out
  })
}

function meanGap(doses: readonly Float32Array[], i: number, j: number): number {
  const [a, b] = [doses[i]!, doses[j]!]
  let sum = 0
  for (let p = 0; p < a.length; p++) sum += Math.abs(a[p]! - b[p]!)
  return sum / a.length
}
