import { multiply } from './multiply.js'

/** Concatenated centres, prepared for distances to many vectors. */
export interface Centres {
  readonly values: Float32Array
  readonly dims: number
  /** Half the squared length of each: `|c|²/2 - <x, c>` orders centres as their distances to x do. */
  readonly halves: Float32Array
}

export function centresOf(values: Float32Array, dims: number): Centres {
  const halves = new Float32Array(values.length / dims)
  for (let c = 0; c < halves.length; c++) {
    let squares = 0
    for (let d = c * dims; d < (c + 1) * dims; d++) squares += values[d]! * values[d]!
    halves[c] = squares / 2
  }
  return { values, dims, halves }
}

/** The nearest centres of each of many vectors, with a measure of their distance. */
export interface NearestCentres {
  /** `count` numbers of centres per vector, nearest first. */
  readonly numbers: Int32Array
  /** `|c|²/2 - <x, c>` for each of `numbers`. */
  readonly distances: Float32Array
  /** Centres per vector: as many as were requested, or all. */
  readonly count: number
}

/** Vectors that are compared at once, so that their products stay in the processor's cache. */
const BLOCK = 1024

/** The nearest centres of concatenated vectors; of equally near centres, the first. */
export function nearestCentres(
  vectors: Float32Array,
  centres: Centres,
  wanted: number,
): NearestCentres {
  const { values, dims, halves } = centres
  const rows = vectors.length / dims
  const count = Math.min(wanted, halves.length)
  const numbers = new Int32Array(rows * count)
  const distances = new Float32Array(rows * count).fill(Infinity)
  for (let from = 0; from < rows; from += BLOCK) {
    const to = Math.min(rows, from + BLOCK)
    const products = multiply(vectors.subarray(from * dims, to * dims), values, dims)
    for (let row = from; row < to; row++) {
      const first = row * count
      const last = first + count - 1
      for (let c = 0, at = (row - from) * halves.length; c < halves.length; c++, at++) {
        const distance = halves[c]! - products[at]!
        if (distance >= distances[last]!) continue
        let place = last
        for (; place > first && distances[place - 1]! > distance; place--) {
          distances[place] = distances[place - 1]!
          numbers[place] = numbers[place - 1]!
        }
        distances[place] = distance
        numbers[place] = c
      }
    }
  }
  return { numbers, distances, count }
}
