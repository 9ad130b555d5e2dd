import type { BitCode } from '../../core/code.js'
import { LshError } from '../../core/errors.js'

/** PostgreSQL names of the types that this module encodes, for columns of COPY and for parameters. */
export type CopyType =
  | 'int4'
  | 'int8'
  | 'uuid'
  | 'float4'
  | 'float8'
  | 'text'
  | 'bytea'
  | 'jsonb'
  | 'vector'
  | 'bit'
  | 'bit[]'
  | 'bytea[]'
  | 'int4[]'
  | 'float4[]'
  | 'float8[]'

/** A value of a column: vectors and arrays of numbers as array-likes, `jsonb` as any JSON value. */
export type CopyValue =
  null | number | bigint | string | Uint8Array | ArrayLike<number> | BitCode | object

/** Target of COPY: a table and its columns in order, with their types. */
export interface CopyTarget {
  /** Qualified name, quoted if necessary: `cbir.item`. Pass names from outside through `escapeIdentifier` of `pg`. */
  readonly table: string
  readonly columns: Readonly<Record<string, CopyType>>
  /**
   * Writes rows as if vacuumed; only for a table that was created or truncated in this transaction. (Default: false)
   */
  readonly freeze?: boolean
}

/** Values in the order of the target's columns. */
export type CopyRow = readonly CopyValue[]

/** Start of a binary COPY file: signature, flags, length of the header extension. */
export const COPY_HEADER: Buffer = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
/** End of a binary COPY file. */
export const COPY_TRAILER: Buffer = Buffer.from([0xff, 0xff])

const OIDS = { bytea: 17, int4: 23, float4: 700, float8: 701, bit: 1560 } as const

/** One row in the binary COPY format of PostgreSQL (documentation of COPY, "Binary Format"). */
export function copyRow(types: readonly CopyType[], row: readonly CopyValue[]): Buffer {
  const fields = types.map((type, i) => {
    const value = row[i] ?? null
    return value === null ? null : encodeField(type, value)
  })
  const size = fields.reduce((sum, field) => sum + 4 + (field?.length ?? 0), 2)
  const out = Buffer.allocUnsafe(size)
  let at = out.writeInt16BE(fields.length, 0)
  for (const field of fields) {
    at = out.writeInt32BE(field?.length ?? -1, at)
    if (field) at += field.copy(out, at)
  }
  return out
}

/** One value in the binary form of its type. */
export function encodeField(type: CopyType, value: Exclude<CopyValue, null>): Buffer {
  switch (type) {
    case 'int4':
    case 'float4':
    case 'float8': {
      const out = Buffer.allocUnsafe(WIDTHS[type])
      WRITE[type](out, value, 0)
      return out
    }
    case 'int8': {
      const out = Buffer.allocUnsafe(8)
      if (typeof value !== 'bigint' && !Number.isSafeInteger(Number(value))) throw mismatch(type)
      out.writeBigInt64BE(BigInt(value as bigint | number | string))
      return out
    }
    case 'uuid': {
      if (typeof value !== 'string') throw mismatch(type)
      const digits = value.replaceAll('-', '')
      if (!/^[0-9a-f]{32}$/i.test(digits)) throw mismatch(type)
      return Buffer.from(digits, 'hex')
    }
    case 'text':
      if (typeof value !== 'string') throw mismatch(type)
      return Buffer.from(value, 'utf8')
    case 'bytea':
      if (!(value instanceof Uint8Array)) throw mismatch(type)
      return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    case 'jsonb':
      return Buffer.concat([Buffer.from([1]), Buffer.from(JSON.stringify(value), 'utf8')])
    case 'vector':
      return vectorField(elements(type, value))
    case 'bit':
      return bitField(value)
    case 'bit[]':
      return codesField(elements(type, value))
    case 'bytea[]':
      return bytesField(elements(type, value))
    case 'int4[]':
      return numbersField('int4', elements(type, value))
    case 'float4[]':
      return numbersField('float4', elements(type, value))
    case 'float8[]':
      return numbersField('float8', elements(type, value))
  }
}

/** Writers of one number. They refuse values of another type, and integers out of range. */
const WRITE = {
  int4: (out: Buffer, value: unknown, at: number) => {
    if (!Number.isInteger(value) || Math.abs((value as number) + 0.5) > 2 ** 31)
      throw mismatch('int4')
    return out.writeInt32BE(value as number, at)
  },
  float4: (out: Buffer, value: unknown, at: number) => {
    if (typeof value !== 'number') throw mismatch('float4')
    return out.writeFloatBE(value, at)
  },
  float8: (out: Buffer, value: unknown, at: number) => {
    if (typeof value !== 'number') throw mismatch('float8')
    return out.writeDoubleBE(value, at)
  },
} as const
const WIDTHS = { int4: 4, float4: 4, float8: 8 } as const

/** `vector_recv` of pgvector: int16 dimensions, int16 zero, float4 each. */
function vectorField(vector: ArrayLike<unknown>): Buffer {
  const out = Buffer.allocUnsafe(4 + 4 * vector.length)
  out.writeInt16BE(vector.length, 0)
  out.writeInt16BE(0, 2)
  for (let i = 0; i < vector.length; i++) WRITE.float4(out, vector[i], 4 + 4 * i)
  return out
}

function bitField(value: unknown): Buffer {
  const code = value as BitCode
  if (!(code.bytes instanceof Uint8Array)) throw mismatch('bit')
  const out = Buffer.allocUnsafe(4 + code.bytes.length)
  out.writeInt32BE(code.bits, 0)
  out.set(code.bytes, 4)
  return out
}

function codesField(codes: ArrayLike<unknown>): Buffer {
  const fields = Array.from(codes, bitField)
  const width = fields[0]?.length ?? 0
  if (fields.some(({ length }) => length !== width)) throw mismatch('bit[]')
  return arrayField('bit', fields.length, width, (out, at, i) => at + fields[i]!.copy(out, at))
}

/** One-dimensional array of byte strings; elements may be null. */
function bytesField(values: ArrayLike<unknown>): Buffer {
  const parts = Array.from(values, (value) =>
    value === null ? null : encodeField('bytea', value as object),
  )
  const head = Buffer.allocUnsafe(20)
  let at = 0
  for (const word of [1, parts.includes(null) ? 1 : 0, OIDS.bytea, parts.length, 1])
    at = head.writeInt32BE(word, at)
  return Buffer.concat([head, ...parts.flatMap(withLength)])
}

function withLength(part: Buffer | null): Buffer[] {
  const length = Buffer.allocUnsafe(4)
  length.writeInt32BE(part?.length ?? -1)
  return part === null ? [length] : [length, part]
}

function numbersField(type: keyof typeof WIDTHS, numbers: ArrayLike<unknown>): Buffer {
  const write = WRITE[type]
  return arrayField(type, numbers.length, WIDTHS[type], (out, at, i) => write(out, numbers[i], at))
}

/** One-dimensional array without nulls: dimensions, null flag, element oid, length, lower bound, elements. */
function arrayField(
  type: keyof typeof OIDS,
  length: number,
  width: number,
  write: (out: Buffer, at: number, i: number) => number,
): Buffer {
  const out = Buffer.allocUnsafe(20 + (4 + width) * length)
  let at = 0
  for (const word of [1, 0, OIDS[type], length, 1]) at = out.writeInt32BE(word, at)
  for (let i = 0; i < length; i++) at = write(out, out.writeInt32BE(width, at), i)
  return out
}

function elements(type: CopyType, value: unknown): ArrayLike<unknown> {
  if (Array.isArray(value) || (ArrayBuffer.isView(value) && 'length' in value)) {
    return value as ArrayLike<unknown>
  }
  throw mismatch(type)
}

function mismatch(type: string): LshError {
  return new LshError('bad_input', `a value does not fit a column of type ${type}`, {
    hint: 'Pass null, or a value of the type of the column.',
  })
}
