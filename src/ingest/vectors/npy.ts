import { isBeyondBigint, NUMBER_REMEDY, numberProblem } from '../files/checked-numbers.js'
import { checkedHeader, openFile, readWhole, refuse, TYPES, type NumberType } from './npy-header.js'
import { blockRows, type VectorFile, type VectorKey } from './vector-block.js'

/** Files that accompany a file of features, with the same number of rows. */
export interface NpyCompanions {
  /** Integers: the key of each row. (Default: the rows are numbered from 0) */
  keys?: string
  /** Bytes: the bits of each row's code, highest first, as packed by `numpy.packbits`. (Default: there are no codes) */
  codes?: string
  /** Integers: the bucket of each row; required with codes. (Default: there are no codes) */
  buckets?: string
}

/** Opens a matrix of features. */
export async function openNpy(path: string, beside: NpyCompanions = {}): Promise<VectorFile> {
  const { type, shape } = await checkedHeader(path, ['<f4', '<f8'], 2)
  const [rows = 0, dims = 0] = shape
  if (dims === 0)
    refuse(`${path} has rows of 0 numbers`, 'Write a matrix with a vector in each row.')
  const { keys, codes, buckets } = beside
  if ((codes === undefined) !== (buckets === undefined))
    refuse('codes come with their buckets', 'Give both --code-file and --bucket-file.')
  const opened = async (of: string, types: readonly NumberType[], axes: number) => {
    const header = await checkedHeader(of, types, axes)
    if (header.shape[0] !== rows)
      refuse(`${of} has ${header.shape[0]} rows, ${path} has ${rows}`, 'Give one for each row.')
    return header
  }
  if (keys !== undefined) await opened(keys, WHOLE, 1)
  if (buckets !== undefined) await opened(buckets, WHOLE, 1)
  const width = codes === undefined ? 0 : ((await opened(codes, ['|u1'], 2)).shape[1] ?? 0)
  return {
    dims,
    rows,
    keys: () =>
      keys === undefined ? rowNumbers(rows, KEYS_AT_ONCE) : wholeNumbers(keys, KEYS_AT_ONCE),
    async *blocks() {
      const count = blockRows(dims)
      const names = keys === undefined ? rowNumbers(rows, count) : wholeNumbers(keys, count)
      const ready =
        codes === undefined || buckets === undefined
          ? null
          : {
              codes: numberBlocks(codes, '|u1', count * width),
              buckets: wholeNumbers(buckets, count),
            }
      try {
        let row = 0
        for await (const numbers of numberBlocks(path, type, count * dims)) {
          assertRows(numbers as Float32Array | Float64Array, dims, path, row)
          row += numbers.length / dims
          const vectors =
            numbers instanceof Float32Array ? numbers : Float32Array.from(numbers as Float64Array)
          yield {
            keys: (await names.next()).value as VectorKey[],
            vectors,
            codes: ready && {
              bits: 8 * width,
              codes: (await ready.codes.next()).value as Uint8Array,
              buckets: Int32Array.from((await ready.buckets.next()).value as VectorKey[], Number),
              norms: null,
              scales: null,
            },
          }
        }
      } finally {
        await names.return(undefined)
        await ready?.codes.return(undefined)
        await ready?.buckets.return(undefined)
      }
    },
  }
}

/** @throws LshError `bad_input` for the first row that pgvector would reject */
function assertRows(
  numbers: Float32Array | Float64Array,
  dims: number,
  path: string,
  before: number,
): void {
  if (numberProblem(numbers) === null) return
  for (let at = 0; at < numbers.length; at += dims) {
    const problem = numberProblem(numbers.subarray(at, at + dims))
    if (problem !== null) refuse(`${path} row ${before + at / dims + 1}: ${problem}`, NUMBER_REMEDY)
  }
}

const KEYS_AT_ONCE = 1 << 14
const WHOLE = ['<i8', '<i4', '<u4', '<u8'] as const

async function* rowNumbers(rows: number, count: number): AsyncGenerator<VectorKey[]> {
  for (let from = 0; from < rows; from += count)
    yield Array.from({ length: Math.min(count, rows - from) }, (_, i) => from + i)
}

async function* wholeNumbers(path: string, count: number): AsyncGenerator<VectorKey[]> {
  const { type } = await checkedHeader(path, WHOLE, 1)
  let before = 0
  for await (const numbers of numberBlocks(path, type, count)) {
    const keys = [...numbers]
    const beyond = keys.findIndex((key) => typeof key === 'bigint' && isBeyondBigint(key))
    if (beyond >= 0)
      refuse(
        `${path} row ${before + beyond + 1} is an unsigned 8-byte integer that is too large`,
        'Keys are signed integers of at most 8 bytes: write these keys as texts, into Parquet or NDJSON.',
      )
    yield keys
    before += keys.length
  }
}

/** The numbers of a file, in blocks of `count`. */
async function* numberBlocks(path: string, type: NumberType, count: number) {
  const { begin, shape } = await checkedHeader(path, [type], undefined)
  const { bytes, read } = TYPES[type]
  const end = shape.reduce((product, size) => product * size, begin === 0 ? 0 : 1)
  const file = await openFile(path)
  try {
    for (let at = 0; at < end; at += count) {
      const block = new Uint8Array(Math.min(count, end - at) * bytes)
      await readWhole(file, block, begin + at * bytes, path)
      yield read(block.buffer)
    }
  } finally {
    await file.close()
  }
}
