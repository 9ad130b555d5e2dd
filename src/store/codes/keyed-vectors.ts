import { LshError } from '../../core/errors.js'
import { COPY_HEADER } from '../connection/copy-format.js'

/** Rows of a table. */
export interface KeyedVectors {
  /** Concatenated keys, in the binary format of their type. */
  readonly keys: Buffer
  /** Where each key ends in `keys`. */
  readonly keyEnds: Uint32Array
  /** Concatenated vectors. */
  readonly vectors: Float32Array
}

/** Maximum number of rows in a block, and of numbers in their vectors. */
const BLOCK = { rows: 16384, numbers: 2 ** 21 }
/** Bytes of the header of a vector: the number of dimensions, and two unused bytes. */
const VECTOR_HEADER = 4

/** Number of rows in each block; the last block may have fewer. */
export function blockRows(dims: number): number {
  return Math.max(1, Math.min(BLOCK.rows, Math.floor(BLOCK.numbers / dims)))
}

/**
 * Reads a binary COPY of two columns, key and vector, in blocks of rows, without an object per row.
 *
 * @throws LshError `LSH02` for a vector that does not have `dims` dimensions
 */
export async function* readKeyedVectors(
  file: AsyncIterable<Buffer>,
  dims: number,
): AsyncGenerator<KeyedVectors> {
  let block = emptyBlock(dims)
  let rest: Buffer = Buffer.alloc(0)
  let at = COPY_HEADER.length
  for await (const chunk of file) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    for (let next = rowEnd(bytes, at); next > at; next = rowEnd(bytes, at)) {
      addRow(block, bytes, at)
      at = next
      if (block.rows === block.keyEnds.length) {
        yield finished(block)
        block = emptyBlock(dims)
      }
    }
    rest = bytes.subarray(Math.min(at, bytes.length))
    at = Math.max(0, at - bytes.length)
  }
  if (block.rows > 0) yield finished(block)
}

interface Block {
  readonly dims: number
  rows: number
  readonly keys: Buffer[]
  readonly keyEnds: Uint32Array
  /** Big-endian until the block is finished. */
  readonly vectors: Buffer
}

function emptyBlock(dims: number): Block {
  const rows = blockRows(dims)
  return {
    dims,
    rows: 0,
    keys: [],
    keyEnds: new Uint32Array(rows),
    vectors: Buffer.from(new ArrayBuffer(4 * rows * dims)),
  }
}

/** End of the row that begins at an offset; the same offset if the row is incomplete or the file ends. */
function rowEnd(bytes: Buffer, begin: number): number {
  let at = begin + 2
  if (at > bytes.length || bytes.readInt16BE(begin) < 0) return begin
  for (let field = 0; field < 2; field++) {
    if (at + 4 > bytes.length) return begin
    at += 4 + Math.max(0, bytes.readInt32BE(at))
  }
  return at > bytes.length ? begin : at
}

function addRow(block: Block, bytes: Buffer, begin: number): void {
  const { dims, rows, keys, keyEnds, vectors } = block
  const key = begin + 6
  const keyEnd = key + bytes.readInt32BE(begin + 2)
  const vector = keyEnd + 4
  if (bytes.readInt16BE(vector) !== dims) {
    throw new LshError(
      'LSH02',
      `a vector has ${bytes.readInt16BE(vector)} dimensions, not ${dims}`,
      {
        hint: 'Create a family for this column: "pg-lsh family create".',
      },
    )
  }
  keys.push(bytes.subarray(key, keyEnd))
  keyEnds[rows] = (rows === 0 ? 0 : keyEnds[rows - 1]!) + keyEnd - key
  bytes.copy(vectors, 4 * rows * dims, vector + VECTOR_HEADER, vector + VECTOR_HEADER + 4 * dims)
  block.rows++
}

function finished({ dims, rows, keys, keyEnds, vectors }: Block): KeyedVectors {
  vectors.swap32()
  return {
    keys: Buffer.concat(keys),
    keyEnds: keyEnds.subarray(0, rows),
    vectors: new Float32Array(vectors.buffer as ArrayBuffer, 0, rows * dims),
  }
}
