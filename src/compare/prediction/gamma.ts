import type { Grid } from '../../core/signed-distance.js'

/** Tolerances of the gamma index. */
export interface GammaCriteria {
  /** Dose tolerance as a share of the highest reference dose, for example 0.03. */
  readonly dose: number
  readonly mm: number
  /** Voxels below this share of the highest reference dose are ignored, for example 0.1. */
  readonly least: number
}

export const GAMMA_3_3: GammaCriteria = { dose: 0.03, mm: 3, least: 0.1 }

/** Step in mm at which the other dose is interpolated; finer steps change the rate by less than 0.01. */
const STEP_MM = 1

/**
 * Share of the voxels of a reference dose with a gamma of at most 1 (global; Low et al., Med Phys 1998): the
 * interpolated other dose is close enough within reach. NaN if the whole reference is below the threshold.
 */
export function gammaPassRate(
  reference: Float32Array,
  other: Float32Array,
  grid: Grid,
  { dose, mm, least }: GammaCriteria = GAMMA_3_3,
): number {
  const highest = reference.reduce((most, gy) => Math.max(most, gy), 0)
  const allowed = dose * highest
  const [slices, rows, columns] = grid.size
  const points = pointsWithin(grid, mm)
  // With a margin of zeros, so that points need no comparison with the edges.
  const [aroundS, aroundR, aroundC] = grid.size.map((_, axis) => reachOf(points, axis)) as Sides
  const [wideR, wideC] = [rows + 2 * aroundR, columns + 2 * aroundC]
  const wide = new Float32Array((slices + 2 * aroundS) * wideR * wideC)
  const placeOf = (s: number, r: number, c: number) =>
    ((s + aroundS) * wideR + r + aroundR) * wideC + c + aroundC
  for (let s = 0; s < slices; s++)
    for (let r = 0; r < rows; r++) {
      const from = (s * rows + r) * columns
      wide.set(other.subarray(from, from + columns), placeOf(s, r, 0))
    }
  const corners = points.flatMap((point) => point.corners)
  const steps = Int32Array.from(corners, ({ s, r, c }) => (s * wideR + r) * wideC + c)
  const shares = Float64Array.from(corners, ({ share }) => share)
  const ends = new Int32Array(points.length)
  points.forEach((point, i) => (ends[i] = (ends[i - 1] ?? 0) + point.corners.length))
  const far = Float64Array.from(points, (point) => point.far)
  let [passed, count] = [0, 0]
  for (let voxel = 0; voxel < reference.length; voxel++) {
    const wanted = reference[voxel]!
    if (wanted < least * highest || wanted === 0) continue
    count++
    const s = Math.floor(voxel / (rows * columns))
    const r = Math.floor(voxel / columns) % rows
    const c = voxel % columns
    const place = placeOf(s, r, c)
    for (let point = 0, corner = 0; point < far.length; point++) {
      let gy = 0
      for (; corner < ends[point]!; corner++) gy += shares[corner]! * wide[place + steps[corner]!]!
      if (((gy - wanted) / allowed) ** 2 + far[point]! > 1 + 1e-9) continue
      passed++
      break
    }
  }
  return passed / count
}

type Sides = [number, number, number]

/** Largest distance in voxels of the corners of points along an axis. */
function reachOf(points: ReturnType<typeof pointsWithin>, axis: number): number {
  const along = points.flatMap(({ corners }) => corners.map(({ s, r, c }) => [s, r, c][axis]!))
  return along.reduce((most, one) => Math.max(most, Math.abs(one)), 0)
}

/** Points within reach, nearest first, with the voxels between which they lie and their weights. */
function pointsWithin({ mm: sizes }: Grid, reach: number) {
  const most = Math.ceil(reach / STEP_MM)
  const steps = Array.from({ length: 2 * most + 1 }, (_, i) => (i - most) * STEP_MM)
  return steps
    .flatMap((s) => steps.flatMap((r) => steps.map((c) => [s, r, c] as const)))
    .map((place) => ({ place, far: place.reduce((sum, d) => sum + d * d, 0) / reach ** 2 }))
    .filter(({ far }) => far <= 1)
    .sort((a, b) => a.far - b.far)
    .map(({ place, far }) => {
      const [s, r, c] = place.map((d, axis) => between(d / sizes[axis]!))
      const corners = s!.flatMap((a) =>
        r!.flatMap((b) =>
          c!.map((d) => ({ s: a.at, r: b.at, c: d.at, share: a.share * b.share * d.share })),
        ),
      )
      return { far, corners: corners.filter(({ share }) => share > 0) }
    })
}

function between(place: number) {
  const low = Math.floor(place)
  return [
    { at: low, share: 1 - (place - low) },
    { at: low + 1, share: place - low },
  ]
}
