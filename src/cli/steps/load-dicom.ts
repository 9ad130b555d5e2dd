import { LshError } from '../../core/errors.js'
import { listDicom } from '../../ingest/dicom-list.js'
import type { PlanSource } from '../../ingest/plan-source.js'
import { pseudonymsOf } from '../../ingest/pseudonym.js'
import type { LeftOut } from '../../ingest/walk-files.js'
import type { Context } from '../context.js'
import type { Output } from '../output.js'

/** Plans of DICOM RT that are still to be read, and the files that belong to none. */
export interface DicomPlans {
  readonly plans: PlanSource[]
  readonly leftOut: readonly LeftOut[]
}

/** Finds the plans, saying what belongs to none of them. */
export async function dicomPlans(
  { output, signal }: Pick<Context, 'output' | 'signal'>,
  paths: readonly string[],
  key: string,
): Promise<DicomPlans> {
  let files = 0
  const { sources, leftOut } = await listDicom(paths, {
    pseudonymise: pseudonymsOf(key),
    onFile: (count) => {
      signal.throwIfAborted()
      files = count
    },
  })
  output.say(`found ${sources.length} plans in ${files} files; ${leftOut.length} files left out`)
  reportLeftOut(output, leftOut)
  if (sources.length === 0)
    throw new LshError('bad_input', `no whole plan among ${files} files`, {
      hint: 'A plan needs its RT plan, RT structure set, CT series and RT dose; --json lists why each file was left out.',
    })
  const plans = sources.map((source): PlanSource => ({ kind: 'dicom', source }))
  return { plans, leftOut }
}

/** Files are many and reasons few. */
function reportLeftOut(output: Output, leftOut: readonly LeftOut[]): void {
  const byReason = new Map<string, string[]>()
  for (const { file, reason } of leftOut)
    byReason.set(reason, [...(byReason.get(reason) ?? []), file])
  for (const [reason, files] of byReason) {
    const others = files.length > 1 ? ` and ${files.length - 1} more` : ''
    output.say(`  ${files[0]}${others}: ${reason}`)
  }
}
