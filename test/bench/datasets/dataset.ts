/** Vectors in one block of memory, row after row. */
export interface Matrix {
  readonly rows: number
  readonly dims: number
  readonly values: Float32Array
}

/** What a method is measured on: rows that it stores, and queries that are not among them. */
export interface Vectors {
  readonly base: Matrix
  readonly queries: Matrix
}

/** Where data are kept between runs, and how a long step tells of itself. */
export interface Workplace {
  readonly cache: string
  readonly say: (text: string) => void
}

/** A set of vectors that can be made or fetched again at any time: nothing of it is in the repository. */
export interface Dataset {
  readonly name: string
  /** What it is, for the head of a report. */
  readonly title: string
  /** Part of the name of what is cached: another number where other vectors come out. */
  readonly version: number
  readonly seed: number
  /** The whole set, with 1,000 queries. */
  readonly make: (place: Workplace) => Promise<Vectors>
}

/** Queries that every data set has. */
export const QUERIES = 1000

/** Row `i`, without copying it. */
export function row(matrix: Matrix, i: number): Float32Array {
  return matrix.values.subarray(i * matrix.dims, (i + 1) * matrix.dims)
}

/** Room for a matrix. */
export function emptyMatrix(rows: number, dims: number): Matrix {
  return { rows, dims, values: new Float32Array(rows * dims) }
}

/** The rows that `order` names, in that order. */
export function pickRows(matrix: Matrix, order: ArrayLike<number>): Matrix {
  const picked = emptyMatrix(order.length, matrix.dims)
  for (let i = 0; i < order.length; i++)
    picked.values.set(row(matrix, order[i] as number), i * matrix.dims)
  return picked
}
