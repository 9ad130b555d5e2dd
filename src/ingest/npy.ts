import { open, type FileHandle } from 'node:fs/promises'
import { LshError } from '../core/errors.js'
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
  '<f4': { bytes: 4, read: (bytes: ArrayBuffer) => new Float32Array(bytes) },
  '<f8': { bytes: 8, read: (bytes: ArrayBuffer) => new Float64Array(bytes) },
  '<i4': { bytes: 4, read: (bytes: ArrayBuffer) => new Int32Array(bytes) },
  '<i8': { bytes: 8, read: (bytes: ArrayBuffer) => new BigInt64Array(bytes) },
} as const

type NumberType = keyof typeof TYPES

/** Opens a matrix of features; its keys stand in a vector of whole numbers, or are the numbers of its rows. */
export async function openNpy(path: string, keys?: string): Promise<VectorFile> {
  const { type, shape } = await checkedHeader(path, ['<f4', '<f8'], 2)
  const [rows = 0, dims = 0] = shape
  if (keys !== undefined) {
    const named = await checkedHeader(keys, ['<i4', '<i8'], 1)
    if (named.shape[0] !== rows)
      refuse(
        `${keys} has ${named.shape[0]} keys, ${path} has ${rows} rows`,
        'Give one key for each row.',
      )
  }
  return {
    dims,
    rows,
    async *blocks() {
      const count = blockRows(dims)
      const names = keys === undefined ? rowNumbers(rows, count) : keyBlocks(keys, count)
      try {
        for await (const numbers of numberBlocks(path, type, count * dims)) {
          const next = await names.next()
          const vectors =
            numbers instanceof Float32Array ? numbers : Float32Array.from(numbers as Float64Array)
          yield { keys: next.value as VectorKey[], vectors, codes: null }
        }
      } finally {
        await names.return(undefined)
      }
    },
  }
}

async function* rowNumbers(rows: number, count: number): AsyncGenerator<VectorKey[]> {
  for (let from = 0; from < rows; from += count)
    yield Array.from({ length: Math.min(count, rows - from) }, (_, i) => from + i)
}

async function* keyBlocks(path: string, count: number): AsyncGenerator<VectorKey[]> {
  const { type } = await checkedHeader(path, ['<i4', '<i8'], 1)
  for await (const numbers of numberBlocks(path, type, count)) yield [...numbers]
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
      `Write it with ".astype('${types[0]}')".`,
    )
  if (axes !== undefined && header.shape.length !== axes)
    refuse(
      `${path} has ${header.shape.length} axes, not ${axes}`,
      'Features are a matrix, keys a vector.',
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
