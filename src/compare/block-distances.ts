import { multiply } from '../hash/multiply.js'

/** Concatenated vectors, with the keys and owners of their rows. */
export interface KeyedRows {
  readonly items: Int32Array
  readonly patients: Int32Array
  readonly vectors: Float32Array
}

/** Distances of one query to the rows of a block. */
export interface QueryDistances {
  /** Lower bounds of the squared distances: from 4-byte products, less their largest error. */
  readonly least: Float64Array
  /** The true distance, summed in double precision; computed on demand, once. */
  readonly exact: (row: number) => number
}

/**
 * Largest error of a difference of 4-byte products, as a share of the squared lengths; measured errors are below a
 * tenth of it.
 */
const ROUNDING = 1e-4

/**
 * Returns a function that measures queries against blocks. It computes all products of a block at once, and exact
 * distances only for rows that may be among the nearest.
 */
export function distanceMeter(queries: KeyedRows) {
  const dims = queries.vectors.length / queries.items.length
  const sizes = squaredLengths(queries.vectors, dims)
  return (block: KeyedRows): ((query: number) => QueryDistances) => {
    const rows = block.items.length
    const blockSizes = squaredLengths(block.vectors, dims)
    const products = multiply(queries.vectors, block.vectors, dims)
    const least = new Float64Array(rows)
    const known = new Float64Array(rows)
    return (query) => {
      const size = sizes[query]!
      for (let row = 0; row < rows; row++) {
        const sum = size + blockSizes[row]!
        least[row] = Math.max(0, sum - 2 * products[query * rows + row]! - ROUNDING * sum)
      }
      known.fill(NaN)
      const exact = (row: number): number => {
        const before = known[row]!
        if (!Number.isNaN(before)) return before
        let squares = 0
        for (let d = 0, a = query * dims, b = row * dims; d < dims; d++, a++, b++) {
          const difference = queries.vectors[a]! - block.vectors[b]!
          squares += difference * difference
        }
        return (known[row] = Math.sqrt(squares))
      }
      return { least, exact }
    }
  }
}

function squaredLengths(vectors: Float32Array, dims: number): Float64Array {
  const lengths = new Float64Array(vectors.length / dims)
  for (let row = 0, at = 0; row < lengths.length; row++) {
    let squares = 0
    for (const end = at + dims; at < end; at++) squares += vectors[at]! * vectors[at]!
    lengths[row] = squares
  }
  return lengths
}
