/** A box of voxels: slices, rows and columns, and how far apart the middles of neighbours are along each, in mm. */
export interface Grid {
  readonly size: readonly [number, number, number]
  readonly mm: readonly [number, number, number]
}

/**
 * Distance in mm from the middle of each voxel to that of the nearest voxel on the other side of the surface of a
 * region: positive outside, negative inside. Far away, beyond `mostMm`, it is `mostMm`; of an empty region everywhere.
 * Exact Euclidean distances (Felzenszwalb and Huttenlocher, Theory of Computing 2012).
 */
export function signedDistance(inside: Uint8Array, grid: Grid, mostMm: number): Float32Array {
  const outward = distancesTo(inside, 1, grid, mostMm)
  const inward = distancesTo(inside, 0, grid, mostMm)
  return outward.map((distance, i) => (inside[i] ? -inward[i]! : distance))
}

function distancesTo(
  inside: Uint8Array,
  wanted: 0 | 1,
  { size: [slices, rows, columns], mm: [sliceMm, rowMm, columnMm] }: Grid,
  mostMm: number,
): Float32Array {
  const far = mostMm ** 2
  const field = Float32Array.from(inside, (value) => (value === wanted ? 0 : far))
  const pass = envelopePass(Math.max(slices, rows, columns), far)
  for (let s = 0; s < slices; s++)
    for (let r = 0; r < rows; r++) pass(field, (s * rows + r) * columns, 1, columns, columnMm)
  for (let s = 0; s < slices; s++)
    for (let c = 0; c < columns; c++) pass(field, s * rows * columns + c, columns, rows, rowMm)
  for (let p = 0; p < rows * columns; p++) pass(field, p, rows * columns, slices, sliceMm)
  return field.map(Math.sqrt)
}

/** Makes what replaces a line of squared distances by the lower envelope of the parabolas that stand on it. */
function envelopePass(longest: number, far: number) {
  const values = new Float64Array(longest)
  const vertices = new Int32Array(longest)
  const borders = new Float64Array(longest + 1)
  return (field: Float32Array, start: number, stride: number, length: number, mm: number) => {
    let any = false
    for (let i = 0; i < length; i++) {
      values[i] = field[start + i * stride]!
      if (values[i]! < far) any = true
    }
    // Most lines of a small structure are far from it.
    if (!any) return
    const square = mm * mm
    let last = -1
    for (let i = 0; i < length; i++) {
      if (values[i]! >= far) continue
      let border = -Infinity
      while (last >= 0) {
        const vertex = vertices[last]!
        border =
          (values[i]! - values[vertex]! + square * (i * i - vertex * vertex)) /
          (2 * square * (i - vertex))
        if (border > borders[last]!) break
        last--
        border = -Infinity
      }
      last++
      vertices[last] = i
      borders[last] = border
      borders[last + 1] = Infinity
    }
    for (let i = 0, at = 0; i < length; i++) {
      while (borders[at + 1]! < i) at++
      const step = (i - vertices[at]!) * mm
      field[start + i * stride] = Math.min(far, step * step + values[vertices[at]!]!)
    }
  }
}
