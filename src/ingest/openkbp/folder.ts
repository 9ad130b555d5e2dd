import { readdir } from 'node:fs/promises'
import { LshError } from '../../core/errors.js'
import type { OpenKbpSource } from './list.js'
import { structureNames } from '../volume/structures.js'

/** Names of the files of a plan, as they stand in its folder. */
export interface PlanFiles {
  readonly ct: string
  readonly voxel: string
  /** `null` of a patient who is not yet planned. */
  readonly dose: string | null
  /** `null` where there is no dose that it would tell the extent of. */
  readonly doseMask: string | null
  /** By the name of the structure. */
  readonly structures: ReadonlyMap<string, string>
}

/** A CSV file, and none of those that file managers write beside: `._ct.csv`, `.DS_Store`, `~$ct.csv`. */
export function isData(name: string): boolean {
  return /^[^.~].*\.csv$/i.test(name)
}

/**
 * Finds the files of a plan, in small or capital letters. Other CSV files are left out, which a remark tells; a plan
 * without `dose.csv` is one of a patient who is not yet planned, as the challenge gave those of its test.
 *
 * @throws LshError `bad_input`, naming what is missing or stands there twice
 */
export async function planFiles(
  source: OpenKbpSource,
): Promise<{ files: PlanFiles; remarks: string[] }> {
  const { sourceKey, folder } = source
  const names = await dataFiles(source)
  const used = new Set<string>()
  const remarks: string[] = []
  const find = (stem: string): string | null => {
    const found = names.filter((name) => name.toLowerCase() === `${stem.toLowerCase()}.csv`)
    const [only = null] = found
    if (found.length > 1)
      throw new LshError('bad_input', `${sourceKey} has ${found.join(' and ')}`, {
        hint: `Keep one of them in ${folder}: their names differ only in capital letters.`,
      })
    if (only !== null) used.add(only)
    return only
  }
  const need = (stem: string): string => {
    const name = find(stem)
    if (name === null)
      throw new LshError('bad_input', `${sourceKey}/${stem}.csv is missing`, {
        hint: `Copy ${stem}.csv from the original data set into ${folder}.`,
      })
    return name
  }
  const ct = need('ct')
  const dose = find('dose')
  // Without it, a dose that was cut off would look whole.
  const doseMask = dose === null ? find('possible_dose_mask') : need('possible_dose_mask')
  const voxel = need('voxel_dimensions')
  const structures = new Map<string, string>()
  for (const structure of structureNames) {
    const name = find(structure)
    if (name !== null) structures.set(structure, name)
  }
  if (dose === null) remarks.push('dose.csv is missing: the plan is stored without dose')
  for (const name of names)
    if (!used.has(name))
      remarks.push(
        `${name} is left out: it is not a file of OpenKBP, whose structures are ${structureNames.join(', ')}`,
      )
  return { files: { ct, voxel, dose, doseMask, structures }, remarks }
}

async function dataFiles({ sourceKey, folder }: OpenKbpSource): Promise<string[]> {
  try {
    return (await readdir(folder)).filter(isData).sort()
  } catch (cause) {
    throw new LshError('bad_input', `${sourceKey} cannot be read at ${folder}`, {
      hint: 'Check that the folder exists and may be read.',
      cause,
    })
  }
}
