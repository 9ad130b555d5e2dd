import { measureEncoder } from '../../compare/measure-encoder.js'
import type { ReconstructionQuality } from '../../encode/trained/reconstruction-quality.js'
import type { Store } from '../../store/connection/connect.js'
import type { Context } from '../context.js'
import { startProgress, type Progress } from '../progress.js'

/** Measures the reconstruction quality of an encoder on held-out patients, with progress. */
export async function measure(
  { output, signal }: Context,
  store: Store,
  encoder: string,
  dataset: string,
): Promise<ReconstructionQuality[]> {
  let progress: Progress | undefined
  try {
    return await measureEncoder(store, encoder, {
      dataset,
      signal,
      onStart: (slices) => {
        progress = startProgress(output, `measure ${encoder}`, slices)
      },
      onSlice: () => progress?.advance(1),
    })
  } finally {
    progress?.finish()
  }
}
