import { open, type FileHandle } from 'node:fs/promises'
import { LshError } from '../../core/errors.js'

/** Header of NumPy's npy format (NEP 1). Existing libraries read whole files into memory. */
export interface Header {
  /** `<f4`. */
  readonly type: string
  readonly shape: readonly number[]
  /** Offset of the numbers. */
  readonly begin: number
}

/** Number types in little-endian order. */
export const TYPES = {
  '|u1': { bytes: 1, read: (bytes: ArrayBuffer) => new Uint8Array(bytes) },
  '<f4': { bytes: 4, read: (bytes: ArrayBuffer) => new Float32Array(bytes) },
  '<f8': { bytes: 8, read: (bytes: ArrayBuffer) => new Float64Array(bytes) },
  '<i4': { bytes: 4, read: (bytes: ArrayBuffer) => new Int32Array(bytes) },
  '<u4': { bytes: 4, read: (bytes: ArrayBuffer) => new Uint32Array(bytes) },
  '<u8': { bytes: 8, read: (bytes: ArrayBuffer) => new BigUint64Array(bytes) },
  '<i8': { bytes: 8, read: (bytes: ArrayBuffer) => new BigInt64Array(bytes) },
} as const

export type NumberType = keyof typeof TYPES

/**
 * Reads and checks the header of a file.
 *
 * @throws LshError `bad_input` if the type of its numbers or the number of its axes is not as expected
 */
export async function checkedHeader(
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
      refuse(`${path} is not an npy file`, 'Write it with numpy.save.')
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
        `${path} has ${size} bytes, but its header states ${wanted}`,
        'Copy it again: it seems to be cut off.',
      )
    return { ...header, begin }
  } finally {
    await file.close()
  }
}

/** Parses a Python literal: `{'descr': '<f4', 'fortran_order': False, 'shape': (1000, 128), }`. */
function parseHeader(text: string, path: string): Omit<Header, 'begin'> {
  const type = /'descr': *'([^']+)'/.exec(text)?.[1]
  const order = /'fortran_order': *(True|False)/.exec(text)?.[1]
  const shape = /'shape': *\(([\d, ]*)\)/.exec(text)?.[1]
  if (type === undefined || order === undefined || shape === undefined)
    refuse(`${path} has a header that cannot be read`, 'Write it with numpy.save.')
  if (order === 'True')
    refuse(`${path} is in column-major order`, 'Write it with "numpy.ascontiguousarray".')
  const sizes = shape.split(',').map((size) => size.trim())
  return { type, shape: sizes.filter((size) => size !== '').map(Number) }
}

/** @throws LshError `bad_input` if the file cannot be opened */
export async function openFile(path: string): Promise<FileHandle> {
  return open(path).catch((cause: unknown) => {
    throw new LshError('bad_input', `${path} cannot be read`, {
      hint: 'Check that it is a file and that you may read it.',
      cause,
    })
  })
}

/** @throws LshError `bad_input` if the file ends before all bytes are read */
export async function readWhole(
  file: FileHandle,
  into: Uint8Array,
  from: number,
  path: string,
): Promise<void> {
  for (let at = 0; at < into.length;) {
    const { bytesRead } = await file.read(into, at, into.length - at, from + at)
    if (bytesRead === 0)
      refuse(`${path} ends at byte ${from + at}`, 'Copy it again: it seems to be cut off.')
    at += bytesRead
  }
}

/** @throws LshError `bad_input` */
export function refuse(message: string, hint: string): never {
  throw new LshError('bad_input', message, { hint })
}
