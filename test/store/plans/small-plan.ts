import { createHash } from 'node:crypto'
import type { Plan, Slice, Split } from '../../../src/core/plan.js'
import { random } from '../../../src/core/random.js'

export interface SmallPlanOptions {
  /** Number of the patient, who has this one plan. */
  number: number
  /** Slices of the plan. (Default: 4) */
  slices?: number
  /** Rows and columns of a slice. (Default: 8) */
  side?: number
  /** Enters the checksum and the images: another version is a changed plan. (Default: 1) */
  version?: number
  split?: Split
  /** Whether the plan has a dose. (Default: true) */
  dosed?: boolean
}

/** A small seeded plan without files: smooth gradients of CT and dose, on which encoders train quickly. */
export function smallPlan(options: SmallPlanOptions): Plan {
  const { number, slices = 4, side = 8, version = 1, split = 'train', dosed = true } = options
  const source = random(1000 * version + number)
  const bright = source.uniform()
  return {
    sourceKey: `made/pt_${number}`,
    patient: `pt_${number}`,
    split,
    checksum: createHash('sha256')
      .update(JSON.stringify({ number, slices, side, version, ...(!dosed && { dosed }) }))
      .digest('hex'),
    site: 'head and neck',
    prescriptionGy: dosed ? 70 : null,
    voxelMm: [4, 4, 3],
    slices: Array.from({ length: slices }, (_, index): Slice => {
      const [across, down, level] = [source.uniform() - 0.5, source.uniform() - 0.5, index / slices]
      const slope = Float32Array.from({ length: side * side }, (_, i) => {
        const [x, y] = [(i % side) / side - 0.5, Math.floor(i / side) / side - 0.5]
        return (bright + level) / 2 + across * x + down * y
      })
      return {
        index,
        positionMm: 3 * index,
        rows: side,
        columns: side,
        ct: Int16Array.from(slope, (value) => 1800 * value - 900),
        dose: dosed ? slope.map((value) => Math.max(0, 70 * value)) : null,
      }
    }),
    structures: [
      {
        name: 'PTV70',
        role: 'target',
        volumeCc: 30 + number,
        meanGy: dosed ? 69.5 : null,
        maxGy: dosed ? 73.25 : null,
        dvh: dosed ? { binGy: 0.5, volume: Float32Array.of(1, 0.75, 0.5, 0) } : null,
        dosedShare: dosed ? 1 : null,
        areasCm2: Float32Array.from({ length: slices }, (_, index) => index + 1),
      },
    ],
  }
}
