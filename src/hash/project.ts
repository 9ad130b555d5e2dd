import type { KeepDirections } from '../encode/multiply.js'

/** Keeps directions in memory, and multiplies by them in JavaScript. */
export const keepInMemory: KeepDirections = (weight, dims) => ({
  multiply(x) {
    const into = new Float64Array(weight.length / dims)
    project({ weight, dims, vectors: Float64Array.from(x), rows: 1, into })
    return Float32Array.from(into)
  },
  release: () => undefined,
})

/** What one call of `project` reads and writes. */
export interface Projection {
  /** Directions, one after the other. */
  readonly weight: Float32Array
  readonly dims: number
  /** Vectors, one after the other; in 8 bytes, so that the inner loop need not convert them. */
  readonly vectors: Float64Array
  /** How many of the vectors to project. */
  readonly rows: number
  /** Inner products, `directions` of the first vector, then of the second, … */
  readonly into: Float64Array
}

/**
 * Inner products of vectors with directions. Four vectors and two directions at a time: eight sums that
 * do not wait for each other, and each number loaded is used more than once. Each sum runs through the
 * dimensions in their order, so that a product does not depend on what is projected beside it.
 */
export function project({ weight, dims, vectors, rows, into }: Projection): void {
  const count = weight.length / dims
  const last = count - 1
  if (count === 0) return
  let row = 0
  for (; row + 4 <= rows; row += 4) {
    const [x0, x1, x2, x3] = [row * dims, (row + 1) * dims, (row + 2) * dims, (row + 3) * dims]
    for (let i = 0; i < count; i += 2) {
      // Of an odd count the last direction is its own partner.
      const j = Math.min(i + 1, last)
      const [wi, wj] = [i * dims, j * dims]
      let [i0, i1, i2, i3, j0, j1, j2, j3] = [0, 0, 0, 0, 0, 0, 0, 0]
      for (let d = 0; d < dims; d++) {
        const u = weight[wi + d]!
        const v = weight[wj + d]!
        const a = vectors[x0 + d]!
        const b = vectors[x1 + d]!
        const c = vectors[x2 + d]!
        const e = vectors[x3 + d]!
        i0 += a * u
        j0 += a * v
        i1 += b * u
        j1 += b * v
        i2 += c * u
        j2 += c * v
        i3 += e * u
        j3 += e * v
      }
      const first = row * count
      into[first + i] = i0
      into[first + j] = j0
      into[first + count + i] = i1
      into[first + count + j] = j1
      into[first + 2 * count + i] = i2
      into[first + 2 * count + j] = j2
      into[first + 3 * count + i] = i3
      into[first + 3 * count + j] = j3
    }
  }
  for (; row < rows; row++) projectOne(weight, vectors, row * dims, dims, into, row * count)
}

/** The same of one vector: four directions at a time. */
function projectOne(
  weight: Float32Array,
  vectors: Float64Array,
  x: number,
  dims: number,
  into: Float64Array,
  first: number,
): void {
  const last = weight.length / dims - 1
  for (let i = 0; i <= last; i += 4) {
    const [j, k, l] = [Math.min(i + 1, last), Math.min(i + 2, last), Math.min(i + 3, last)]
    const [wi, wj, wk, wl] = [i * dims, j * dims, k * dims, l * dims]
    let [si, sj, sk, sl] = [0, 0, 0, 0]
    for (let d = 0; d < dims; d++) {
      const value = vectors[x + d]!
      si += value * weight[wi + d]!
      sj += value * weight[wj + d]!
      sk += value * weight[wk + d]!
      sl += value * weight[wl + d]!
    }
    into[first + i] = si
    into[first + j] = sj
    into[first + k] = sk
    into[first + l] = sl
  }
}
