import { LshError } from '../../core/errors.js'
import { readPlan, type PlanSource } from '../../ingest/plan-source.js'
import { preparePlan, type PreparedPlan } from './prepared-plan.js'

/** A plan to read, in this thread or another. */
export interface PlanTask {
  readonly source: PlanSource
  /** Fingerprint from before the read, so that the next run notices a file that changed during the read. */
  readonly fingerprint: string | null
}

/** Why a plan was refused, and what to do. */
export interface Refusal {
  readonly message: string
  readonly hint: string
}

/** A plan that was read, refused, or known and therefore not read, and the milliseconds that this took. */
export type ReadPlan = { readonly ms: number } & (
  | { readonly kind: 'read'; readonly plan: PreparedPlan }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'known' }
)

/** Reads a plan and prepares it for storage. */
export async function readPrepared({ source, fingerprint }: PlanTask): Promise<ReadPlan> {
  const began = performance.now()
  const ms = () => Math.round(performance.now() - began)
  try {
    const plan = preparePlan(await readPlan(source), fingerprint)
    return { kind: 'read', plan, ms: ms() }
  } catch (error) {
    return { kind: 'refused', refusal: refusalOf(source, error), ms: ms() }
  }
}

/**
 * Converts an error of reading to a refusal, so that one bad file does not end the load of all others. For an
 * unexpected error the refusal names only its kind, because its message may quote the file.
 *
 * @throws LshError the error itself, if it is not a fault of the files
 */
export function refusalOf({ source }: PlanSource, error: unknown): Refusal {
  if (error instanceof LshError) {
    if (error.code !== 'bad_input') throw error
    return { message: error.message, hint: error.hint }
  }
  const kind = error instanceof Error ? error.name : 'unknown error'
  return {
    message: `${source.sourceKey}: reading it ended with an unexpected ${kind}`,
    hint: 'Check that its files are complete and that enough memory is free; if they are, report the error with the kind of file.',
  }
}
