import { multiply } from './multiply.js'
import { comparable, rowsOf, type TrainingSet } from './train-set.js'

/** Rows that are compared at once. */
const BLOCK = 64

/** Squared lengths of concatenated vectors. */
export function squaredLengths(values: Float32Array, dims: number): Float64Array {
  const squares = new Float64Array(values.length / dims)
  for (let row = 0, at = 0; row < squares.length; row++)
    for (const end = at + dims; at < end; at++) squares[row]! += values[at]! * values[at]!
  return squares
}

/**
 * Calls `visit` for each of some rows with its squared distances to some others; the distance to a row that it may not
 * be compared with is infinite. The array of distances is valid until the next call.
 */
export function visitDistances(
  set: TrainingSet,
  { of, to }: { of: Int32Array; to: Int32Array },
  visit: (distances: Float64Array, place: number) => void,
): void {
  const { values, dims } = set
  const others = rowsOf(values, dims, to)
  const squares = squaredLengths(values, dims)
  const distances = new Float64Array(to.length)
  for (let from = 0; from < of.length; from += BLOCK) {
    const part = of.subarray(from, from + BLOCK)
    const products = multiply(rowsOf(values, dims, part), others, dims)
    part.forEach((row, i) => {
      for (let j = 0; j < to.length; j++) {
        const other = to[j]!
        distances[j] = comparable(set, row, other)
          ? Math.max(0, squares[row]! + squares[other]! - 2 * products[i * to.length + j]!)
          : Infinity
      }
      visit(distances, from + i)
    })
  }
}

/** For each of some rows, the nearest other rows of `learned`, nearest first; fewer than `count` if there are fewer. */
export function nearestLearned(set: TrainingSet, of: Int32Array, count: number): Int32Array[] {
  const lists: Int32Array[] = []
  visitDistances(set, { of, to: set.learned }, (distances) => {
    lists.push(smallestPlaces(distances, count).map((place) => set.learned[place]!))
  })
  return lists
}

/** Places of the smallest finite numbers, smallest first, ties by place. */
export function smallestPlaces(numbers: Float64Array, count: number): Int32Array {
  const limit = numbers.toSorted()[Math.min(count, numbers.length) - 1] ?? 0
  const places: number[] = []
  numbers.forEach((number, place) => {
    if (number <= limit && number < Infinity) places.push(place)
  })
  places.sort((a, b) => numbers[a]! - numbers[b]! || a - b)
  return Int32Array.from(places.slice(0, count))
}
