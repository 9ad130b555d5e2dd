import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import yauzl from 'yauzl'
import { LshError } from '../../core/errors.js'
import { readPlace, type FilePlace } from './file-place.js'

/** A file with its first bytes. */
export interface FoundFile {
  readonly place: FilePlace
  readonly start: Uint8Array
}

/** A file that is not used, with the reason. */
export interface LeftOut {
  readonly file: string
  readonly reason: string
  /** The remedy. */
  readonly hint: string
}

const readable = 'Check that it is there and that you may read it.'
const packAgain = 'Give the files in a folder, or in a zip archive without a password.'
/** Bytes of a file that are read to recognise its kind. */
const startBytes = 64 << 10
const zipSignature = [0x50, 0x4b, 3, 4]
/** Supported compression methods of zip archives. */
const [stored, deflated] = [0, 8]
/** Flag of encrypted entries. */
const encrypted = 1

/** All files of folders and zip archives, sorted by name. Files that cannot be read are returned with the reason. */
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
  const entry = await look(path)
  if (typeof entry === 'string') yield { file: name, reason: entry, hint: readable }
  else if ('size' in entry) yield* openFile({ name, path, size: entry.size })
  // Data sets are often linked, and a link may lead back to one of its parents.
  else if (!seen.has(entry.folder)) {
    seen.add(entry.folder)
    for (const inner of entry.names)
      yield* walk(join(path, inner), name === '' ? inner : `${name}/${inner}`, seen)
  }
}

/** The size of a file, the entries of a folder, or the reason why they cannot be read. */
async function look(
  path: string,
): Promise<{ size: number } | { folder: string; names: string[] } | string> {
  try {
    const found = await stat(path)
    if (found.isFile()) return { size: found.size }
    if (!found.isDirectory()) return 'is no file'
    return { folder: await realpath(path), names: (await readdir(path)).sort() }
  } catch {
    return 'cannot be read'
  }
}

async function* openFile(place: FilePlace): AsyncGenerator<FoundFile | LeftOut> {
  const start = await readStart(place)
  if (!(start instanceof Uint8Array)) yield start
  else if (isZip(start)) yield* openArchive(place)
  else yield { place, start }
}

async function* openArchive({ name, path }: FilePlace): AsyncGenerator<FoundFile | LeftOut> {
  let archive: yauzl.ZipFile | undefined
  try {
    archive = await yauzl.openPromise(path)
    for await (const entry of archive.eachEntry())
      if (!entry.fileName.endsWith('/'))
        yield await openEntry(`${name}/${entry.fileName}`, path, entry)
  } catch {
    yield { file: name, reason: 'is a zip archive that is cut off or damaged', hint: packAgain }
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
  if ((entry.generalPurposeBitFlag & encrypted) !== 0)
    return { file: name, reason: 'is encrypted', hint: packAgain }
  if (compressionMethod !== stored && compressionMethod !== deflated)
    return {
      file: name,
      reason: `is packed by method ${compressionMethod}, not stored or deflated`,
      hint: packAgain,
    }
  const packed = { offset, compressedSize, deflated: compressionMethod === deflated }
  const place = { name, path, size: entry.uncompressedSize, packed }
  const start = await readStart(place)
  if (!(start instanceof Uint8Array)) return start
  if (isZip(start))
    return {
      file: name,
      reason: 'is an archive within an archive: unpack it first',
      hint: packAgain,
    }
  return { place, start }
}

async function readStart(place: FilePlace): Promise<Uint8Array | LeftOut> {
  try {
    return await readPlace(place, startBytes)
  } catch (error) {
    if (!(error instanceof LshError)) throw error
    return { file: place.name, reason: error.message, hint: error.hint }
  }
}

function isZip(start: Uint8Array): boolean {
  return zipSignature.every((byte, i) => start[i] === byte)
}
