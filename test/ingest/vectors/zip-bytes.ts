import { deflateRawSync } from 'node:zlib'

/** A zip archive; its checksums are 0, as no reader here checks them. */
export function zipOf(
  files: readonly (readonly [name: string, bytes: Uint8Array])[],
  options: { deflated?: boolean } = {},
): Uint8Array {
  const { deflated = true } = options
  const parts: Buffer[] = []
  const list: Buffer[] = []
  let offset = 0
  for (const [name, bytes] of files) {
    const packed = deflated ? deflateRawSync(bytes) : Buffer.from(bytes)
    // Version, flags, method, time, date, checksum, sizes, lengths of name and extra field.
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(deflated ? 8 : 0, 4)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(bytes.length, 18)
    common.writeUInt16LE(Buffer.byteLength(name), 22)
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), common, Buffer.from(name), packed])
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(offset, 10)
    list.push(
      Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\0'), common, rest, Buffer.from(name)]),
    )
    parts.push(local)
    offset += local.length
  }
  const end = Buffer.alloc(22)
  end.write('PK\u0005\u0006')
  end.writeUInt16LE(files.length, 8)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(
    list.reduce((sum, one) => sum + one.length, 0),
    12,
  )
  end.writeUInt32LE(offset, 16)
  return new Uint8Array(Buffer.concat([...parts, ...list, end]))
}
