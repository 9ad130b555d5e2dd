import { open, type FileHandle } from 'node:fs/promises'
import { constants, createInflateRaw } from 'node:zlib'
import { refusal } from '../dicom/elements/refusal.js'

/** Location of a file: in a folder, or in a zip archive. Plain data, so that it can be sent to a worker. */
export interface FilePlace {
  /** Name in messages. */
  readonly name: string
  /** Path of the file, or of its archive. */
  readonly path: string
  /** Size of the file in bytes. */
  readonly size: number
  readonly packed?: PackedPlace
}

/** Location of a file in a zip archive. */
export interface PackedPlace {
  /** Offset of its local header. */
  readonly offset: number
  readonly compressedSize: number
  readonly deflated: boolean
}

/** Upper limit of the size of files; an enhanced CT of 512 slices has half of it. */
const longestFile = 512 << 20
/** Largest compression ratio of deflate (zlib, "Maximum Compression Factor"). */
const mostGain = 1032
/** Largest deflated size: 5 bytes per incompressible block, with a margin. */
const mostLoss = (size: number) => size + 5 * Math.ceil(size / 16_000) + 1024
/** Bytes that are decompressed at once. */
const partBytes = 1 << 16
/** A local header of a zip archive, without name and extra field. */
const localHeader = { bytes: 30, signature: 0x04034b50, nameLength: 26, extraLength: 28 } as const

/** Reads a file, or at most its first `most` bytes. */
export async function readPlace(place: FilePlace, most = Infinity): Promise<Uint8Array> {
  const { name, path, size, packed } = place
  const refuse = refusal(name)
  if (size > longestFile) refuse(`has ${size} bytes, more than ${longestFile}`)
  const length = Math.min(size, most)
  let handle: FileHandle | undefined
  try {
    handle = await open(path)
    if (packed === undefined) return await readBytes(handle, 0, length)
    return await readPacked(handle, packed)
  } catch (error) {
    if (error instanceof Error && 'syscall' in error)
      return refuse('cannot be read', 'Check that the file is there and that you may read it.')
    throw error
  } finally {
    await handle?.close()
  }

  async function readPacked(file: FileHandle, entry: PackedPlace): Promise<Uint8Array> {
    // The archive states both sizes, by which memory is allocated.
    const { compressedSize, deflated } = entry
    if (
      deflated
        ? compressedSize > mostLoss(size) || size > compressedSize * mostGain
        : compressedSize !== size
    )
      refuse(`has ${size} bytes and ${compressedSize} in its archive, which is impossible`)
    const header = await readBytes(file, entry.offset, localHeader.bytes)
    const view = new DataView(header.buffer, header.byteOffset, header.length)
    if (header.length < localHeader.bytes || view.getUint32(0, true) !== localHeader.signature)
      refuse('is not where the list of its archive says')
    const start =
      entry.offset +
      localHeader.bytes +
      view.getUint16(localHeader.nameLength, true) +
      view.getUint16(localHeader.extraLength, true)
    // The compressed bytes of that length expand to at least as many.
    const bytes = await readBytes(file, start, Math.min(compressedSize, most))
    const content = deflated ? await unpack(bytes, most < size) : bytes
    if (most >= size && content.length < size) refuse('is cut off in its archive')
    return content.subarray(0, length)
  }

  /** Decompresses in threads of Node.js, up to the wanted size. */
  async function unpack(bytes: Uint8Array, part: boolean): Promise<Uint8Array> {
    const content = new Uint8Array(length)
    const finishFlush = part ? constants.Z_SYNC_FLUSH : constants.Z_FINISH
    const stream = createInflateRaw({ chunkSize: partBytes, finishFlush })
    stream.end(bytes)
    let filled = 0
    let beyond = false
    try {
      for await (const piece of stream as AsyncIterable<Uint8Array>) {
        content.set(piece.subarray(0, length - filled), filled)
        beyond = filled + piece.length > length
        if (beyond) break
        filled += piece.length
      }
    } catch {
      refuse('is damaged in its archive: it cannot be unpacked')
    }
    if (beyond && !part)
      refuse('is damaged in its archive: it unpacks to more bytes than the archive states')
    return beyond ? content : content.subarray(0, filled)
  }
}

async function readBytes(handle: FileHandle, position: number, length: number) {
  const bytes = new Uint8Array(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}
