import { LshError } from '../../core/errors.js'
import {
  listImages,
  listNeurons,
  type ListedPictures,
} from '../../ingest/pictures/picture-source.js'
import { readPictureLabels } from '../../ingest/pictures/picture-labels.js'
import type { Store } from '../../store/connection/connect.js'
import type { LoadOutcome } from '../../store/plans/load-plan.js'
import { loadPictures as loadEach } from '../../store/pictures/load-pictures.js'
import type { Context } from '../context.js'
import { openLoadLog } from '../load-log.js'
import { startProgress } from '../progress.js'
import { retryOptions } from '../retry-options.js'
import { openFilling } from './fill-while-loading.js'
import type { LoadStepOptions } from './load.js'

export interface LoadPicturesStepOptions extends Omit<LoadStepOptions, 'explain'> {
  /** Table of labels. (Default: the first folder in the path of a file is its label) */
  labels?: string
  /** Column of the table with the source of a picture. (Default: source_tile, source or patient) */
  source?: string
}

export interface PicturesSummary extends Record<LoadOutcome, number> {
  readonly dataset: string
  /** Images or neurons that were loaded or replaced. */
  readonly items: number
  /** Features that were added, by space. */
  readonly encoded: Record<string, number>
  readonly refused: { file: string; message: string; hint: string }[]
  /** Assumptions, and parts that were left out or cut off, by file. */
  readonly remarks: { file: string; remarks: readonly string[] }[]
  /** Files of other kinds. */
  readonly leftOut: readonly string[]
  /** Files in the table of labels that do not exist. */
  readonly missing: readonly string[]
}

/** Finds the images of a folder, with their labels. */
export async function imagesOf(
  folder: string,
  { labels, source }: Pick<LoadPicturesStepOptions, 'labels' | 'source'>,
): Promise<ListedPictures> {
  const said = await labelsOf({ labels, source })
  return notNone(await listImages(folder, said), folder, 'image')
}

/** Finds the neurons of a folder, with their labels. */
export async function neuronsOf(
  folder: string,
  { labels, source }: Pick<LoadPicturesStepOptions, 'labels' | 'source'>,
): Promise<ListedPictures> {
  const said = await labelsOf({ labels, source })
  return notNone(await listNeurons(folder, said), folder, 'file in SWC')
}

async function labelsOf({
  labels,
  source,
}: {
  labels: string | undefined
  source: string | undefined
}) {
  if (labels !== undefined) return readPictureLabels(labels, source === undefined ? {} : { source })
  if (source === undefined) return undefined
  throw new LshError('bad_usage', '--source needs a table of labels', {
    hint: 'Give the table too: --labels labels.csv.',
  })
}

function notNone(found: ListedPictures, folder: string, kind: string): ListedPictures {
  if (found.sources.length > 0) return found
  throw new LshError('bad_input', `there is no ${kind} in ${folder}`, {
    hint: `${found.leftOut.length} files of other kinds are there; name another folder.`,
  })
}

/** Loads images or neurons, with progress, a log and features; a refused file does not stop the others. */
export async function loadPictures(
  context: Context,
  store: Store,
  { sources, leftOut, missing }: ListedPictures,
  options: LoadPicturesStepOptions,
): Promise<PicturesSummary> {
  const { output, signal } = context
  const { dataset, strict = false, threads, memory, reread = false } = options
  const retry = retryOptions(context, options)
  const counts: Record<LoadOutcome, number> = { loaded: 0, unchanged: 0, replaced: 0 }
  const refused: PicturesSummary['refused'] = []
  const remarks: PicturesSummary['remarks'] = []
  const filling = await openFilling(store, options.encode ?? [], retry)
  const log = await openLoadLog(options.log, dataset)
  const progress = startProgress(output, 'load', sources.length)
  try {
    const loaded = loadEach(store, dataset, sources, {
      ...retry,
      reread,
      ...(threads !== undefined && { threads }),
      ...(memory !== undefined && { memory: memory * 2 ** 20 }),
    })
    for await (const one of loaded) {
      const stored = one.outcome === 'loaded' || one.outcome === 'replaced'
      await log.add({ ...one, slices: Number(stored), drawn: [] })
      if (one.outcome !== 'refused') counts[one.outcome]++
      if (one.refusal) refused.push({ file: one.key, ...one.refusal })
      if (one.remarks.length > 0) remarks.push({ file: one.key, remarks: one.remarks })
      progress.advance(1, refused.length > 0 ? `${refused.length} refused` : undefined)
      if (strict && refused.length > 0) break
      signal.throwIfAborted()
      await filling.loaded(Number(stored))
    }
    await filling.rest()
  } finally {
    progress.finish()
    await filling.close()
    await log.close()
  }
  const encoded = filling.added()
  const items = counts.loaded + counts.replaced
  return { dataset, ...counts, items, encoded, refused, remarks, leftOut, missing }
}

/** Reports what was loaded and what was not, and why. */
export function reportPictures({ output }: Context, summary: PicturesSummary): void {
  const { dataset, loaded, unchanged, replaced, encoded, refused, leftOut, missing } = summary
  output.say(
    `data set ${dataset}: ${loaded} loaded, ${replaced} replaced, ${unchanged} unchanged, ` +
      `${refused.length} refused; ${leftOut.length} files of other kinds left out`,
  )
  for (const [space, added] of Object.entries(encoded))
    output.say(`space ${space}: ${added} items encoded`)
  for (const { file, remarks } of summary.remarks) output.say(`${file}: ${remarks.join('; ')}`)
  if (missing.length > 0)
    output.warn(
      `${missing.length} files of the table of labels are missing, the first is ${missing[0] as string}\n` +
        '  Paths in the table are relative to the folder that is loaded.',
    )
  for (const { file, message, hint } of refused)
    output.warn(`${file} refused: ${message}\n  ${hint}`)
}
