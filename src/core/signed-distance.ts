/** A box of voxels: slices, rows and columns, and the distance between the centres of adjacent voxels along each, in mm. */
export interface Grid {
  readonly size: readonly [number, number, number]
  readonly mm: readonly [number, number, number]
}

/**
 * Distance in mm from the centre of each voxel to that of the nearest voxel on the other side of the surface of a
 * region: positive outside, negative inside. Distances beyond `mostMm`, and all distances to an empty region, are
 * `mostMm`. Exact Euclidean distances (Felzenszwalb and Huttenlocher, Theory of Computing 2012).
 */
export function signedDistance(inside: Uint8Array, grid: Grid, mostMm: number): Float32Array {
  const found = distancesTo(inside, 1, grid, mostMm)
  const box = boxAround(inside, grid)
  if (!box) return found
  // Only the box of the region is searched, because most structures fill a hundredth of a volume.
  const { first, size } = box
  const [, rows, columns] = grid.size
  const placeOf = (s: number, r: number, c: number) =>
    ((first[0] + s) * rows + first[1] + r) * columns + first[2] + c
  const cut = new Uint8Array(size[0] * size[1] * size[2])
  let at = 0
  for (let s = 0; s < size[0]; s++)
    for (let r = 0; r < size[1]; r++)
      for (let c = 0; c < size[2]; c++) cut[at++] = inside[placeOf(s, r, c)]!
  const inward = distancesTo(cut, 0, { size, mm: grid.mm }, mostMm)
  at = 0
  for (let s = 0; s < size[0]; s++)
    for (let r = 0; r < size[1]; r++)
      for (let c = 0; c < size[2]; c++, at++) if (cut[at]) found[placeOf(s, r, c)] = -inward[at]!
  return found
}

/** The box of a region with a margin of one voxel within the grid; null for an empty region. */
function boxAround(inside: Uint8Array, { size }: Grid) {
  const [, rows, columns] = size
  const first = [Infinity, Infinity, Infinity]
  const last = [-1, -1, -1]
  for (let i = 0; i < inside.length; i++) {
    if (!inside[i]) continue
    const line = Math.floor(i / columns)
    const place = [Math.floor(line / rows), line % rows, i - line * columns]
    for (let axis = 0; axis < 3; axis++) {
      if (place[axis]! < first[axis]!) first[axis] = place[axis]!
      if (place[axis]! > last[axis]!) last[axis] = place[axis]!
    }
  }
  if (last[0]! < 0) return null
  const from = first.map((place) => Math.max(0, place - 1)) as [number, number, number]
  const to = last.map((place, axis) => Math.min(size[axis]!, place + 2))
  return { first: from, size: to.map((end, axis) => end - from[axis]!) as [number, number, number] }
}

function distancesTo(
  inside: Uint8Array,
  wanted: 0 | 1,
  { size: [slices, rows, columns], mm: [sliceMm, rowMm, columnMm] }: Grid,
  mostMm: number,
): Float32Array {
  const far = mostMm ** 2
  const field = new Float32Array(inside.length)
  for (let i = 0; i < field.length; i++) field[i] = inside[i] === wanted ? 0 : far
  const pass = envelopePass(Math.max(slices, rows, columns), far)
  for (let s = 0; s < slices; s++)
    for (let r = 0; r < rows; r++) pass(field, (s * rows + r) * columns, 1, columns, columnMm)
  for (let s = 0; s < slices; s++)
    for (let c = 0; c < columns; c++) pass(field, s * rows * columns + c, columns, rows, rowMm)
  // Nothing to do in a single slice, but its pixels are many.
  if (slices > 1)
    for (let p = 0; p < rows * columns; p++) pass(field, p, rows * columns, slices, sliceMm)
  for (let i = 0; i < field.length; i++) field[i] = Math.sqrt(field[i]!)
  return field
}

/** Makes a function that replaces a line of squared distances by the lower envelope of its parabolas. */
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
