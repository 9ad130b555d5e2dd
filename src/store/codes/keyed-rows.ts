import { LshError } from '../../core/errors.js'
import type { VectorKey } from '../../ingest/vectors/vector-block.js'
import { encodeField, type CopyType } from '../connection/copy-format.js'
import type { KeyedVectors } from './keyed-vectors.js'

/** How COPY writes keys of a type, by the name of the type in PostgreSQL. */
const KEY_TYPES: Readonly<Record<string, CopyType>> = {
  integer: 'int4',
  bigint: 'int8',
  uuid: 'uuid',
  text: 'text',
  'character varying': 'text',
  character: 'text',
}

/**
 * How COPY writes keys of a type, which is named as in `format_type`, without modifiers.
 *
 * @throws LshError `bad_usage` for a type that is not supported
 */
export function keyTypeOf(type: string): CopyType {
  const found = KEY_TYPES[type]
  if (found !== undefined) return found
  throw new LshError('bad_usage', `keys of type ${type} cannot be written by COPY`, {
    hint: `Use a key of type ${Object.keys(KEY_TYPES).join(', ')}, or insert the rows by SQL.`,
  })
}

/** Encodes keys in the binary format of their type, and concatenates them. */
export function packKeys(
  type: CopyType,
  keys: readonly VectorKey[],
): Pick<KeyedVectors, 'keys' | 'keyEnds'> {
  if (type === 'int4' && keys.every(isInt4)) return packInt4(keys)
  const fields = keys.map((key) => encodeField(type, type === 'text' ? String(key) : key))
  let bytes = 0
  return {
    keys: Buffer.concat(fields),
    keyEnds: Uint32Array.from(fields, ({ length }) => (bytes += length)),
  }
}

function isInt4(key: VectorKey): key is number {
  return typeof key === 'number' && (key | 0) === key
}

/** Faster, because it needs no buffer per key. */
function packInt4(keys: readonly number[]): Pick<KeyedVectors, 'keys' | 'keyEnds'> {
  const packed = Buffer.from(Int32Array.from(keys).buffer).swap32()
  return { keys: packed, keyEnds: Uint32Array.from(keys, (_, i) => 4 * (i + 1)) }
}

/** Encodes rows of a key and a vector in the binary COPY format, without its header. */
export function keyedRows({ keys, keyEnds, vectors }: KeyedVectors): Buffer {
  const rows = keyEnds.length
  const bytes = rows === 0 ? 0 : (4 * vectors.length) / rows
  // Converts all numbers to big-endian at once: writing them one by one takes ten times as long.
  const swapped = Buffer.from(vectors.slice().buffer).swap32()
  const out = Buffer.allocUnsafe(rows * (2 + 4 + 4 + 4 + bytes) + keys.length)
  let [at, from] = [0, 0]
  for (let row = 0; row < rows; row++) {
    const end = keyEnds[row]!
    at = out.writeInt16BE(2, at)
    at = out.writeInt32BE(end - from, at)
    at += keys.copy(out, at, from, end)
    at = out.writeInt32BE(4 + bytes, at)
    at = out.writeInt16BE(bytes / 4, at)
    at = out.writeInt16BE(0, at)
    at += swapped.copy(out, at, row * bytes, (row + 1) * bytes)
    from = end
  }
  return out
}
