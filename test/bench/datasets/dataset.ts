/** Vectors in one block of memory, row after row. */
export interface Matrix {
  readonly rows: number
  readonly dims: number
  readonly values: Float32Array
}

/** Vectors in a file, more than memory should hold. */
export interface RowFile {
  readonly rows: number
  readonly dims: number
  /** Reads the rows from `from` until before `to`. */
  readonly read: (from: number, to: number) => Float32Array
}

export type Rows = Matrix | RowFile

/** What a method is measured on: rows that it stores, and queries that are not among them. */
export interface Vectors {
  readonly base: Rows
  readonly queries: Matrix
}

/** Vectors whose rows are in memory too. */
export interface HeldVectors extends Vectors {
  readonly base: Matrix
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
  readonly make: (place: Workplace) => Promise<HeldVectors>
}

/** A data set that is made piece by piece, and kept in a file. */
export interface FiledDataset extends Omit<Dataset, 'make'> {
  readonly rows: number
  readonly dims: number
  /** All rows, some thousands at once. */
  readonly blocks: () => Iterable<Matrix>
  readonly queries: () => Matrix
}

/** Queries that every data set has. */
export const QUERIES = 1000

/** Row `i`, without copying it where it is in memory. */
export function row(source: Rows, i: number): Float32Array {
  if ('read' in source) return source.read(i, i + 1)
  return source.values.subarray(i * source.dims, (i + 1) * source.dims)
}

/** The rows from `from` until before `to`, without copying them where they are in memory. */
export function rowsOf(source: Rows, from: number, to: number): Matrix {
  const { dims } = source
  const values =
    'read' in source ? source.read(from, to) : source.values.subarray(from * dims, to * dims)
  return { rows: to - from, dims, values }
}

/** All rows in pieces of at most `count`. */
export function* blocksOf(source: Rows, count: number): Generator<Matrix> {
  for (let from = 0; from < source.rows; from += count)
    yield rowsOf(source, from, Math.min(source.rows, from + count))
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
