import { mostSeriesPixels } from './image.js'
import { refusal } from '../elements/refusal.js'
import {
  along,
  dot,
  normalOf,
  sampleStack,
  type PlacedImage,
  type Raster,
  type Stack,
  type Vector3,
} from '../../volume/planes.js'
import { airHu } from '../../volume/volume.js'

/** A CT in axial slices from head to feet. */
export interface AxialSlices {
  /** Rows to posterior, columns to the patient's left. */
  readonly raster: Raster
  readonly slices: readonly CtSlice[]
  /** Whether the slices are the acquired images rather than resampled ones. */
  readonly asAcquired: boolean
}

export type CtSlice = PlacedImage<Int16Array>

/** Cosine of two degrees, the largest tilt of an axial image. */
const straight = 0.9994

/** Axial slices of a CT: its images, rotated if necessary, or resampled for any other orientation. */
export function axialSlices(acquired: Stack, sliceMm: number, name: string): AxialSlices {
  const upright = uprighted(acquired.raster)
  if (upright === null) return { ...cutAxially(acquired, sliceMm, name), asAcquired: false }
  const { raster, turn } = upright
  const slices = slicesOf(raster, acquired.images.map(turn))
  return { raster, slices, asAcquired: true }
}

/**
 * The rotation that turns an axial image so that rows run to posterior and columns to the left; `null` for other
 * orientations.
 */
function uprighted(raster: Raster) {
  const { rows, columns, across, down, spacingMm } = raster
  if (Math.abs(across[0]) < straight || Math.abs(down[1]) < straight) return null
  const [mirrored, upsideDown] = [across[0] < 0, down[1] < 0]
  const turned: Raster = {
    ...raster,
    across: mirrored ? along([0, 0, 0], -1, across) : across,
    down: upsideDown ? along([0, 0, 0], -1, down) : down,
  }
  const turn = ({ origin, values }: PlacedImage): PlacedImage<Int16Array> => {
    if (!mirrored && !upsideDown) return { origin, values: values as Int16Array }
    const out = new Int16Array(values.length)
    for (let row = 0, i = 0; row < rows; row++) {
      const from = (upsideDown ? rows - 1 - row : row) * columns
      for (let column = 0; column < columns; column++, i++)
        out[i] = values[from + (mirrored ? columns - 1 - column : column)] as number
    }
    const corner = along(origin, mirrored ? (columns - 1) * spacingMm[1] : 0, across)
    return { origin: along(corner, upsideDown ? (rows - 1) * spacingMm[0] : 0, down), values: out }
  }
  return { raster: turned, turn }
}

/** Slices from head to feet. */
function slicesOf(raster: Raster, images: readonly PlacedImage<Int16Array>[]): CtSlice[] {
  const normal = normalOf(raster)
  return [...images].sort((a, b) => dot(b.origin, normal) - dot(a.origin, normal))
}

/** Resamples axial slices from images of another orientation: oblique, sagittal, or with a tilted gantry. */
function cutAxially(stack: Stack, sliceMm: number, name: string) {
  const { raster, images } = stack
  const corners = images.flatMap(({ origin }) => {
    const right = along(origin, (raster.columns - 1) * raster.spacingMm[1], raster.across)
    const toBottom = (from: Vector3) =>
      along(from, (raster.rows - 1) * raster.spacingMm[0], raster.down)
    return [origin, right, toBottom(origin), toBottom(right)]
  })
  const bounds = [0, 1, 2].map((axis) => {
    const places = corners.map((corner) => corner[axis] as number)
    return [Math.min(...places), Math.max(...places)] as const
  })
  const [x, y, z] = bounds as [
    readonly [number, number],
    readonly [number, number],
    readonly [number, number],
  ]
  const pixelMm = Math.min(...raster.spacingMm)
  const count = ([from, to]: readonly [number, number], mm: number) =>
    Math.floor((to - from) / mm + 1e-6) + 1
  const upright: Raster = {
    rows: count(y, pixelMm),
    columns: count(x, pixelMm),
    across: [1, 0, 0],
    down: [0, 1, 0],
    spacingMm: [pixelMm, pixelMm],
  }
  const slices = count(z, sliceMm)
  if (upright.rows * upright.columns * slices > mostSeriesPixels)
    refusal(name)(
      `lies so that its series makes axial slices of more than ${mostSeriesPixels} pixels`,
    )
  const cut = Array.from({ length: slices }, (_, k): CtSlice => {
    const origin: Vector3 = [x[0], y[0], z[1] - k * sliceMm]
    const hu = new Float32Array(upright.rows * upright.columns).fill(airHu)
    sampleStack(stack, { ...upright, origin }, hu)
    return { origin, values: Int16Array.from(hu, Math.round) }
  })
  return { raster: upright, slices: cut }
}
