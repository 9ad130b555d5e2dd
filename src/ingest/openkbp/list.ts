import { readdir } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { LshError } from '../../core/errors.js'
import type { Split } from '../../core/plan.js'

/** A plan that is found but not yet read. */
export interface OpenKbpSource {
  /** `train-pats/pt_3`. */
  readonly sourceKey: string
  /** `pt_3`. */
  readonly patient: string
  readonly split: Split
  /** Path of the folder with its files. */
  readonly folder: string
}

/**
 * Finds the plans of OpenKBP, sorted by split folder and number of the patient.
 *
 * @param root the folder that holds `provided-data`, that folder itself, one of its `*-pats` folders, or any folder of
 * `pt_N` folders
 */
export async function listOpenKbp(root: string): Promise<OpenKbpSource[]> {
  const given = resolve(root)
  const top = (await folders(given)).includes('provided-data')
    ? join(given, 'provided-data')
    : given
  const groups = (await folders(top)).filter((name) => name.endsWith('-pats')).sort()
  const sources: OpenKbpSource[] = []
  for (const group of groups) sources.push(...(await plansIn(join(top, group), group)))
  sources.push(...(await plansIn(top, basename(top).endsWith('-pats') ? basename(top) : '')))
  if (sources.length === 0)
    throw new LshError('bad_input', `no plan found under ${root}`, {
      hint: 'Give the folder that holds provided-data/train-pats/pt_1/ct.csv and so on, or one that holds pt_1, pt_2, …',
    })
  return sources
}

async function plansIn(folder: string, group: string): Promise<OpenKbpSource[]> {
  const numberOf = (patient: string) => Number(patient.slice('pt_'.length))
  const patients = (await folders(folder)).filter((name) => /^pt_\d+$/.test(name))
  return patients
    .sort((a, b) => numberOf(a) - numberOf(b) || (a < b ? -1 : 1))
    .map((patient) => ({
      sourceKey: group === '' ? patient : `${group}/${patient}`,
      patient,
      split: splitOf(group),
      folder: join(folder, patient),
    }))
}

function splitOf(group: string): Split {
  if (group === 'train-pats') return 'train'
  return group === 'validation-pats' || group === 'test-pats' ? 'test' : null
}

async function folders(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true })
    // Data sets are often linked; names that begin with a dot are created by file managers.
    return entries
      .filter((e) => (e.isDirectory() || e.isSymbolicLink()) && !e.name.startsWith('.'))
      .map((e) => e.name)
  } catch (cause) {
    throw new LshError('bad_input', `cannot read the folder ${path}`, {
      hint: 'Check that the path exists, is a folder and may be read.',
      cause,
    })
  }
}
