/** Vectors in one block of memory, row after row. */
export interface Matrix {
  readonly rows: number
  readonly dims: number
  readonly values: Float32Array
}

/** Vectors in a file, too many to hold in memory. */
export interface RowFile {
  readonly rows: number
  readonly dims: number
  /** Reads the rows from `from` up to, but not including, `to`. */
  readonly read: (from: number, to: number) => Float32Array
}

export type Rows = Matrix | RowFile

/** Rows that a method stores, and queries that are not among them. */
export interface Vectors {
  readonly base: Rows
  readonly queries: Matrix
}

/** Vectors whose rows are in memory too. */
export interface HeldVectors extends Vectors {
  readonly base: Matrix
}

/** The cache folder, and a function that reports progress. */
export interface Workplace {
  readonly cache: string
  readonly say: (text: string) => void
}

/** A set of vectors that can be generated or downloaded; the repository holds none of it. */
export interface Dataset {
  readonly name: string
  /** Description for the head of a report. */
  readonly title: string
  /** Part of the names of cached files; it changes whenever the vectors do. */
  readonly version: number
  readonly seed: number
  /** The whole set, with 1,000 queries. */
  readonly make: (place: Workplace) => Promise<HeldVectors>
}

/** A data set that is generated in blocks and stored in a file. */
export interface FiledDataset extends Omit<Dataset, 'make'> {
  readonly rows: number
  readonly dims: number
  /** All rows, in blocks. */
  readonly blocks: () => Iterable<Matrix>
  readonly queries: () => Matrix
}

/** Number of queries of every data set. */
export const QUERIES = 1000

/** Row `i`; a view, not a copy, if it is in memory. */
export function row(source: Rows, i: number): Float32Array {
  if ('read' in source) return source.read(i, i + 1)
  return source.values.subarray(i * source.dims, (i + 1) * source.dims)
}

/** The rows from `from` up to, but not including, `to`; a view, not a copy, if they are in memory. */
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

/** A matrix of zeros. */
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
