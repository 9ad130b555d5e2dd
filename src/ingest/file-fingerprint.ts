import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Names, sizes and times of the files of a folder. The time of the last change of a file's entry is among
 * them, which no program can set: content that was replaced by some of the same size and date still shows.
 * A copy or a move shows too, and is read once more.
 */
export async function folderFingerprint(
  folder: string,
  counts: (name: string) => boolean,
): Promise<string> {
  const names = (await readdir(folder)).filter(counts).sort()
  const lines = names.map(async (name) => {
    const { size, mtimeNs, ctimeNs } = await stat(join(folder, name), { bigint: true })
    return `${name} ${size} ${mtimeNs} ${ctimeNs}\n`
  })
  return (await Promise.all(lines)).join('')
}
