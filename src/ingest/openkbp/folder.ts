import { readdir } from 'node:fs/promises'
import { LshError } from '../../core/errors.js'
import type { OpenKbpSource } from './list.js'
import { structureNames } from '../volume/structures.js'

/** Names of the files in the folder of a plan. */
export interface PlanFiles {
  readonly ct: string
  readonly voxel: string
  /** `null` for a patient who is not yet planned. */
  readonly dose: string | null
  /** `null` if there is no dose mask. */
  readonly doseMask: string | null
  /** By name of the structure. */
  readonly structures: ReadonlyMap<string, string>
}

/** Whether it is a CSV file, and not one of those that file managers create: `._ct.csv`, `.DS_Store`, `~$ct.csv`. */
export function isData(name: string): boolean {
  return /^[^.~].*\.csv$/i.test(name)
}

/**
 * Finds the files of a plan, ignoring case. Other CSV files are left out with a remark. A plan without `dose.csv` is a
 * patient who is not yet planned, like those of the challenge's test set.
 *
 * @throws LshError `bad_input`, naming files that are missing or ambiguous
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
  // Without the mask, a truncated dose would look complete.
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
