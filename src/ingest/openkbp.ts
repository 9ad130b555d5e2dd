import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { LshError } from '../core/errors.js'
import type { Plan } from '../core/plan.js'
import { folderFingerprint } from './file-fingerprint.js'
import { checkWhole } from './openkbp-check.js'
import { readSparse, readVoxelMm } from './openkbp-files.js'
import type { OpenKbpSource } from './openkbp-list.js'
import { structureNames } from './structures.js'
import { airHu, maxHu, planFromVolume, voxelCount } from './volume.js'

export { listOpenKbp, type OpenKbpSource } from './openkbp-list.js'

/** Of all plans of the challenge. */
const site = 'head and neck'

const requiredFiles = ['ct.csv', 'dose.csv', 'possible_dose_mask.csv', 'voxel_dimensions.csv']

/** Reads and checks one plan of OpenKBP: CT, dose, structures. */
export async function readOpenKbp(source: OpenKbpSource): Promise<Plan> {
  const { sourceKey, patient, split, folder } = source
  const names = await planFiles(source)
  const digests = new Map<string, string>()

  async function sparse(file: string, values: Float32Array | null) {
    const listed = new Uint8Array(voxelCount)
    const label = `${sourceKey}/${file}`
    const { sha256, content } = await readSparse(join(folder, file), { label, listed, values })
    digests.set(file, sha256)
    return { listed, summary: content }
  }

  const dimensions = 'voxel_dimensions.csv'
  const voxel = await readVoxelMm(join(folder, dimensions), `${sourceKey}/${dimensions}`)
  digests.set(dimensions, voxel.sha256)
  const raw = new Float32Array(voxelCount)
  const dose = new Float32Array(voxelCount)
  const ctFile = await sparse('ct.csv', raw)
  const doseFile = await sparse('dose.csv', dose)
  const maskFile = await sparse('possible_dose_mask.csv', null)
  const masks = new Map<string, Uint8Array>()
  for (const structure of structureNames)
    if (names.includes(`${structure}.csv`))
      masks.set(structure, (await sparse(`${structure}.csv`, null)).listed)

  checkWhole({
    sourceKey,
    ct: ctFile.summary,
    dose: doseFile.summary,
    doseListed: doseFile.listed,
    mask: maskFile.summary,
    doseMask: maskFile.listed,
    masks,
  })
  const volume = {
    voxelMm: voxel.content,
    ct: hounsfield(raw),
    dose,
    doseMask: maskFile.listed,
    masks,
  }
  return planFromVolume(volume, {
    sourceKey,
    patient,
    split,
    checksum: checksumOf(digests),
    site,
  })
}

/** What tells that the files of a plan are as they were. Null for a folder that reading will refuse. */
export async function fingerprintOpenKbp({ folder }: OpenKbpSource): Promise<string | null> {
  return folderFingerprint(folder, isCsv).catch(() => null)
}

function isCsv(name: string): boolean {
  return name.toLowerCase().endsWith('.csv')
}

/** CSV files of the plan, after refusing what is missing and what nobody would read. */
async function planFiles({ sourceKey, folder }: OpenKbpSource): Promise<string[]> {
  let names: string[]
  try {
    names = (await readdir(folder)).filter(isCsv)
  } catch (cause) {
    throw new LshError('bad_input', `${sourceKey} cannot be read at ${folder}`, {
      hint: 'Check that the folder exists and may be read.',
      cause,
    })
  }
  for (const name of requiredFiles)
    if (!names.includes(name))
      throw new LshError('bad_input', `${sourceKey}/${name} is missing`, {
        hint: `Copy ${name} from the original data set into ${folder}.`,
      })
  for (const name of names.sort())
    if (!requiredFiles.includes(name) && !structureNames.includes(name.slice(0, -4)))
      throw new LshError('bad_input', `${sourceKey}/${name} is not a structure of OpenKBP`, {
        hint: `Remove or rename it; known are ${structureNames.join(', ')}.`,
      })
  return names
}

/**
 * Stored values are HU + 1024 with 0 outside; metal goes beyond what CT scanners can tell apart.
 */
function hounsfield(raw: Float32Array): Int16Array {
  const ct = new Int16Array(raw.length)
  for (let v = 0; v < ct.length; v++)
    ct[v] = Math.min(maxHu, Math.round((raw[v] as number) + airHu))
  return ct
}

/**
 * The same as `sha256sum *.csv | sha256sum` with LC_ALL=C, so that anybody can check it by hand.
 */
function checksumOf(digests: ReadonlyMap<string, string>): string {
  const lines = [...digests].sort(([a], [b]) => (a < b ? -1 : 1))
  const hash = createHash('sha256')
  for (const [name, sha256] of lines) hash.update(`${sha256}  ${name}\n`)
  return hash.digest('hex')
}
