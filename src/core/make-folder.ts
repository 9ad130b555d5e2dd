import { mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { LshError } from './errors.js'

/**
 * Creates a folder and missing folders above it; an existing folder stays as it is.
 *
 * The option `recursive` of Node.js never returns for folders below /proc: Linux reports that the parent is missing,
 * but Node.js finds the parent and tries again.
 *
 * @param mode permissions of new folders (default: those of the system)
 * @throws LshError `bad_usage` below a folder
 * that cannot hold folders; otherwise the error of the file system
 */
export async function makeFolder(path: string, { mode = 0o777 } = {}): Promise<void> {
  const missing: string[] = []
  let standing = resolve(path)
  for (; !(await exists(standing)); standing = dirname(standing)) missing.unshift(standing)
  // Throws the error of the system if the path is not a folder.
  if (missing.length === 0) return make(standing, mode)
  for (const folder of missing) await make(folder, mode)
}

async function make(folder: string, mode: number): Promise<void> {
  try {
    await mkdir(folder, { mode })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // Another process may have created it.
    if (code === 'EEXIST' && (await isFolder(folder))) return
    if (code === 'ENOENT' && (await exists(dirname(folder))))
      throw new LshError('bad_usage', `${dirname(folder)} cannot hold folders such as ${folder}`, {
        hint: 'The operating system reserves that place. Name a folder on a disk, for example in your home folder.',
        cause: error,
      })
    throw error
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await exists(path)) && (await stat(path)).isDirectory()
}
