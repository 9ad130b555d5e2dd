import type { Store } from '../store/connect.js'
import { acrossPatients } from './across-patients.js'
import { TIE_RULE } from './agreement.js'
import type { Evaluation, EvaluationSettings, SpaceEvaluation } from './evaluation.js'
import { evaluateSpace } from './evaluate-space.js'
import type { MeasuredKind } from './measured-family.js'

export interface EvaluateOptions {
  spaces: readonly string[]
  versions: Readonly<Record<string, string>>
  /** Spaces of slices or of plans whose neighbours across patients are measured. (Default: `spaces`) */
  across?: readonly string[]
  /** (Default: kernel, cosine, sign, itq) */
  kinds?: readonly MeasuredKind[]
  /** Slices to search with, of patients that no encoder of the space was trained on. (Default: 400) */
  queries?: number
  /** Lengths of codes, ascending multiples of 32. (Default: 64, 128, … 4096) */
  bits?: readonly number[]
  /** Decides queries, families, samples and resamples. (Default: 1) */
  seed?: number
  /** Told what is being done. (Default: nobody is told) */
  onStep?: (step: string) => void
  /** Stops between two steps; nothing is kept then. (Default: none) */
  signal?: AbortSignal
}

export const DEFAULT_KINDS: readonly MeasuredKind[] = ['kernel', 'cosine', 'sign', 'itq']
export const DEFAULT_BITS: readonly number[] = [64, 128, 256, 512, 1024, 2048, 4096]

/** Measures spaces of a data set: all that the page shows but the pictures. */
export async function evaluate(
  store: Store,
  dataset: string,
  options: EvaluateOptions,
): Promise<Evaluation> {
  const { spaces, versions, kinds = DEFAULT_KINDS, seed = 1, onStep, signal } = options
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
  const measured: SpaceEvaluation[] = []
  for (const space of spaces) {
    measured.push(
      await evaluateSpace(store, space, {
        dataset,
        seed,
        settings,
        kinds,
        ...(onStep ? { onStep } : {}),
        ...(signal ? { signal } : {}),
      }),
    )
  }
  const across_patients = await acrossPatients(store, dataset, options.across ?? spaces, {
    seed,
    encoders: false,
    ...(onStep ? { onStep } : {}),
    ...(signal ? { signal } : {}),
  })
  const seconds = Math.round((performance.now() - started) / 100) / 10
  return { dataset, seed, versions, settings, spaces: measured, across_patients, seconds }
}
