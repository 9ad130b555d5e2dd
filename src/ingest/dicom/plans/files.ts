import { filesOf, type DicomSource } from './source.js'
import { fileFingerprint } from '../../files/file-fingerprint.js'

/** Bytes that a byte of a file may take once it is read: packed images, and doses as 4-byte floats on the CT. */
const UNPACKED = 8

/** Name and place of every file of a plan, with size and times of it or of the archive that holds it; null where one is gone. */
export async function fingerprintDicom(source: DicomSource): Promise<string | null> {
  try {
    const files = filesOf(source)
    // An archive holds hundreds of them.
    const paths = [...new Set(files.map(({ path }) => path))]
    const states = new Map(
      await Promise.all(paths.map(async (path) => [path, await fileFingerprint(path)] as const)),
    )
    const lines = files.map(
      ({ name, path, size, packed }) =>
        `${name} ${size} ${packed?.offset ?? 0} ${states.get(path)}`,
    )
    return lines.sort().join('\n')
  } catch {
    // Whoever reads the plan tells what is wrong with the file.
    return null
  }
}

/** Bytes of memory that reading a plan takes at most, about. */
export function dicomMemory(source: DicomSource): number {
  return UNPACKED * filesOf(source).reduce((sum, { size }) => sum + size, 0)
}
