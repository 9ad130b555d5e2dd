import { BODY_HU } from '../../core/body-extent.js'
import type { SliceImage } from '../../core/plan.js'

/** Smallest cross-section that counts as body in mm²; the thinnest necks seen have 12,000. */
const bodyMm2 = 4000

/**
 * Whether a slice shows body: at least 40 cm² of voxels that are tissue and whose four neighbours
 * are tissue too. Published volumes also hold slices with nothing but the outline ring of a patient,
 * a thermoplastic mask, or the stump of one organ; thin things have no such voxels.
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
