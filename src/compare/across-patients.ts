import type { Store } from '../store/connection/connect.js'
import type { PredictionEvaluation } from './prediction/prediction-quality.js'
import { measureSpaces, type MeasureSpacesOptions, type SpaceQuality } from './space-quality.js'

/** What spaces find across patients. */
export interface AcrossPatients {
  /** Of each space, and at last of a blind and of the best possible choice. */
  readonly spaces: readonly SpaceQuality[]
  /** Why others were left out: slices without features, or encoders that were trained on all patients. */
  readonly notes: readonly string[]
  /** Groups of patients that asked in turn; null where those held out asked. (In runs kept earlier there is none.) */
  readonly folds?: number | null
  /** How near doses by neighbours come; null where no plans have targets and dose, or that was not wanted. */
  readonly predictions?: PredictionEvaluation | null
}

/** Measures it for the spaces for which that can be done; the rest of an evaluation needs less. */
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
