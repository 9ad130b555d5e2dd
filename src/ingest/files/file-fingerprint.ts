import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Size and times of a file. The time of the last change of its entry is among them, which no program can set: content
 * that was replaced by some of the same size and date still shows. A copy or a move shows too, and is read once more.
 */
export async function fileFingerprint(path: string): Promise<string> {
  const { size, mtimeNs, ctimeNs } = await stat(path, { bigint: true })
  return `${size} ${mtimeNs} ${ctimeNs}`
}

/** Names, sizes and times of the files of a folder. */
export async function folderFingerprint(
  folder: string,
  counts: (name: string) => boolean,
): Promise<string> {
  const names = (await readdir(folder)).filter(counts).sort()
  const lines = names.map(async (name) => `${name} ${await fileFingerprint(join(folder, name))}\n`)
  return (await Promise.all(lines)).join('')
}
