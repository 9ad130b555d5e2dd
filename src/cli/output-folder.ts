import { access, constants, open, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { LshError } from '../core/errors.js'
import { fromFileError } from '../core/file-errors.js'
import { makeFolder } from '../core/make-folder.js'

/**
 * Creates a folder for results and checks that it is writable, before the work and not after it.
 *
 * @param option option that names the folder, such as `--out`
 * @throws LshError `bad_usage` with the message of the system and the option to change
 */
export async function makeOutputFolder(folder: string, option = '--out'): Promise<void> {
  await named(option, async () => {
    await makeFolder(folder)
    // Tests by writing: permissions do not apply to root, and do not describe file systems of the
    // kernel.
    const probe = join(folder, `.pg-lsh-${process.pid}`)
    const file = await open(probe, 'wx').catch((cause: unknown) => {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
      // The folder exists but does not accept files, like /proc.
      throw new LshError('bad_usage', `${folder} cannot hold files`, {
        hint: 'The operating system reserves that path. Name a folder on a disk, for example in your home folder.',
        cause,
      })
    })
    await file.close()
    await rm(probe)
  })
}

/** As `makeOutputFolder`, for the folder of a file, and for the file if it exists. */
export async function makeFolderOf(file: string, option = '--out'): Promise<void> {
  await makeOutputFolder(dirname(file), option)
  await named(option, async () => {
    const standing = await stat(file).catch(() => null)
    if (standing?.isDirectory())
      throw new LshError('bad_usage', `${file} is a folder, where a file is meant`, {
        hint: `Name a file in it: ${join(file, `${basename(file)}.html`)}.`,
      })
    if (standing) await access(file, constants.W_OK)
  })
}

/** Adds the option to change to an error of the system. */
async function named(option: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (cause) {
    const error = fromFileError(cause)
    if (!(error instanceof LshError)) throw error
    throw new LshError(error.code, `${option}: ${error.message}`, { hint: error.hint, cause })
  }
}
