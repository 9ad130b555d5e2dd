import { multiply } from '../hash/multiply.js'

/** Vectors that stand end to end, with the keys and owners of their rows. */
export interface KeyedRows {
  readonly items: Int32Array
  readonly patients: Int32Array
  readonly vectors: Float32Array
}

/** Distances of one query to the rows of a block. */
export interface QueryDistances {
  /** At most the true distance, squared: from 4-byte products, less what they may be wrong by. */
  readonly least: Float64Array
  /** The true distance, summed in double precision; computed once, when it is asked for. */
  readonly exact: (row: number) => number
}

/** Part of the squared lengths by which a difference of 4-byte products may be wrong; measured below a tenth of it. */
const ROUNDING = 1e-4

/**
 * Makes what measures queries against blocks. All products of a block are computed at once, and only those
 * rows that may be among the nearest are measured exactly.
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
