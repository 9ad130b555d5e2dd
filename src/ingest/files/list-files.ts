import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fromFileError } from '../../core/file-errors.js'

/** A file below a folder. */
export interface ListedFile {
  readonly path: string
  /** Path relative to the folder, with forward slashes. */
  readonly key: string
}

/**
 * All files below a folder, sorted by key. Follows links, visits each folder once, and skips names that begin with a
 * dot.
 *
 * @throws LshError `bad_usage` if the folder cannot be read
 */
export async function listFiles(folder: string): Promise<ListedFile[]> {
  const seen = new Set<string>()
  const files: ListedFile[] = []

  async function visit(path: string, key: string): Promise<void> {
    const real = await realpath(path)
    if (seen.has(real)) return
    seen.add(real)
    const entries = await readdir(path, { withFileTypes: true })
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name.startsWith('.')) continue
      const inner = { path: join(path, entry.name), key: key + entry.name }
      const kind = entry.isSymbolicLink() ? await stat(inner.path).catch(() => entry) : entry
      if (kind.isDirectory()) await visit(inner.path, `${inner.key}/`)
      else if (kind.isFile()) files.push(inner)
    }
  }

  try {
    await visit(folder, '')
  } catch (error) {
    throw fromFileError(error)
  }
  return files
}
