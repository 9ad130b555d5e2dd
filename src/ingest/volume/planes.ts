/** A point or direction in the patient in mm: to the left, to posterior, to the head. */
export type Vector3 = readonly [number, number, number]

export function dot(a: Vector3, b: Vector3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

export function cross(a: Vector3, b: Vector3): Vector3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/** `a + factor * b` */
export function along(a: Vector3, factor: number, b: Vector3): Vector3 {
  return [a[0] + factor * b[0], a[1] + factor * b[1], a[2] + factor * b[2]]
}

/** Orientation and spacing of the pixels of an image, independent of its position. */
export interface Raster {
  readonly rows: number
  readonly columns: number
  /** Unit vectors in the directions of ascending columns and rows. */
  readonly across: Vector3
  readonly down: Vector3
  /** Distance between rows and between columns in mm. */
  readonly spacingMm: readonly [row: number, column: number]
}

/** A raster with a position: `origin` is the centre of the first pixel. */
export interface Plane extends Raster {
  readonly origin: Vector3
}

/** An image in the patient. */
export interface PlacedImage<Values = Uint8Array | Int16Array | Float32Array> {
  readonly origin: Vector3
  readonly values: Values
}

/** Parallel images of one raster. */
export interface Stack {
  readonly raster: Raster
  /** Sorted by depth. A tilted gantry shifts their origins sideways. */
  readonly images: readonly PlacedImage[]
  /** Position of each image along the normal in mm, ascending. */
  readonly depths: readonly number[]
}

/** The normal of the images of a raster. */
export function normalOf({ across, down }: Pick<Raster, 'across' | 'down'>): Vector3 {
  return cross(across, down)
}

/** Sorts images into a stack. */
export function stackOf(raster: Raster, images: readonly PlacedImage[]): Stack {
  const normal = normalOf(raster)
  const sorted = images
    .map((image) => ({ image, depth: dot(image.origin, normal) }))
    .sort((a, b) => a.depth - b.depth)
  return {
    raster,
    images: sorted.map(({ image }) => image),
    depths: sorted.map(({ depth }) => depth),
  }
}

/** Column and row of a point in an image of a raster, in pixels from the centre of the first one. */
export function pixelOf(raster: Raster, origin: Vector3, point: Vector3): [number, number] {
  const offset = along(point, -1, origin)
  const [rowMm, columnMm] = raster.spacingMm
  return [dot(offset, raster.across) / columnMm, dot(offset, raster.down) / rowMm]
}

/** Tolerance in pixels for places outside an image, for rounding errors. */
const edge = 1e-3

export interface SampleOptions {
  /**
   * Distance by which places may be outside the centres of the outer pixels and images, as a share of their distance;
   * one half reaches the edges of the outer voxels. (Default: rounding errors)
   */
  reach?: number
}

/**
 * Values of a stack at the pixels of any plane in the patient: linear between the two images around a place, and
 * bilinear within each. Places outside the stack keep the values of `out`.
 */
export function sampleStack(
  { raster, images, depths }: Stack,
  target: Plane,
  out: Float32Array,
  options: SampleOptions = {},
) {
  const { reach = 0 } = options
  const { rows, columns } = raster
  const last = images.length - 1
  const [first, deepest] = [depths[0] as number, depths[last] as number]
  const outside = edge + reach
  // The outermost gaps; inner gaps may be wider.
  const before = outside * (last > 0 ? (depths[1] as number) - first : 1)
  const behind = outside * (last > 0 ? deepest - (depths[last - 1] as number) : 1)
  const normal = normalOf(raster)
  // Pixels relative to the origin of the patient; the origin of each image is subtracted later.
  const zero: Vector3 = [0, 0, 0]
  const starts = images.map(({ origin }) => pixelOf(raster, zero, origin))
  const step = along(zero, target.spacingMm[1], target.across)
  const [stepX, stepY] = pixelOf(raster, zero, step)
  const stepDepth = dot(step, normal)
  let k = 0
  for (let row = 0, i = 0; row < target.rows; row++) {
    const start = along(target.origin, row * target.spacingMm[0], target.down)
    const [startX, startY] = pixelOf(raster, zero, start)
    const startDepth = dot(start, normal)
    for (let column = 0; column < target.columns; column++, i++) {
      const depth = startDepth + column * stepDepth
      if (!(depth >= first - before && depth <= deepest + behind)) continue
      while (k < last && depth > (depths[k + 1] as number)) k++
      while (k > 0 && depth < (depths[k] as number)) k--
      const x = startX + column * stepX
      const y = startY + column * stepY
      const near = valueAt(k, x, y)
      if (k === last || depth <= (depths[k] as number)) {
        if (!Number.isNaN(near)) out[i] = near
        continue
      }
      const from = depths[k] as number
      const share = Math.min(1, (depth - from) / ((depths[k + 1] as number) - from))
      const value = near + share * (valueAt(k + 1, x, y) - near)
      if (!Number.isNaN(value)) out[i] = value
    }
  }

  /** Value of one image at a place; `NaN` outside. */
  function valueAt(k: number, placeX: number, placeY: number): number {
    const start = starts[k] as [number, number]
    const x = within(placeX - start[0], columns - 1, outside)
    const y = within(placeY - start[1], rows - 1, outside)
    if (x < 0 || y < 0) return NaN
    const { values } = images[k] as PlacedImage
    const [left, top] = [Math.floor(x), Math.floor(y)]
    const at = top * columns + left
    const [right, below] = [left < columns - 1 ? 1 : 0, top < rows - 1 ? columns : 0]
    const [shareX, shareY] = [x - left, y - top]
    const a = values[at] as number
    const b = values[at + right] as number
    const c = values[at + below] as number
    const d = values[at + below + right] as number
    const upper = a + shareX * (b - a)
    const lower = c + shareX * (d - c)
    return upper + shareY * (lower - upper)
  }
}

/** A place on an axis that ends at `last`; `-1` if it is outside. */
function within(place: number, last: number, outside: number): number {
  if (!(place >= -outside && place <= last + outside)) return -1
  return Math.min(last, Math.max(0, place))
}
