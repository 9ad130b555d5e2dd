import type { Preprocessing } from '../frames/frame.js'
import { frameLength, frameShape } from '../trained/frame-tensor.js'
import type { SliceLevels } from './slice-levels.js'

/** Slices that lie this far apart are alike by 1/√e. */
const LEVEL_MM = 6
/** Where the dose counts, the place counts less. */
const LEVEL_WITH_DOSE_MM = 20
/** Doses that differ by this much on average over the frame are alike by 1/√e. */
const DOSE_GY = 1.5
/** Rows and columns to which doses are averaged before they are compared. */
const COARSE = 16

/** What a batch should look like to the encoder. */
export interface Likeness {
  /** Row by row, which other slice is alike to a slice, as shares that sum to 1. */
  readonly shares: Float32Array
  /** 0 where a pair counts, a great negative number where nothing is known about it. */
  readonly mask: Float32Array
}

/**
 * Which slices of a batch are alike: those at the same level and, where a frame shows the dose, of the same dose.
 * Without alignment the levels of different patients cannot be compared, so CT alone says only what is
 * near within one plan; this takes no more than the order of slices, no label.
 */
export function likenessOf(
  batch: { frames: Float32Array; chosen: Int32Array },
  levels: SliceLevels,
  preprocessing: Preprocessing,
): Likeness {
  const { chosen } = batch
  const count = chosen.length
  const doses = coarseDoses(batch.frames, preprocessing)
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

/** The dose of each frame in Gy, averaged to a few pixels, or null where frames show none. */
function coarseDoses(frames: Float32Array, preprocessing: Preprocessing): Float32Array[] | null {
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
