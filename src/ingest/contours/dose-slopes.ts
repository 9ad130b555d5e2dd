import { dot, normalOf, pixelOf, type Plane, type Stack, type Vector3 } from '../volume/planes.js'

/** Doses of cells in a plane. */
export interface CellDoses {
  /** At the centre of each cell; `NaN` if unknown. */
  readonly gy: Float32Array
  /** Largest deviation of the dose within a cell, above and below. */
  readonly spreadGy: Float32Array
}

/** Distance by which a grid extends beyond the centres of its outer voxels: half a voxel, plus rounding errors. */
const reach = 0.501

/**
 * Adds the dose of a grid in cells of a plane where `where` is above 0. A cell gets the dose of its voxel, with the
 * slope there. Each voxel thereby keeps its mean dose; linear interpolation would blur it, and near a steep edge move
 * dose from the target to the organ. A linear dose is reproduced exactly.
 *
 * Slopes are limited by van Leer's monotonized central differences (J. Comput. Phys. 23, 1977): at most twice the
 * smaller of the two one-sided slopes, and zero at local extrema, so that no cell gets more or less than its
 * surroundings.
 */
export function addDose(
  stack: Stack,
  plane: Plane,
  cell: { readonly thicknessMm: number; readonly where: ArrayLike<number> },
  out: CellDoses,
): void {
  const { raster, images, depths } = stack
  const { rows, columns } = raster
  const last = images.length - 1
  const normal = normalOf(raster)
  const zero: Vector3 = [0, 0, 0]
  const starts = images.map(({ origin }) => pixelOf(raster, zero, origin))
  const halves = halvesOf(plane, cell.thicknessMm)
  /** Half of a cell in each direction, in pixels and mm of the grid. */
  const sides = halves.map((half) => [...pixelOf(raster, zero, half), dot(half, normal)] as const)
  const [[halfX, halfY, halfDepth]] = sides as [(typeof sides)[number]]
  const [stepX, stepY, stepDepth] = [2 * halfX, 2 * halfY, 2 * halfDepth]
  let k = 0
  /** The voxel of the previous cell, with its dose and slopes. */
  let [known, voxel, slopeX, slopeY, slopeDepth, spread] = [-1, 0, 0, 0, 0, 0]
  for (let row = 0, i = 0; row < plane.rows; row++) {
    const start = [0, 1, 2].map(
      (axis) => plane.origin[axis]! + row * plane.spacingMm[0] * plane.down[axis]!,
    ) as unknown as Vector3
    const [startX, startY] = pixelOf(raster, zero, start)
    const startDepth = dot(start, normal)
    for (let column = 0; column < plane.columns; column++, i++) {
      if (!((cell.where[i] as number) > 0)) continue
      const depth = startDepth + column * stepDepth
      while (k < last && depth > (depths[k]! + depths[k + 1]!) / 2) k++
      while (k > 0 && depth < (depths[k - 1]! + depths[k]!) / 2) k--
      const away = depth - depths[k]!
      const x = startX + column * stepX - starts[k]![0]
      const y = startY + column * stepY - starts[k]![1]
      if (Math.abs(away) > reach * gapMm(away) || !within(x, columns) || !within(y, rows)) {
        out.gy[i] = NaN
        continue
      }
      const pixelX = Math.min(columns - 1, Math.max(0, Math.round(x)))
      const pixelY = Math.min(rows - 1, Math.max(0, Math.round(y)))
      const at = pixelY * columns + pixelX
      if (k * rows * columns + at !== known) look(at, pixelX, pixelY)
      const gy = voxel + slopeX * (x - pixelX) + slopeY * (y - pixelY) + slopeDepth * away
      out.gy[i]! += Math.max(0, gy)
      out.spreadGy[i]! += spread
    }
  }

  /** Distance of the current image to its neighbour on the side of a cell, or on the other side at the end. */
  function gapMm(away: number): number {
    if (last === 0) return 1
    const next = k === 0 || (away > 0 && k < last) ? k + 1 : k - 1
    return Math.abs(depths[next]! - depths[k]!)
  }

  function look(at: number, x: number, y: number): void {
    const { values } = images[k]!
    known = k * rows * columns + at
    voxel = values[at]!
    slopeX = slope(x > 0 ? values[at - 1]! : null, x < columns - 1 ? values[at + 1]! : null, 1, 1)
    slopeY = slope(
      y > 0 ? values[at - columns]! : null,
      y < rows - 1 ? values[at + columns]! : null,
      1,
      1,
    )
    slopeDepth = slope(
      k > 0 ? images[k - 1]!.values[at]! : null,
      k < last ? images[k + 1]!.values[at]! : null,
      k > 0 ? depths[k]! - depths[k - 1]! : 1,
      k < last ? depths[k + 1]! - depths[k]! : 1,
    )
    let square = 0
    for (const [sideX, sideY, sideDepth] of sides)
      square += (slopeX * sideX + slopeY * sideY + slopeDepth * sideDepth) ** 2
    // Uniform spreads in each direction combine to one uniform spread of the same variance.
    spread = Math.sqrt(square)
  }

  function slope(
    before: number | null,
    behind: number | null,
    mmBefore: number,
    mmBehind: number,
  ): number {
    const left = before === null ? null : (voxel - before) / mmBefore
    const right = behind === null ? null : (behind - voxel) / mmBehind
    if (left === null || right === null) return left ?? right ?? 0
    if (left * right <= 0) return 0
    const least = 2 * Math.min(Math.abs(left), Math.abs(right))
    return Math.sign(left) * Math.min(Math.abs(left + right) / 2, least)
  }
}

/** Half of a cell across, down and along the normal, as vectors in the patient. */
function halvesOf({ across, down, spacingMm }: Plane, thicknessMm: number) {
  const [heightMm, widthMm] = spacingMm
  const scaled = (direction: Vector3, mm: number): Vector3 => [
    direction[0] * mm,
    direction[1] * mm,
    direction[2] * mm,
  ]
  return [
    scaled(across, widthMm / 2),
    scaled(down, heightMm / 2),
    scaled(normalOf({ across, down }), thicknessMm / 2),
  ] as const
}

function within(place: number, count: number): boolean {
  return place >= -reach && place <= count - 1 + reach
}
