import { constants } from 'node:fs'
import { access, mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Makes a folder that takes results, and sees that it takes them: before an hour of work, and not after it. */
export async function makeOutputFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await access(folder, constants.W_OK)
}

/** The same of the folder of a file. */
export function makeFolderOf(file: string): Promise<void> {
  return makeOutputFolder(dirname(file))
}
