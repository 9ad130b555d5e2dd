import { LshError } from '../core/errors.js'
import type { Store } from '../store/connect.js'
import { measureSpaces, type MeasureSpacesOptions, type SpaceQuality } from './space-quality.js'

/** What spaces find across patients, or why that cannot be told. */
export interface AcrossPatients {
  /** Of each space, and at last of a blind and of the best possible choice. */
  readonly spaces: readonly SpaceQuality[]
  readonly note: string | null
}

/** Measures it where there are patients that no encoder was trained on; the rest of an evaluation needs fewer of them. */
export async function acrossPatients(
  store: Store,
  dataset: string,
  spaces: readonly string[],
  options: MeasureSpacesOptions,
): Promise<AcrossPatients> {
  try {
    return { spaces: await measureSpaces(store, dataset, spaces, options), note: null }
  } catch (error) {
    if (error instanceof LshError && error.code === 'LSH03')
      return { spaces: [], note: error.message }
    throw error
  }
}
