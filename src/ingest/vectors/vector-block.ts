/** What tells the rows of a table apart. */
export type VectorKey = number | bigint | string

/** Codes that were computed elsewhere, or exported. */
export interface ReadyCodes {
  readonly bits: number
  readonly buckets: Int32Array
  /** `ceil(bits / 8)` bytes a vector, the first bit the highest. */
  readonly codes: Uint8Array
  /** Of kinds of families that estimate distances; likewise scales. */
  readonly norms: Float32Array | null
  readonly scales: Float32Array | null
}

/** Some rows of a file of features. */
export interface VectorBlock {
  readonly keys: readonly VectorKey[]
  /** One vector after the other. */
  readonly vectors: Float32Array
  readonly codes: ReadyCodes | null
}

/** A file of features. */
export interface VectorFile {
  /** What messages call it. (Default: 'the file') */
  readonly name?: string
  readonly dims: number
  /** Null where only reading it to its end would tell. */
  readonly rows: number | null
  blocks(): AsyncGenerator<VectorBlock, void, undefined>
  /** The keys alone, where they can be read without the vectors. (Default: those of the blocks) */
  keys?(): AsyncIterable<readonly VectorKey[]>
}

/** Bytes of vectors that are read at once, and rows at most. */
const BLOCK_BYTES = 8 << 20
const BLOCK_ROWS = 16384

/** Rows of a block. */
export function blockRows(dims: number): number {
  return Math.max(1, Math.min(BLOCK_ROWS, Math.floor(BLOCK_BYTES / (4 * dims))))
}
