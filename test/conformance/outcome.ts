import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { LshError } from '../../src/core/errors.js'
import type { Dvh, Plan } from '../../src/core/plan.js'
import { listDicom } from '../../src/ingest/dicom/plans/list.js'
import { readDicomPlan } from '../../src/ingest/dicom/plans/plan.js'
import { pseudonymsOf } from '../../src/ingest/dicom/plans/pseudonym.js'
import { writeFiles } from '../ingest/dicom/made-plan.js'
import type { Kind } from './kind.js'
import { filesOf } from './made-set.js'

const pseudonymise = pseudonymsOf('a key of sixteen or more')

/** What comes of a set: its plans, and why others are none. */
export interface Outcome {
  readonly plans: readonly Plan[]
  readonly refusals: readonly { message: string; hint: string }[]
}

/** Writes a set into a folder that is removed after the test. */
export async function writtenKind({ set, writing = {} }: Kind): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pg-lsh-kinds-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFiles(folder, filesOf(set(), writing))
  return folder
}

/** Reads a set as it is loaded. */
export async function outcomeOf(folder: string, strict = false): Promise<Outcome> {
  const { sources, leftOut } = await listDicom([folder], {
    pseudonymise,
    strictReferences: strict,
  })
  const refusals = leftOut.map(({ file, reason, hint }) => ({ message: `${file} ${reason}`, hint }))
  const plans: Plan[] = []
  for (const source of sources)
    try {
      plans.push(await readDicomPlan(source))
    } catch (error) {
      if (!(error instanceof LshError) || error.code !== 'bad_input') throw error
      refusals.push({ message: error.message, hint: error.hint })
    }
  return { plans, refusals }
}

/** Dose that a part of a structure gets at least. */
export function doseOf({ binGy, volume }: Dvh, share: number): number {
  const at = volume.findIndex((part) => part < share)
  if (at < 0) return volume.length * binGy
  const [before, after] = [volume[at - 1] ?? 1, volume[at]!]
  return binGy * (at - 1 + (before - share) / (before - after))
}
