import { open } from 'node:fs/promises'
import { LshError } from '../core/errors.js'
import { fromFileError } from '../core/file-errors.js'
import type { LoadedPlan } from '../store/plans/load-plans.js'

/** The machine-readable log of a load: one line of JSON per plan, appended to the file. */
export interface LoadLog {
  add(plan: LoadedPlan): Promise<void>
  close(): Promise<void>
}

/** Opens the log, or a substitute that writes nothing if no path is given. */
export async function openLoadLog(path: string | undefined, dataset: string): Promise<LoadLog> {
  if (path === undefined) return { add: () => Promise.resolve(), close: () => Promise.resolve() }
  const file = await open(path, 'a').catch((cause: unknown) => {
    const error = fromFileError(cause)
    const why = error instanceof LshError ? error.message : `${path} cannot be written`
    throw new LshError('bad_usage', `the log: ${why}`, {
      hint: 'Give --log a file in a folder that exists and that you may write to.',
      cause,
    })
  })
  return {
    add: async ({ key, outcome, ms, slices, refusal, remarks }) => {
      const line = {
        time: new Date().toISOString(),
        dataset,
        key,
        outcome,
        ms,
        slices,
        ...(refusal && { reason: refusal.message, hint: refusal.hint }),
        ...(remarks.length > 0 && { remarks }),
      }
      await file.appendFile(`${JSON.stringify(line)}\n`)
    },
    close: () => file.close(),
  }
}
