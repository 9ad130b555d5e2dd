import type { Anatomy } from '../../../src/compare/prediction/anatomy.js'

/** A way to make a dose wrong for its anatomy. */
export interface Spoiling {
  readonly name: string
  /** Shift towards the feet, the back and the left of the patient, in mm. */
  readonly shift?: readonly [number, number, number]
  readonly scale?: number
  readonly mirrored?: boolean
}

export const SPOILINGS: readonly Spoiling[] = [
  { name: 'shifted 15 mm to the left', shift: [0, 0, 15] },
  { name: 'scaled by 0.9', scale: 0.9 },
  { name: 'mirrored', mirrored: true },
  { name: 'shifted 15 mm to the front', shift: [0, -15, 0] },
  { name: 'scaled by 1.1', scale: 1.1 },
  { name: 'shifted 15 mm to the head', shift: [-15, 0, 0] },
]

/** A plan with its dose changed in the given way, or unchanged if none is given. */
export function spoil(anatomy: Anatomy, how: Spoiling | null): Anatomy {
  const { volume, grid } = anatomy
  const { dose } = volume
  if (!how || !dose) return anatomy
  const { shift = [0, 0, 0], scale = 1, mirrored = false } = how
  const [slices, rows, columns] = grid.size
  const [ds, dr, dc] = shift.map((mm, axis) => Math.round(mm / grid.mm[axis]!)) as [
    number,
    number,
    number,
  ]
  const spoiled = new Float32Array(dose.length)
  for (let s = 0; s < slices; s++)
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) {
        const from = [s - ds, r - dr, mirrored ? columns - 1 - c : c - dc] as const
        if (from.some((at, axis) => at < 0 || at >= grid.size[axis]!)) continue
        const voxel = (s * rows + r) * columns + c
        if (!volume.body[voxel]) continue
        spoiled[voxel] = scale * dose[(from[0] * rows + from[1]) * columns + from[2]]!
      }
  return { ...anatomy, volume: { ...volume, dose: spoiled } }
}
