import { LshError } from '../../core/errors.js'
import type { SliceImage } from '../../core/plan.js'
import { signedDistance } from '../../core/signed-distance.js'
import type { SliceStructures, StructureMask } from '../../core/slice-structures.js'
import { targetDose } from '../../ingest/volume/target-dose.js'

/**
 * What a plane shows of the structures of a slice: the depth in all targets together, the dose of the target at each
 * pixel, or the depth in all organs together.
 */
export const STRUCTURE_CHANNELS = ['targets', 'levels', 'organs'] as const
export type StructureChannel = (typeof STRUCTURE_CHANNELS)[number]

/** Depths beyond this distance from a surface are not told apart. */
export const MOST_DEPTH_MM = 40

/** Rows and columns of a slice. */
type Size = Pick<SliceImage, 'rows' | 'columns'>

/**
 * A map of the structures of a slice, `rows * columns` values, row by row.
 *
 * - `targets`, `organs`: depth in mm within the slice, from −40 to 40: positive inside, negative outside; −40 without any.
 * - `levels`: dose in Gy of the highest target at the pixel, as its name states it, else the prescription; 0 outside of
 *   all targets and where neither is known.
 *
 * @throws LshError `bad_input` for a mask of another size, or pixels whose size is not a positive number of mm
 */
export function structureMap(
  channel: StructureChannel,
  { rows, columns }: Size,
  structures: SliceStructures,
): Float32Array {
  const { masks, pixelMm, prescriptionGy } = structures
  assertMeasurable(structures, { rows, columns })
  const targets = masks.filter(({ role }) => role === 'target')
  if (channel === 'levels') return levels(targets, rows * columns, prescriptionGy)
  const shown = channel === 'targets' ? targets : masks.filter(({ role }) => role === 'organ')
  const inside = new Uint8Array(rows * columns)
  for (const mask of shown)
    for (let i = 0; i < inside.length; i++) if (mask.inside[i]) inside[i] = 1
  const grid = { size: [1, rows, columns], mm: [1, ...pixelMm] } as const
  return signedDistance(inside, grid, MOST_DEPTH_MM).map((mm) => -mm)
}

function levels(
  targets: readonly StructureMask[],
  pixels: number,
  prescriptionGy: number | null,
): Float32Array {
  const out = new Float32Array(pixels)
  for (const { name, inside } of targets) {
    const gy = targetDose(name) ?? prescriptionGy ?? 0
    for (let i = 0; i < pixels; i++) if (inside[i] && gy > out[i]!) out[i] = gy
  }
  return out
}

function assertMeasurable({ masks, pixelMm }: SliceStructures, { rows, columns }: Size): void {
  const wrong = masks.find(({ inside }) => inside.length !== rows * columns)
  if (wrong)
    throw new LshError(
      'bad_input',
      `the mask of ${wrong.name} has ${wrong.inside.length} values, not ${rows} times ${columns}`,
      { hint: 'Give a 0 or a 1 for each pixel of the slice, row by row.' },
    )
  const [height, width] = pixelMm
  if (height > 0 && width > 0 && height < Infinity && width < Infinity) return
  throw new LshError('bad_input', `the pixels of the slice cannot be ${pixelMm.join(' × ')} mm`, {
    hint: 'Give pixelMm as height and width of a pixel in mm: [1, 1].',
  })
}
