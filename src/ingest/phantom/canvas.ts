import type { PhantomPatient } from './patient.js'
import { side } from '../volume/volume.js'

/** Size of a voxel of the phantom in the axial plane, in mm. */
export const pixelMm = 3.906

/** An ellipse in mm of the standard body; x points to the patient's left, y to posterior. */
export interface Ellipse {
  readonly x: number
  readonly y: number
  readonly rx: number
  readonly ry: number
  /** Radians, clockwise in the picture. (Default: 0) */
  readonly angle?: number
  /** 2 is an ellipse; larger exponents approach a rectangle. (Default: 2) */
  readonly power?: number
}

/**
 * One axial slice that is being painted. Shapes are given in standard anatomy; the canvas deforms them to the patient.
 */
export interface Canvas {
  /** mm below the vertex, in standard anatomy. */
  readonly level: number
  readonly patient: PhantomPatient
  readonly hu: Float32Array
  /** 1 inside the patient. */
  readonly body: Uint8Array
  readonly organs: Map<string, Uint8Array>
  /**
   * Calls `visit` for each pixel whose centre is in the shape; `r` is 0 at the centre of the shape and 1 at its edge.
   */
  each(shape: Ellipse, visit: (pixel: number, r: number, x: number, y: number) => void): void
}

export function createCanvas(level: number, patient: PhantomPatient): Canvas {
  const { anatomyX, anatomyY, place } = bend(level, patient)
  const hu = new Float32Array(side * side).fill(-1024)
  const body = new Uint8Array(side * side)
  function each(
    shape: Ellipse,
    visit: (pixel: number, r: number, x: number, y: number) => void,
  ): void {
    const { x, y, rx, ry, angle = 0, power = 2 } = shape
    if (rx <= 0 || ry <= 0) return
    const [column, row] = place(x, y)
    const reach =
      (Math.hypot(rx, ry) * (power > 2 ? 1 : 0.8) + Math.min(rx, ry) * 0.3 + 12) / pixelMm
    const cos = Math.cos(angle)
    const sin = Math.sin(angle)
    const top = Math.max(0, Math.floor(row - reach))
    const bottom = Math.min(side - 1, Math.ceil(row + reach))
    const right = Math.min(side - 1, Math.ceil(column + reach))
    for (let i = top; i <= bottom; i++)
      for (let j = Math.max(0, Math.floor(column - reach)); j <= right; j++) {
        const pixel = i * side + j
        const dx = (anatomyX[pixel] as number) - x
        const dy = (anatomyY[pixel] as number) - y
        const u = Math.abs(dx * cos + dy * sin) / rx
        const v = Math.abs(dy * cos - dx * sin) / ry
        if (u >= 1 || v >= 1) continue
        const r = power === 2 ? Math.hypot(u, v) : (u ** power + v ** power) ** (1 / power)
        if (r < 1) visit(pixel, r, dx + x, dy + y)
      }
  }
  return { level, patient, hu, body, organs: new Map(), each }
}

/** Fills a shape with a density; if `organ` is given, also adds the pixels to that organ. */
export function paint(canvas: Canvas, shape: Ellipse, hu: number, organ?: string): void {
  const mask = organ === undefined ? undefined : organMask(canvas, organ)
  canvas.each(shape, (pixel) => {
    if (canvas.body[pixel] === 0) return
    canvas.hu[pixel] = hu
    if (mask !== undefined) mask[pixel] = 1
  })
}

/** Fills a shape and its mirror image on the other side of the patient. */
export function paintPair(canvas: Canvas, shape: Ellipse, hu: number, organ?: string): void {
  const { angle = 0 } = shape
  paint(canvas, shape, hu, organ && `Left${organ}`)
  paint(canvas, { ...shape, x: -shape.x, angle: -angle }, hu, organ && `Right${organ}`)
}

export interface Arc {
  /** Distance from the inner to the outer edge in mm. */
  readonly width: number
  /** y of the standard anatomy beyond which nothing is painted. (Default: none) */
  readonly behind?: number
  readonly organ?: string
}

/** Fills the rim of an ellipse, all of it or only the part in front of a line. */
export function paintArc(canvas: Canvas, shape: Ellipse, hu: number, arc: Arc): void {
  const { width, behind = Infinity, organ } = arc
  const inner = 1 - width / Math.min(shape.rx, shape.ry)
  const mask = organ === undefined ? undefined : organMask(canvas, organ)
  canvas.each(shape, (pixel, r, _x, y) => {
    if (r < inner || y > behind || canvas.body[pixel] === 0) return
    canvas.hu[pixel] = hu
    if (mask !== undefined) mask[pixel] = 1
  })
}

function organMask(canvas: Canvas, organ: string): Uint8Array {
  const known = canvas.organs.get(organ)
  if (known !== undefined) return known
  const mask = new Uint8Array(side * side)
  canvas.organs.set(organ, mask)
  return mask
}

/** Piecewise linear interpolation in a table `level, value, level, value, …`, constant beyond its ends. */
export function along(table: readonly number[], level: number): number {
  let fromLevel = table[0] as number
  let fromValue = table[1] as number
  for (let at = 0; at < table.length; at += 2) {
    const toLevel = table[at] as number
    const toValue = table[at + 1] as number
    if (level <= toLevel) {
      const part = toLevel === fromLevel ? 1 : (level - fromLevel) / (toLevel - fromLevel)
      return fromValue + Math.max(0, part) * (toValue - fromValue)
    }
    fromLevel = toLevel
    fromValue = toValue
  }
  return fromValue
}

/** Coordinates in standard anatomy of each pixel, from pose and size of the patient and a smooth irregularity. */
function bend(level: number, patient: PhantomPatient) {
  const { width, depth, lean, roll, extension, phases } = patient
  const above = Math.max(0, 250 - level)
  const turn = roll * Math.min(1, above / 100)
  const cos = Math.cos(turn)
  const sin = Math.sin(turn)
  const shiftX = lean * above
  const shiftY = -extension * above * 0.5
  const wave = (at: number, n: number) =>
    1.6 * Math.sin(at / 23 + level / 37 + (phases[n] as number)) +
    0.9 * Math.sin(at / 11 + level / 19 + (phases[n + 1] as number))
  const mm = Float64Array.from({ length: side }, (_, at) => (at - (side - 1) / 2) * pixelMm)
  const waves = [0, 2, 4, 6].map((n) => mm.map((at) => wave(at, n))) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  const anatomyX = new Float32Array(side * side)
  const anatomyY = new Float32Array(side * side)
  for (let i = 0; i < side; i++)
    for (let j = 0; j < side; j++) {
      const x = (mm[j] as number) - shiftX
      const y = (mm[i] as number) - shiftY
      const pixel = i * side + j
      anatomyX[pixel] =
        (x * cos + y * sin) / width + (waves[0][i] as number) + 0.5 * (waves[1][j] as number)
      anatomyY[pixel] =
        (y * cos - x * sin) / depth + (waves[2][j] as number) + 0.5 * (waves[3][i] as number)
    }
  const centre = (side - 1) / 2
  const place = (x: number, y: number): [number, number] => {
    const sx = x * width
    const sy = y * depth
    return [
      centre + (sx * cos - sy * sin + shiftX) / pixelMm,
      centre + (sx * sin + sy * cos + shiftY) / pixelMm,
    ]
  }
  return { anatomyX, anatomyY, place }
}
