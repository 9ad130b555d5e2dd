import type { LshError } from '../core/errors.js'
import type { Store } from '../store/connection/connect.js'
import { acrossPatients, type AcrossPatients } from './across-patients.js'
import { TIE_RULE } from './agreement.js'
import type { Evaluation, EvaluationSettings, SpaceEvaluation } from './evaluation.js'
import { cohortsOf } from '../store/plans/cohorts.js'
import { evaluateSpace } from './evaluate-space.js'
import type { MeasuredKind } from './measured-family.js'
import { cannotBeMeasured } from './measurable.js'
import { evaluatePredictions } from './prediction/evaluate-predictions.js'
import type { PredictionEvaluation } from './prediction/prediction-quality.js'

export interface EvaluateOptions {
  spaces: readonly string[]
  versions: Readonly<Record<string, string>>
  /** Spaces of slices or plans in which retrieval across patients is measured. (Default: `spaces`) */
  across?: readonly string[]
  /** (Default: kernel, cosine, sign, itq) */
  kinds?: readonly MeasuredKind[]
  /** Data sets to search. (Default: all; of the query data set, only patients that are not queries) */
  against?: readonly string[] | undefined
  /**
   * Number of folds whose patients are queries in turn, for figures across patients; codes are measured on held-out
   * patients. (Default: no folds)
   */
  folds?: number | undefined
  /** Whether to predict and score doses, which takes minutes. (Default: false) */
  predictions?: boolean
  /** Number of query slices, of patients that no encoder of the space was trained on. (Default: 400) */
  queries?: number
  /** Code lengths, ascending multiples of 32. (Default: 64, 128, … 4096) */
  bits?: readonly number[]
  /** Decides queries, families, samples and resamples. (Default: 1) */
  seed?: number
  /** Called with a description of each step. (Default: none) */
  onStep?: (step: string) => void
  /**
   * Called with the error that ended the run early, if something was measured, which is then returned. (Default: the
   * error is thrown)
   */
  onFailure?: (error: unknown) => void
  /** Stops between two steps; nothing is stored then. (Default: none) */
  signal?: AbortSignal
}

export const DEFAULT_KINDS: readonly MeasuredKind[] = ['kernel', 'cosine', 'sign', 'itq']
export const DEFAULT_BITS: readonly number[] = [64, 128, 256, 512, 1024, 2048, 4096]

/** Measures spaces of a data set: everything that the page shows except its pictures. */
export async function evaluate(
  store: Store,
  dataset: string,
  options: EvaluateOptions,
): Promise<Evaluation> {
  const { spaces, versions, against, folds, kinds = DEFAULT_KINDS, seed = 1 } = options
  const { onStep, signal } = options
  const { queries = 400, bits = DEFAULT_BITS } = options
  const settings: EvaluationSettings = {
    queries,
    curve_queries: Math.min(100, queries),
    bits,
    kinds,
    k: 10,
    most_retrieved: 100,
    sample: 20_000,
    tie_rule: TIE_RULE,
    resamples: 2000,
  }
  const started = performance.now()
  const across = options.across ?? spaces
  const cohorts = await cohortsOf(store, dataset, { against, seed, spaces: across })
  const measured: SpaceEvaluation[] = []
  const notes: string[] = []
  let refused: LshError | undefined
  /** Errors that ended the run early. */
  const failures: unknown[] = []
  const fail = (what: string, error: unknown) => {
    if (!options.onFailure || measured.length === 0 || signal?.aborted) throw error
    failures.push(error)
    notes.push(`${what}: ${error instanceof Error ? error.message : String(error)}`)
    options.onFailure(error)
  }
  for (const space of spaces) {
    if (failures.length > 0) break
    try {
      measured.push(
        await evaluateSpace(store, space, {
          dataset,
          cohorts,
          seed,
          settings,
          kinds,
          ...(onStep ? { onStep } : {}),
          ...(signal ? { signal } : {}),
        }),
      )
    } catch (error) {
      if (cannotBeMeasured(error)) {
        refused ??= error
        notes.push(`${space}: ${error.message}`)
      } else fail(space, error)
    }
  }
  if (measured.length === 0 && refused) throw refused
  let found: AcrossPatients = { spaces: [], notes: [] }
  const measuring = {
    seed,
    against,
    folds,
    ...(onStep ? { onStep } : {}),
    ...(signal ? { signal } : {}),
  }
  try {
    if (failures.length === 0)
      found = await acrossPatients(store, dataset, across, { ...measuring, encoders: false })
  } catch (error) {
    fail('across patients', error)
  }
  let predictions: PredictionEvaluation | null = null
  try {
    if (failures.length === 0 && options.predictions)
      predictions = await evaluatePredictions(store, dataset, {
        ...measuring,
        spaces: across,
        onRefused: (space, reason) => notes.push(`${space}: ${reason}`),
      })
  } catch (error) {
    fail('predictions', error)
  }
  const seconds = Math.round((performance.now() - started) / 100) / 10
  const across_patients = {
    ...found,
    notes: [...new Set([...notes, ...found.notes])],
    predictions,
  }
  return { dataset, seed, versions, settings, spaces: measured, across_patients, seconds }
}
