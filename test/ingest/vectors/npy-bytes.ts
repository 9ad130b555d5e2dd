/** The bytes of an npy file, as `numpy.save` writes them. */
export function npyBytes(
  values:
    | Uint8Array
    | Float32Array
    | Float64Array
    | Int32Array
    | Uint32Array
    | BigInt64Array
    | BigUint64Array,
  shape: readonly number[],
  options: { order?: 'True' | 'False' } = {},
): Buffer {
  const type = {
    Uint8Array: '|u1',
    Float32Array: '<f4',
    Float64Array: '<f8',
    Int32Array: '<i4',
    BigInt64Array: '<i8',
    Uint32Array: '<u4',
    BigUint64Array: '<u8',
  }[values.constructor.name]
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const header = `{'descr': '${type}', 'fortran_order': ${options.order ?? 'False'}, 'shape': (${sizes}), }`
  const padded = `${header.padEnd(64 * Math.ceil((header.length + 11) / 64) - 11)}\n`
  const start = Buffer.from('\x93NUMPY\x01\x00\0\0', 'latin1')
  start.writeUInt16LE(padded.length, 8)
  const numbers = Buffer.from(values.buffer, values.byteOffset, values.byteLength)
  return Buffer.concat([start, Buffer.from(padded, 'latin1'), numbers])
}
