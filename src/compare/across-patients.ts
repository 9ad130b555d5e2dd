import type { Store } from '../store/connection/connect.js'
import type { PredictionEvaluation } from './prediction/prediction-quality.js'
import { measureSpaces, type MeasureSpacesOptions, type SpaceQuality } from './space-quality.js'

/** Retrieval across patients, by space. */
export interface AcrossPatients {
  /** Figures of each space, then of a random and of the best possible choice. */
  readonly spaces: readonly SpaceQuality[]
  /** Why other spaces were left out: slices without features, or encoders that were trained on all patients. */
  readonly notes: readonly string[]
  /**
   * Number of folds whose patients were queries in turn; null if the held-out patients were the queries. (Absent in
   * older runs)
   */
  readonly folds?: number | null
  /** Quality of dose predictions; null if no plans have targets and dose, or predictions were not requested. */
  readonly predictions?: PredictionEvaluation | null
}

/** Measures the spaces for which this is possible; the other parts of an evaluation need less. */
export async function acrossPatients(
  store: Store,
  dataset: string,
  spaces: readonly string[],
  options: Omit<MeasureSpacesOptions, 'onRefused' | 'onRemark'>,
): Promise<AcrossPatients> {
  const notes: string[] = []
  const onRefused = (space: string, reason: string) => notes.push(`${space}: ${reason}`)
  const telling = { ...options, onRefused, onRemark: onRefused }
  const measured = await measureSpaces(store, dataset, spaces, telling)
  return { spaces: measured, notes, folds: options.folds ?? null }
}
