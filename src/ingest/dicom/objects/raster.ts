import { refusal } from '../elements/refusal.js'
import { dot, type Raster, type Vector3 } from '../../volume/planes.js'

/** How far the squares of the directions, and their product, may be from those of a right angle. */
const skewed = 0.01

/** A raster of six cosines, which must be two directions at a right angle. */
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
