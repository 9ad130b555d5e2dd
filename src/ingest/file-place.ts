import { open, type FileHandle } from 'node:fs/promises'
import { constants, inflateRawSync } from 'node:zlib'
import { refusal } from './dicom-refusal.js'

/** Where a file stands: in a folder, or packed in a zip archive. Plain data, so that it can be sent to a worker. */
export interface FilePlace {
  /** How messages name it. */
  readonly name: string
  /** Path of the file, or of the archive that holds it. */
  readonly path: string
  /** Bytes of the file. */
  readonly size: number
  readonly packed?: PackedPlace
}

/** Where a file stands in a zip archive. */
export interface PackedPlace {
  /** Of its local header. */
  readonly offset: number
  readonly compressedSize: number
  readonly deflated: boolean
}

/** No file of a plan is longer; enhanced CT of 512 slices has half of it. */
const longestFile = 512 << 20
/** A local header of a zip archive, without name and extra field. */
const localHeader = { bytes: 30, signature: 0x04034b50, nameLength: 26, extraLength: 28 } as const

/** Reads a file, or no more than its first bytes. */
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
    const header = await readBytes(file, entry.offset, localHeader.bytes)
    const view = new DataView(header.buffer, header.byteOffset, header.length)
    if (header.length < localHeader.bytes || view.getUint32(0, true) !== localHeader.signature)
      refuse('is not where the list of its archive says')
    const start =
      entry.offset +
      localHeader.bytes +
      view.getUint16(localHeader.nameLength, true) +
      view.getUint16(localHeader.extraLength, true)
    // Of a start, the packed bytes of that length unpack to more.
    const bytes = await readBytes(file, start, Math.min(entry.compressedSize, most))
    const content = entry.deflated ? unpack(bytes, most < size) : bytes
    if (most >= size && content.length < size) refuse('is cut off in its archive')
    return content.subarray(0, length)
  }

  function unpack(bytes: Uint8Array, part: boolean): Uint8Array {
    try {
      const finishFlush = part ? constants.Z_SYNC_FLUSH : constants.Z_FINISH
      return inflateRawSync(bytes, { maxOutputLength: size, finishFlush })
    } catch {
      return refuse('is damaged in its archive: it cannot be unpacked')
    }
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
