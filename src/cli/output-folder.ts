import { access, constants, open, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { LshError } from '../core/errors.js'
import { fromFileError } from '../core/file-errors.js'
import { makeFolder } from '../core/make-folder.js'

/**
 * Makes a folder that takes results, and sees that it takes them: before an hour of work, and not after it.
 *
 * @param option what names it on the command line, as `--out`
 * @throws LshError `bad_usage` with what the system says, and the option to change
 */
export async function makeOutputFolder(folder: string, option = '--out'): Promise<void> {
  await named(option, async () => {
    await makeFolder(folder)
    // Permissions tell root nothing, nor what a file system of the kernel's own takes.
    const probe = join(folder, `.pg-lsh-${process.pid}`)
    const file = await open(probe, 'wx').catch((cause: unknown) => {
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
      // The folder is there: it is a place where the system keeps what it shows, as /proc.
      throw new LshError('bad_usage', `${folder} cannot hold files`, {
        hint: 'The operating system reserves that place. Name a folder on a disk, for example in your home folder.',
        cause,
      })
    })
    await file.close()
    await rm(probe)
  })
}

/** The same of the folder of a file, and of the file where it is there. */
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

/** What the system said, with the option that is to be changed. */
async function named(option: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (cause) {
    const error = fromFileError(cause)
    if (!(error instanceof LshError)) throw error
    throw new LshError(error.code, `${option}: ${error.message}`, { hint: error.hint, cause })
  }
}
