import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Size and times of a file, including the change time of its inode, which programs cannot set: this detects content
 * that was replaced by other content of the same size and date. A copied or moved file also changes, and is read again.
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
