import { filesOf, type DicomSource } from './source.js'
import { fileFingerprint } from '../../files/file-fingerprint.js'

/** Memory per byte of a file after it is read: compressed images, and doses as 4-byte floats on the CT. */
const UNPACKED = 8

/** Names of all files of a plan, with size and times of the file or of its archive; null if one is missing. */
export async function fingerprintDicom(source: DicomSource): Promise<string | null> {
  try {
    const files = filesOf(source)
    // An archive holds hundreds of files.
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
    // The error is reported when the plan is read.
    return null
  }
}

/** Approximate upper limit of the memory for reading a plan, in bytes. */
export function dicomMemory(source: DicomSource): number {
  return UNPACKED * filesOf(source).reduce((sum, { size }) => sum + size, 0)
}
