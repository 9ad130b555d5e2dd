import { LshError } from '../../core/errors.js'
import { listDicom } from '../../ingest/dicom/plans/list.js'
import type { PlanSource } from '../../ingest/plan-source.js'
import { pseudonymsOf } from '../../ingest/dicom/plans/pseudonym.js'
import type { LeftOut } from '../../ingest/files/walk-files.js'
import type { Context } from '../context.js'
import type { Output } from '../output.js'

/** Plans of DICOM RT that are still to be read, and the files that belong to none. */
export interface DicomPlans {
  readonly plans: PlanSource[]
  readonly leftOut: readonly LeftOut[]
}

export interface DicomPlansOptions {
  /** Refuses objects that no reference joins. (Default: false) */
  strictReferences?: boolean
}

/** Finds the plans, and reports files that belong to none. */
export async function dicomPlans(
  { output, signal }: Pick<Context, 'output' | 'signal'>,
  paths: readonly string[],
  key: string,
  { strictReferences = false }: DicomPlansOptions = {},
): Promise<DicomPlans> {
  let files = 0
  const { sources, leftOut } = await listDicom(paths, {
    pseudonymise: pseudonymsOf(key),
    strictReferences,
    onFile: (count) => {
      signal.throwIfAborted()
      files = count
    },
  })
  output.say(`found ${sources.length} plans in ${files} files; ${leftOut.length} files left out`)
  reportLeftOut(output, leftOut)
  if (sources.length === 0) {
    // If the only plan was refused, that is the error.
    const plans = leftOut.filter(({ reason }) => reason.startsWith('is a plan'))
    const [only] = plans
    throw new LshError(
      'bad_input',
      `no complete plan among ${files} files` +
        (plans.length === 1 && only !== undefined ? `: ${only.file} ${only.reason}` : ''),
      {
        hint:
          plans.length === 1 && only !== undefined
            ? only.hint
            : 'A plan needs a CT series and an RT structure set, and its RT plan and RT dose if it has them; the messages above say why each file was left out.',
      },
    )
  }
  const plans = sources.map((source): PlanSource => ({ kind: 'dicom', source }))
  return { plans, leftOut }
}

/** Grouped by reason, because files are many and reasons few. */
function reportLeftOut(output: Output, leftOut: readonly LeftOut[]): void {
  const byReason = new Map<string, { files: string[]; hint: string }>()
  for (const { file, reason, hint } of leftOut) {
    const known = byReason.get(reason) ?? { files: [], hint }
    known.files.push(file)
    byReason.set(reason, known)
  }
  for (const [reason, { files, hint }] of byReason) {
    const others = files.length > 1 ? ` and ${files.length - 1} more` : ''
    output.say(`  ${files[0]}${others}: ${reason}`)
    if (!hint.startsWith('Nothing to do')) output.say(`    ${hint}`)
  }
}
