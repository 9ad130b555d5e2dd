import { stat } from 'node:fs/promises'
import type { DicomSource } from './dicom-join.js'
import type { FilePlace } from './file-place.js'

/** Bytes that a byte of a file may take once it is read: packed images, and doses as 4-byte floats on the CT. */
const UNPACKED = 8

function filesOf({ ct, structures, plan, doses }: DicomSource): readonly FilePlace[] {
  return [plan, structures, ...doses, ...ct]
}

/** Place, size and time of change of every file of a plan, or of the archive that holds it; null where one is gone. */
export async function fingerprintDicom(source: DicomSource): Promise<string | null> {
  try {
    const lines = await Promise.all(
      filesOf(source).map(async ({ name, path, size, packed }) => {
        const { mtimeMs } = await stat(path)
        return `${name} ${size} ${packed?.offset ?? 0} ${mtimeMs}`
      }),
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
