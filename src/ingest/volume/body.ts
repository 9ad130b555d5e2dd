import { BODY_HU } from '../../core/body-extent.js'
import type { SliceImage } from '../../core/plan.js'

/** Smallest cross-section that counts as body in mm²; the thinnest necks in published data have 12,000. */
const bodyMm2 = 4000

/**
 * Whether a slice shows a body: at least 40 cm² of voxels that are tissue with four neighbours of tissue. Published
 * volumes also hold slices with only the outline of a patient, a thermoplastic mask, or the end of one organ; such thin
 * objects have no such voxels.
 */
export function showsBody(
  { rows, columns, ct }: Pick<SliceImage, 'rows' | 'columns' | 'ct'>,
  [rowMm, columnMm]: readonly [row: number, column: number, ...rest: number[]],
): boolean {
  const isTissue = (pixel: number) => (ct[pixel] as number) > BODY_HU
  let needed = Math.max(1, Math.ceil(bodyMm2 / (rowMm * columnMm)))
  for (let row = 1; row < rows - 1; row++)
    for (let pixel = row * columns + 1, end = (row + 1) * columns - 1; pixel < end; pixel++)
      if (
        isTissue(pixel) &&
        isTissue(pixel - 1) &&
        isTissue(pixel + 1) &&
        isTissue(pixel - columns) &&
        isTissue(pixel + columns) &&
        --needed === 0
      )
        return true
  return false
}
