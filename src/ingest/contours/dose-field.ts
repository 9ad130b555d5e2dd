import { addDose, type CellDoses } from './dose-slopes.js'
import { sampleStack, type PlacedImage, type Plane, type Stack } from '../volume/planes.js'

/** The dose of a plan at any place in the patient, summed over its grids. */
export interface DoseField {
  /** At the centres of the pixels of a plane, interpolated linearly within each grid; `NaN` where a grid ends. */
  pixels(plane: Plane): Float32Array
  /** In cells of a plane where `where` is above 0; see `addDose`. */
  cells(plane: Plane, thicknessMm: number, where: ArrayLike<number>): CellDoses
  /** Smallest voxel distances of a grid in mm: within its planes, and between them. */
  readonly finestMm: number
}

/** A grid extends by half a voxel beyond the centres of its outer voxels, with their dose. */
const reach = 0.5

/** The sum of doses. */
export function doseField(stacks: readonly Stack[]): DoseField {
  const grids = joined(stacks)
  return {
    finestMm: Math.min(...grids.map(finest)),
    pixels(plane) {
      const [first, ...others] = grids.map((grid) => {
        const gy = new Float32Array(plane.rows * plane.columns).fill(NaN)
        sampleStack(grid, plane, gy, { reach })
        return gy
      })
      const sum = first as Float32Array
      for (const gy of others) for (let i = 0; i < sum.length; i++) sum[i]! += gy[i]!
      return sum
    },
    cells(plane, thicknessMm, where) {
      const count = plane.rows * plane.columns
      const out = { gy: new Float32Array(count), spreadGy: new Float32Array(count) }
      for (const grid of grids) addDose(grid, plane, { thicknessMm, where }, out)
      return out
    },
  }
}

function finest({ raster, depths }: Stack): number {
  const gaps = depths.slice(1).map((depth, i) => depth - depths[i]!)
  return Math.min(...raster.spacingMm, ...gaps)
}

/** Adds up doses with the same grid, such as those of beams, so that they are sampled once. */
function joined(stacks: readonly Stack[]): readonly Stack[] {
  const grids: Stack[] = []
  for (const stack of stacks) {
    const at = grids.findIndex((grid) => sameGrid(grid, stack))
    if (at < 0) grids.push(stack)
    else grids[at] = added(grids[at]!, stack)
  }
  return grids
}

function sameGrid(a: Stack, b: Stack): boolean {
  const numbersOf = ({ raster, images }: Stack) => [
    raster.rows,
    raster.columns,
    ...raster.across,
    ...raster.down,
    ...raster.spacingMm,
    ...images.flatMap(({ origin }) => [...origin]),
  ]
  const [one, other] = [numbersOf(a), numbersOf(b)]
  return one.length === other.length && one.every((value, i) => Math.abs(value - other[i]!) < 1e-4)
}

function added({ raster, images, depths }: Stack, other: Stack): Stack {
  const sum = images.map(({ origin, values }, k): PlacedImage<Float32Array> => {
    const more = other.images[k]!.values
    return { origin, values: Float32Array.from(values, (gy, i) => gy + more[i]!) }
  })
  return { raster, images: sum, depths }
}
