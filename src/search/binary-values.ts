import type { BitCode } from '../core/code.js'

/** Parameters in the binary form of the server, which `pg` sends as they are: they need not be read as text. */

const BIT = 1560
const INT4 = 23
const FLOAT8 = 701

/** `vector`: dimensions, two bytes of nothing, elements. */
export function vectorBytes(vector: Float32Array): Buffer {
  const value = Buffer.allocUnsafe(4 + 4 * vector.length)
  value.writeInt16BE(vector.length, 0)
  value.writeInt16BE(0, 2)
  for (let i = 0; i < vector.length; i++) value.writeFloatBE(vector[i]!, 4 + 4 * i)
  return value
}

/** `bit(n)`: its length and its bytes. */
export function codeValue({ bits, bytes }: BitCode): Buffer {
  const value = Buffer.allocUnsafe(4 + bytes.length)
  value.writeInt32BE(bits, 0)
  value.set(bytes, 4)
  return value
}

/** `bit(n)[]` of codes that stand end to end. */
export function codeArray(codes: Uint8Array, bits: number): Buffer {
  const width = Math.ceil(bits / 8)
  return arrayOf(BIT, codes.length / width, 4 + width, (value, at, i) => {
    value.writeInt32BE(bits, at)
    value.set(codes.subarray(i * width, (i + 1) * width), at + 4)
  })
}

/** `int[]` */
export function intArray(numbers: Int32Array): Buffer {
  return arrayOf(INT4, numbers.length, 4, (value, at, i) => value.writeInt32BE(numbers[i]!, at))
}

/** `float8[]` */
export function floatArray(numbers: Float64Array): Buffer {
  return arrayOf(FLOAT8, numbers.length, 8, (value, at, i) => value.writeDoubleBE(numbers[i]!, at))
}

function arrayOf(
  oid: number,
  count: number,
  bytes: number,
  write: (value: Buffer, at: number, i: number) => void,
): Buffer {
  const value = Buffer.allocUnsafe(20 + count * (4 + bytes))
  // One dimension without nulls, of so many elements from 1 on.
  for (const [i, head] of [1, 0, oid, count, 1].entries()) value.writeInt32BE(head, 4 * i)
  for (let i = 0, at = 20; i < count; i++, at += 4 + bytes) {
    value.writeInt32BE(bytes, at)
    write(value, at + 4, i)
  }
  return value
}
