import type { HashedRows } from '../../hash/bulk-encode.js'
import type { KeyedVectors } from './keyed-vectors.js'

/** Rows of a code table, one array per column; the keys are as in `KeyedVectors`. */
export type CodedRows = Pick<KeyedVectors, 'keys' | 'keyEnds'> & HashedRows

/** Columns of a code table, in the order in which `codeRows` writes them. */
export const CODE_COLUMNS = {
  bucket: 'int4',
  key: 'text',
  code: 'bit',
  norm: 'float4',
  scale: 'float4',
} as const

/** Maximum number of rows per buffer. */
const BLOCK = 2048

/** Encodes rows of a code table in the binary COPY format, sorted by bucket. */
export function* codeRows(rows: CodedRows, bits: number): Generator<Buffer> {
  const { keys, keyEnds, buckets, codes, norms, scales } = rows
  const width = Math.ceil(bits / 8)
  const order = byBucket(buckets)
  for (let from = 0; from < order.length; from += BLOCK) {
    const part = order.subarray(from, from + BLOCK)
    const keyBytes = part.reduce((sum, row) => sum + keyLength(row), 0)
    const out = Buffer.allocUnsafe(part.length * (2 + 5 * 4 + 4 + 4 + width + 8) + keyBytes)
    let at = 0
    for (const row of part) {
      at = out.writeInt16BE(5, at)
      at = out.writeInt32BE(4, at)
      at = out.writeInt32BE(buckets[row]!, at)
      at = out.writeInt32BE(keyLength(row), at)
      at += keys.copy(out, at, keyEnds[row]! - keyLength(row), keyEnds[row])
      at = out.writeInt32BE(4 + width, at)
      at = out.writeInt32BE(bits, at)
      out.set(codes.subarray(row * width, (row + 1) * width), at)
      at = writeReal(out, norms, row, at + width)
      at = writeReal(out, scales, row, at)
    }
    yield out.subarray(0, at)
  }

  function keyLength(row: number): number {
    return keyEnds[row]! - (row === 0 ? 0 : keyEnds[row - 1]!)
  }
}

function writeReal(out: Buffer, values: Float32Array | null, row: number, at: number): number {
  if (!values) return out.writeInt32BE(-1, at)
  return out.writeFloatBE(values[row]!, out.writeInt32BE(4, at))
}

/** Row numbers sorted by bucket (a counting sort); rows of the same bucket keep their order. */
function byBucket(buckets: Int32Array): Uint32Array {
  const starts = new Uint32Array(buckets.reduce((most, bucket) => Math.max(most, bucket), 0) + 2)
  for (const bucket of buckets) starts[bucket + 1]!++
  for (let bucket = 1; bucket < starts.length; bucket++) starts[bucket]! += starts[bucket - 1]!
  const order = new Uint32Array(buckets.length)
  buckets.forEach((bucket, row) => {
    order[starts[bucket]!++] = row
  })
  return order
}

/** Concatenates parts. Norms and scales are null unless every part has them. */
export function joinedRows(parts: readonly CodedRows[]): CodedRows {
  const rows = parts.reduce((sum, part) => sum + part.keyEnds.length, 0)
  const estimates = parts.every(({ norms }) => norms)
  const whole = {
    keys: Buffer.concat(parts.map(({ keys }) => keys)),
    keyEnds: new Uint32Array(rows),
    buckets: new Int32Array(rows),
    codes: Buffer.concat(parts.map(({ codes }) => codes)),
    norms: estimates ? new Float32Array(rows) : null,
    scales: estimates ? new Float32Array(rows) : null,
  }
  let [row, bytes] = [0, 0]
  for (const { keys, keyEnds, buckets, norms, scales } of parts) {
    whole.keyEnds.set(
      keyEnds.map((end) => bytes + end),
      row,
    )
    whole.buckets.set(buckets, row)
    if (norms) whole.norms?.set(norms, row)
    if (scales) whole.scales?.set(scales, row)
    row += keyEnds.length
    bytes += keys.length
  }
  return whole
}
