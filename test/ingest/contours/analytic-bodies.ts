import type { CtVolume } from '../../../src/ingest/dicom/objects/ct.js'
import { doseField } from '../../../src/ingest/contours/dose-field.js'
import { drawingsOf } from '../../../src/ingest/contours/drawing.js'
import { stackOf, type Vector3 } from '../../../src/ingest/volume/planes.js'
import type { RegionScene } from '../../../src/ingest/contours/region-measure.js'

/** A body of known volume, whose cross-sections are circles or squares. */
export interface AnalyticBody {
  /** Lower and upper end in mm. */
  readonly from: number
  readonly to: number
  /** Centre and half width of the cross-section at a height, or `null` if there is none. */
  at(z: number): { readonly x: number; readonly y: number; readonly half: number } | null
  readonly round: boolean
  readonly volumeCc: number
}

const middle = { x: 1.3, y: -0.7 }

export function sphere(radius: number, z = 0.9): AnalyticBody {
  const at = (height: number) => {
    const square = radius ** 2 - (height - z) ** 2
    return square > 0 ? { ...middle, half: Math.sqrt(square) } : null
  }
  const volumeCc = ((4 / 3) * Math.PI * radius ** 3) / 1000
  return { from: z - radius, to: z + radius, at, round: true, volumeCc }
}

/** A cone that narrows to a point towards the head. */
export function cone(radius: number, from: number, to: number): AnalyticBody {
  const at = (z: number) =>
    z > from && z < to ? { ...middle, half: (radius * (to - z)) / (to - from) } : null
  return { from, to, at, round: true, volumeCc: (Math.PI * radius ** 2 * (to - from)) / 3000 }
}

/** A cylinder that leans to the left by a number of mm for each mm of height. */
export function rod(radius: number, lean: number, from: number, to: number): AnalyticBody {
  const at = (z: number) =>
    z > from && z < to ? { x: middle.x + lean * z, y: middle.y, half: radius } : null
  return { from, to, at, round: true, volumeCc: (Math.PI * radius ** 2 * (to - from)) / 1000 }
}

export function box(half: number, from: number, to: number): AnalyticBody {
  const at = (z: number) => (z > from && z < to ? { ...middle, half } : null)
  return { from, to, at, round: false, volumeCc: (4 * half ** 2 * (to - from)) / 1000 }
}

/** Contours of a body at the given heights: polygons with the area of its circles. */
export function contoursOf(body: AnalyticBody, heights: readonly number[]) {
  const points = body.round ? 90 : 4
  const turn = body.round ? 0 : Math.PI / 4
  const stretch = body.round
    ? Math.sqrt((2 * Math.PI) / points / Math.sin((2 * Math.PI) / points))
    : Math.SQRT2
  return heights.flatMap((z) => {
    const section = body.at(z)
    if (section === null || section.half < 0.2) return []
    const line = Array.from({ length: points }, (_, i) => {
      const angle = turn + (2 * Math.PI * i) / points
      const radius = section.half * stretch
      return [section.x + radius * Math.cos(angle), section.y + radius * Math.sin(angle), z]
    })
    return [{ points: Float64Array.from(line.flat()), xor: false }]
  })
}

/** A dose that is linear in space, and so is known everywhere. */
export function linearGy([x, y, z]: Vector3): number {
  return 30 + 0.1 * x + 0.05 * y + 0.2 * z
}

/** Doses of a body in small cubes, ascending. */
export function dosesOf(body: AnalyticBody, mm = 0.5): Float64Array {
  const doses: number[] = []
  for (let z = body.from + mm / 2; z < body.to; z += mm) {
    const section = body.at(z)
    if (section === null) continue
    const { half } = section
    for (let x = -half + mm / 2; x < half; x += mm)
      for (let y = -half + mm / 2; y < half; y += mm)
        if (!body.round || x * x + y * y < half * half)
          doses.push(linearGy([section.x + x, section.y + y, z]))
  }
  return Float64Array.from(doses).sort()
}

/** A CT of 128 x 128 x 120 mm with the given sizes of pixels and slices, in the linear dose. */
export function sceneOf(pixelMm: number, sliceMm: number): RegionScene {
  const pixels = Math.ceil(128 / pixelMm)
  const corner = (-(pixels - 1) / 2) * pixelMm
  const count = Math.ceil(120 / sliceMm)
  const raster = {
    rows: pixels,
    columns: pixels,
    across: [1, 0, 0],
    down: [0, 1, 0],
    spacingMm: [pixelMm, pixelMm],
  } as const
  const slices = Array.from({ length: count }, (_, k) => ({
    origin: [corner, corner, ((count - 1) / 2 - k) * sliceMm] as const,
    values: new Int16Array(pixels * pixels),
  }))
  const acquired = stackOf(raster, slices)
  const ct: CtVolume = {
    raster,
    slices,
    acquired,
    asAcquired: true,
    sliceMm,
    digests: [],
    remarks: [],
  }
  const field = doseField([linearDose()])
  const known = slices.map(({ origin }) => field.pixels({ ...raster, origin }))
  return { drawings: drawingsOf(ct), dose: { field, slices: known } }
}

/** The linear dose in a grid of 4 x 4 x 2.5 mm. */
function linearDose() {
  const raster = {
    rows: 40,
    columns: 40,
    across: [1, 0, 0],
    down: [0, 1, 0],
    spacingMm: [4, 4],
  } as const
  const images = Array.from({ length: 60 }, (_, k) => {
    const z = (k - 29.5) * 2.5
    const values = Float32Array.from({ length: 1600 }, (__, i) =>
      linearGy([((i % 40) - 19.5) * 4, (Math.floor(i / 40) - 19.5) * 4, z]),
    )
    return { origin: [-78, -78, z] as const, values }
  })
  return stackOf(raster, images)
}
