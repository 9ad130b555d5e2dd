import type { Estimate } from '../../compare/bootstrap.js'
import type { LabelQuality } from '../../compare/label-quality.js'
import { measurePictures, type PicturesMeasured } from '../../compare/picture-quality.js'
import type { Store } from '../../store/connection/connect.js'
import { pictureSpacesOf } from '../../store/pictures/labelled-items.js'
import type { Context } from '../context.js'
import { startProgress } from '../progress.js'

/** Measures spaces of images or neurons, with progress and a table. */
export async function evaluatePictures(
  { output, signal }: Context,
  store: Store,
  dataset: string,
  options: { spaces: readonly string[]; seed: number },
): Promise<PicturesMeasured> {
  const { seed } = options
  const spaces = options.spaces.length > 0 ? options.spaces : await pictureSpacesOf(store, dataset)
  const progress = startProgress(output, `evaluate ${dataset}`, spaces.length)
  try {
    return await measurePictures(store, dataset, spaces, {
      seed,
      signal,
      onStep: (space) => progress.advance(1, space),
    })
  } finally {
    progress.finish()
  }
}

/** Prints figures with their intervals. */
export function printPictures({ output }: Context, measured: PicturesMeasured): void {
  const { items, queries, sources, spaces } = measured
  output.say(
    `${queries} of ${items} items are queries, of ${sources} held-out sources; neighbours are of other sources, 95 % intervals by bootstrap over sources`,
  )
  const row = (space: string, by: string, quality: LabelQuality) => ({
    space,
    by,
    'precision@10': shown(quality.precision_at_10),
    mAP: shown(quality.map),
    'nearest right': shown(quality.nn_accuracy),
    'duplicates@3': shown(quality.duplicate_recall_at_3),
  })
  const rows = spaces.flatMap(({ space, exact, codes }) => [
    row(space, 'exact', exact),
    ...codes.flatMap(({ kind, bits, hamming, reranked }) => [
      row(space, `${kind} ${bits}`, hamming),
      row(space, `${kind} ${bits} re-ranked`, reranked),
    ]),
  ])
  output.table(rows, ['space', 'by', 'precision@10', 'mAP', 'nearest right', 'duplicates@3'])
}

function shown(estimate: Estimate | null): string {
  if (estimate === null) return ''
  const { mean, low, high } = estimate
  const interval = low === null || high === null ? '' : ` [${low.toFixed(3)}, ${high.toFixed(3)}]`
  return mean.toFixed(3) + interval
}
