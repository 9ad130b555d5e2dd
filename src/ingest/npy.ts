import { open, type FileHandle } from 'node:fs/promises'
import { LshError } from '../core/errors.js'
import { isBeyondBigint, NUMBER_REMEDY, numberProblem } from './checked-numbers.js'
import { blockRows, type VectorFile, type VectorKey } from './vector-block.js'

/** Header of NumPy's npy format (NEP 1). The libraries for it read whole files into memory. */
interface Header {
  /** `<f4`. */
  readonly type: string
  readonly shape: readonly number[]
  /** Where the numbers begin. */
  readonly begin: number
}

/** Types of numbers, as little-endian machines hold them. */
const TYPES = {
  '|u1': { bytes: 1, read: (bytes: ArrayBuffer) => new Uint8Array(bytes) },
  '<f4': { bytes: 4, read: (bytes: ArrayBuffer) => new Float32Array(bytes) },
  '<f8': { bytes: 8, read: (bytes: ArrayBuffer) => new Float64Array(bytes) },
  '<i4': { bytes: 4, read: (bytes: ArrayBuffer) => new Int32Array(bytes) },
  '<u4': { bytes: 4, read: (bytes: ArrayBuffer) => new Uint32Array(bytes) },
  '<u8': { bytes: 8, read: (bytes: ArrayBuffer) => new BigUint64Array(bytes) },
  '<i8': { bytes: 8, read: (bytes: ArrayBuffer) => new BigInt64Array(bytes) },
} as const

type NumberType = keyof typeof TYPES

/** Files that stand beside one of features, with as many rows. */
export interface NpyCompanions {
  /** Whole numbers: the key of each row. (Default: the rows are numbered from 0) */
  keys?: string
  /** Bytes: the bits of each row's code, the first the highest, as `numpy.packbits` packs them. (Default: there are no codes) */
  codes?: string
  /** Whole numbers: the bucket of each row; codes need them. (Default: there are no codes) */
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

/** @throws LshError `bad_input` for the first row that pgvector would not take */
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
        `${path} row ${before + beyond + 1} is a whole number of 8 bytes without sign that is too great`,
        'The widest keys are 8 bytes with sign: write the keys as texts, into Parquet or NDJSON.',
      )
    yield keys
    before += keys.length
  }
}

/** The numbers of a file, so many at once. */
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

async function checkedHeader(
  path: string,
  types: readonly NumberType[],
  axes: number | undefined,
): Promise<Header & { type: NumberType }> {
  const header = await readHeader(path)
  const type = types.find((known) => known === header.type)
  if (!type)
    refuse(
      `${path} holds numbers of type ${header.type}`,
      types[0] === '|u1'
        ? 'Codes are bytes, as numpy.packbits makes them of bits.'
        : `Write it with ".astype('${types[0]}')".`,
    )
  if (axes !== undefined && header.shape.length !== axes)
    refuse(
      `${path} has ${header.shape.length} axes, not ${axes}`,
      'Features and codes are matrices, keys and buckets vectors.',
    )
  return { ...header, type }
}

async function readHeader(path: string): Promise<Header> {
  const file = await openFile(path)
  try {
    const start = Buffer.alloc(12)
    await readWhole(file, start, 0, path)
    if (start.toString('latin1', 0, 6) !== '\x93NUMPY')
      refuse(`${path} is no npy file`, 'Write it with numpy.save.')
    const long = start[6]! > 1
    const begin = (long ? 12 : 10) + (long ? start.readUInt32LE(8) : start.readUInt16LE(8))
    if (begin > 1 << 20)
      refuse(`${path} has a header of ${begin} bytes`, 'Write it with numpy.save.')
    const text = Buffer.alloc(begin - (long ? 12 : 10))
    await readWhole(file, text, long ? 12 : 10, path)
    const header = parseHeader(text.toString('latin1'), path)
    const { size } = await file.stat()
    const width = Object.hasOwn(TYPES, header.type) ? TYPES[header.type as NumberType].bytes : 0
    const wanted = begin + header.shape.reduce((product, axis) => product * axis, width)
    if (width > 0 && size !== wanted)
      refuse(
        `${path} has ${size} bytes, its header promises ${wanted}`,
        'Copy it again: it seems cut off.',
      )
    return { ...header, begin }
  } finally {
    await file.close()
  }
}

/** A literal of Python: `{'descr': '<f4', 'fortran_order': False, 'shape': (1000, 128), }`. */
function parseHeader(text: string, path: string): Omit<Header, 'begin'> {
  const type = /'descr': *'([^']+)'/.exec(text)?.[1]
  const order = /'fortran_order': *(True|False)/.exec(text)?.[1]
  const shape = /'shape': *\(([\d, ]*)\)/.exec(text)?.[1]
  if (type === undefined || order === undefined || shape === undefined)
    refuse(`${path} has a header that cannot be read`, 'Write it with numpy.save.')
  if (order === 'True')
    refuse(`${path} stands column by column`, 'Write it with "numpy.ascontiguousarray".')
  const sizes = shape.split(',').map((size) => size.trim())
  return { type, shape: sizes.filter((size) => size !== '').map(Number) }
}

async function openFile(path: string): Promise<FileHandle> {
  return open(path).catch((cause: unknown) => {
    throw new LshError('bad_input', `${path} cannot be read`, {
      hint: 'Check that it is a file and that you may read it.',
      cause,
    })
  })
}

async function readWhole(
  file: FileHandle,
  into: Uint8Array,
  from: number,
  path: string,
): Promise<void> {
  for (let at = 0; at < into.length;) {
    const { bytesRead } = await file.read(into, at, into.length - at, from + at)
    if (bytesRead === 0)
      refuse(`${path} ends at byte ${from + at}`, 'Copy it again: it seems cut off.')
    at += bytesRead
  }
}

function refuse(message: string, hint: string): never {
  throw new LshError('bad_input', message, { hint })
}
