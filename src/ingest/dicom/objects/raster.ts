import { refusal } from '../elements/refusal.js'
import { dot, type Raster, type Vector3 } from '../../volume/planes.js'

/** Tolerance of the squared lengths and the inner product of the directions. */
const skewed = 0.01

/** A raster from six cosines, which must be two orthogonal directions. */
export function rasterOf(
  of: {
    rows: number
    columns: number
    orientation: readonly number[]
    spacingMm: readonly [number, number]
  },
  name: string,
): Raster {
  const { rows, columns, orientation, spacingMm } = of
  const across = orientation.slice(0, 3) as unknown as Vector3
  const down = orientation.slice(3) as unknown as Vector3
  const skew = [dot(across, across) - 1, dot(down, down) - 1, dot(across, down)]
  if (!skew.every((error) => Math.abs(error) < skewed))
    refusal(name, '(0020,0037) Image Orientation (Patient)')('are not two perpendicular directions')
  return { rows, columns, across, down, spacingMm }
}
