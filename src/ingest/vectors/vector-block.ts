/** Key of a row in a table. */
export type VectorKey = number | bigint | string

/** Codes that were computed elsewhere, or exported. */
export interface ReadyCodes {
  readonly bits: number
  readonly buckets: Int32Array
  /** `ceil(bits / 8)` bytes per vector, first bit highest. */
  readonly codes: Uint8Array
  /** For kinds of families that estimate distances, as `scales`; else null. */
  readonly norms: Float32Array | null
  readonly scales: Float32Array | null
}

/** Some rows of a file of features. */
export interface VectorBlock {
  readonly keys: readonly VectorKey[]
  /** Concatenated vectors. */
  readonly vectors: Float32Array
  readonly codes: ReadyCodes | null
}

/** A file of features. */
export interface VectorFile {
  /** Name in messages. (Default: 'the file') */
  readonly name?: string
  readonly dims: number
  /** Null if the number is only known after reading the whole file. */
  readonly rows: number | null
  blocks(): AsyncGenerator<VectorBlock, void, undefined>
  /** Reads the keys alone, if the file allows that. (Default: those of the blocks) */
  keys?(): AsyncIterable<readonly VectorKey[]>
}

/** Bytes of vectors that are read at once, and most rows. */
const BLOCK_BYTES = 8 << 20
const BLOCK_ROWS = 16384

/** Rows per block. */
export function blockRows(dims: number): number {
  return Math.max(1, Math.min(BLOCK_ROWS, Math.floor(BLOCK_BYTES / (4 * dims))))
}
