import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import yauzl from 'yauzl'
import { LshError } from '../core/errors.js'
import { readPlace, type FilePlace } from './file-place.js'

/** A file with its first bytes. */
export interface FoundFile {
  readonly place: FilePlace
  readonly start: Uint8Array
}

/** A file that is not used, and why. */
export interface LeftOut {
  readonly file: string
  readonly reason: string
}

/** Bytes of a file that are read to see what it is. */
const startBytes = 64 << 10
const zipSignature = [0x50, 0x4b, 3, 4]
/** Compression methods of zip archives that are read. */
const [stored, deflated] = [0, 8]
/** Bit of an entry that is encrypted. */
const encrypted = 1

/** All files of folders and zip archives, in the order of their names; one cannot be read says so. */
export async function* walkFiles(paths: readonly string[]): AsyncGenerator<FoundFile | LeftOut> {
  const seen = new Set<string>()
  for (const path of paths) {
    const root = resolve(path)
    const found = await stat(root).catch((cause: unknown) => {
      throw new LshError('bad_input', `${path} cannot be read`, {
        hint: 'Give folders or zip archives that exist and that you may read.',
        cause,
      })
    })
    const name = paths.length > 1 || !found.isDirectory() ? basename(root) : ''
    yield* walk(root, name, seen)
  }
}

async function* walk(
  path: string,
  name: string,
  seen: Set<string>,
): AsyncGenerator<FoundFile | LeftOut> {
  try {
    const found = await stat(path)
    if (found.isFile()) return yield* openFile({ name, path, size: found.size })
    if (!found.isDirectory()) return yield { file: name, reason: 'is no file' }
    // Data sets are often linked into place, and a link may lead back to where it stands.
    const real = await realpath(path)
    if (seen.has(real)) return
    seen.add(real)
  } catch {
    return yield { file: name, reason: 'cannot be read' }
  }
  const names = await readdir(path).catch(() => null)
  if (names === null) return yield { file: name, reason: 'cannot be read' }
  for (const entry of names.sort())
    yield* walk(join(path, entry), name === '' ? entry : `${name}/${entry}`, seen)
}

async function* openFile(place: FilePlace): AsyncGenerator<FoundFile | LeftOut> {
  const start = await readStart(place)
  if (!(start instanceof Uint8Array)) return yield start
  if (!isZip(start)) return yield { place, start }
  let archive: yauzl.ZipFile | undefined
  try {
    archive = await yauzl.openPromise(place.path)
    for await (const entry of archive.eachEntry()) {
      const name = `${place.name}/${entry.fileName}`
      if (!name.endsWith('/')) yield await openEntry(name, place.path, entry)
    }
  } catch {
    yield { file: place.name, reason: 'is a zip archive that is cut off or damaged' }
  } finally {
    archive?.close()
  }
}

async function openEntry(
  name: string,
  path: string,
  entry: yauzl.Entry,
): Promise<FoundFile | LeftOut> {
  const { compressionMethod, compressedSize, relativeOffsetOfLocalHeader: offset } = entry
  if ((entry.generalPurposeBitFlag & encrypted) !== 0) return { file: name, reason: 'is encrypted' }
  if (compressionMethod !== stored && compressionMethod !== deflated)
    return {
      file: name,
      reason: `is packed by method ${compressionMethod}, not stored or deflated`,
    }
  const packed = { offset, compressedSize, deflated: compressionMethod === deflated }
  const place = { name, path, size: entry.uncompressedSize, packed }
  const start = await readStart(place)
  if (!(start instanceof Uint8Array)) return start
  if (isZip(start))
    return { file: name, reason: 'is an archive within an archive: unpack it first' }
  return { place, start }
}

async function readStart(place: FilePlace): Promise<Uint8Array | LeftOut> {
  try {
    return await readPlace(place, startBytes)
  } catch (error) {
    if (!(error instanceof LshError)) throw error
    return { file: place.name, reason: error.message }
  }
}

function isZip(start: Uint8Array): boolean {
  return zipSignature.every((byte, i) => start[i] === byte)
}
