import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Plan } from '../../core/plan.js'
import { folderFingerprint } from '../files/file-fingerprint.js'
import { checkWhole, type ListedFile } from './check.js'
import { readSparse, readVoxelMm } from './files.js'
import { isData, planFiles } from './folder.js'
import type { OpenKbpSource } from './list.js'
import { airHu, maxHu, planFromVolume, voxelCount } from '../volume/volume.js'

export { listOpenKbp, type OpenKbpSource } from './list.js'

/** Site of all plans of the challenge. */
const site = 'head and neck'

/** Reads and checks one plan of OpenKBP: CT, structures, and dose if there is one. */
export async function readOpenKbp(source: OpenKbpSource): Promise<Plan> {
  const { sourceKey, patient, split, folder } = source
  const { files, remarks } = await planFiles(source)
  const digests = new Map<string, string>()

  async function sparse(file: string, values: Float32Array | null): Promise<ListedFile> {
    const listed = new Uint8Array(voxelCount)
    const label = `${sourceKey}/${file}`
    const { sha256, content } = await readSparse(join(folder, file), { label, listed, values })
    digests.set(file, sha256)
    return { listed, summary: content }
  }

  const voxel = await readVoxelMm(join(folder, files.voxel), `${sourceKey}/${files.voxel}`)
  digests.set(files.voxel, voxel.sha256)
  const raw = new Float32Array(voxelCount)
  const dose = files.dose === null ? null : new Float32Array(voxelCount)
  const ctFile = await sparse(files.ct, raw)
  const doseFile = files.dose === null ? null : await sparse(files.dose, dose)
  const maskFile = files.doseMask === null ? null : await sparse(files.doseMask, null)
  const masks = new Map<string, Uint8Array>()
  for (const [structure, file] of files.structures)
    masks.set(structure, (await sparse(file, null)).listed)

  checkWhole({ sourceKey, ct: ctFile.summary, dose: doseFile, mask: maskFile, masks })
  const volume = {
    voxelMm: voxel.content,
    ct: hounsfield(raw),
    dose,
    doseMask: maskFile?.listed ?? null,
    masks,
  }
  const checksum = checksumOf(digests)
  const plan = planFromVolume(volume, { sourceKey, patient, split, checksum, site })
  return remarks.length === 0 ? plan : { ...plan, remarks }
}

/** Fingerprint of the files of a plan, from their sizes and times. Null for a folder that reading will refuse. */
export async function fingerprintOpenKbp({ folder }: OpenKbpSource): Promise<string | null> {
  return folderFingerprint(folder, isData).catch(() => null)
}

/** Stored values are HU + 1024, 0 outside the patient; metal is clipped at the upper limit of CT scanners. */
function hounsfield(raw: Float32Array): Int16Array {
  const ct = new Int16Array(raw.length)
  for (let v = 0; v < ct.length; v++)
    ct[v] = Math.min(maxHu, Math.round((raw[v] as number) + airHu))
  return ct
}

/** The same as `sha256sum *.csv | sha256sum` with LC_ALL=C, so that it can be checked by hand. */
function checksumOf(digests: ReadonlyMap<string, string>): string {
  const lines = [...digests].sort(([a], [b]) => (a < b ? -1 : 1))
  const hash = createHash('sha256')
  for (const [name, sha256] of lines) hash.update(`${sha256}  ${name}\n`)
  return hash.digest('hex')
}
