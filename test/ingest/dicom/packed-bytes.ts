/** Writes JPEG-LS and JPEG 2000 streams for tests with the encoders of the packages that read them. */

interface Encoder {
  getDecodedBuffer(info: object): Uint8Array
  encode(): void
  /** Number of decompositions, each of which halves the size (JPEG 2000 only). */
  setDecompositions?: (count: number) => void
  getEncodedBuffer(): Uint8Array | Uint8ClampedArray
}

/** A lossless stream of values of 16 bits. */
export async function wasmStream(
  kind: 'charls' | 'openjpeg',
  size: { rows: number; columns: number },
  values: readonly number[],
): Promise<Uint8Array> {
  const specifier = `@cornerstonejs/codec-${kind}/wasmjs`
  const { default: factory } = (await import(specifier)) as {
    default: (options: object) => Promise<Record<string, new () => Encoder>>
  }
  const silent = () => undefined
  const module = await factory({ print: silent, printErr: silent })
  const name = kind === 'charls' ? 'JpegLSEncoder' : 'J2KEncoder'
  const encoder = new (module[name] as new () => Encoder)()
  const info = { width: size.columns, height: size.rows, bitsPerSample: 16, componentCount: 1 }
  const cells = new Uint8Array(Uint16Array.from(values).buffer)
  encoder.getDecodedBuffer({ ...info, isSigned: false }).set(cells)
  encoder.setDecompositions?.(2)
  encoder.encode()
  return Uint8Array.from(encoder.getEncodedBuffer())
}

/** RLE with one segment per byte: literal runs, except where a byte is repeated. */
export function rleStream(values: readonly number[]): Uint8Array {
  const segments = [8, 0].map((shift) => pack(values.map((value) => (value >> shift) & 255)))
  const header = Buffer.alloc(64)
  header.writeUInt32LE(2)
  header.writeUInt32LE(64, 4)
  header.writeUInt32LE(64 + (segments[0]?.length ?? 0), 8)
  return new Uint8Array(Buffer.concat([header, ...segments]))
}

function pack(bytes: readonly number[]): Uint8Array {
  const packed: number[] = []
  for (let at = 0; at < bytes.length;) {
    const byte = bytes[at] as number
    let end = at + 1
    while (end < bytes.length && end < at + 128 && bytes[end] === byte) end++
    if (end - at > 2) packed.push(257 - (end - at), byte)
    else packed.push(end - at - 1, ...bytes.slice(at, end))
    at = end
  }
  // Segments have an even length; -128 is a no-op.
  if (packed.length % 2 === 1) packed.push(128)
  return Uint8Array.from(packed)
}
