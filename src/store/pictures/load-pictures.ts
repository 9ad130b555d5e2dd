import { availableParallelism } from 'node:os'
import { ahead } from '../../core/ahead.js'
import { openBudget, type Budget } from '../../core/budget.js'
import { LshError } from '../../core/errors.js'
import {
  fingerprintPicture,
  readPicture,
  type PictureSource,
} from '../../ingest/pictures/picture-source.js'
import type { Store } from '../connection/connect.js'
import type { LoadOutcome } from '../plans/load-plan.js'
import { packContent } from './picture-content.js'
import type { Refusal } from '../plans/read-prepared.js'
import { withRetry, type RetryOptions } from '../connection/retry.js'
import { storePictures, type PreparedPicture } from './store-pictures.js'

export interface LoadPicturesOptions extends RetryOptions {
  /** Bytes that the images being decoded may take together. (Default: 512 MiB) */
  memory?: number
  /** Number of images that are decoded at the same time. (Default: the cores of the machine) */
  threads?: number
  /** Reads all files, even if their sizes and times are unchanged. (Default: false) */
  reread?: boolean
}

/** Outcome of one file. */
export interface LoadedPicture {
  readonly key: string
  readonly outcome: LoadOutcome | 'refused'
  /** Milliseconds that reading took. */
  readonly ms: number
  /** Why it was refused, and what to do. */
  readonly refusal?: Refusal
  /** What was assumed or left out in reading it; empty if it was not read. */
  readonly remarks: readonly string[]
}

/** Pictures of one transaction. */
const BATCH = 128

/**
 * Loads images or neurons. Files are read ahead as far as memory allows and stored in their order, in one transaction
 * per batch. A refused file does not stop the others. A file that is unchanged since it was loaded is not read again.
 * The load stops when the caller stops taking results.
 */
export async function* loadPictures(
  store: Store,
  dataset: string,
  sources: readonly PictureSource[],
  options: LoadPicturesOptions = {},
): AsyncGenerator<LoadedPicture, void, undefined> {
  const { memory = 512 << 20, threads = availableParallelism(), reread = false, signal } = options
  const known = reread
    ? new Set<string>()
    : await withRetry(store, () => fingerprints(store, dataset), options)
  const budget = openBudget(memory)
  const read = (source: PictureSource) => readOne(source, { known, budget })
  let batch: ReadOne[] = []
  for await (const one of ahead(sources, read, { limit: threads })) {
    batch.push(one)
    if (batch.length < BATCH) continue
    signal?.throwIfAborted()
    yield* storeBatch(store, dataset, batch, options)
    batch = []
  }
  yield* storeBatch(store, dataset, batch, options)
}

/** A file that was read, refused, or known and therefore not read. */
interface ReadOne extends Omit<LoadedPicture, 'outcome'> {
  readonly picture?: PreparedPicture
}

async function* storeBatch(
  store: Store,
  dataset: string,
  batch: readonly ReadOne[],
  options: RetryOptions,
): AsyncGenerator<LoadedPicture> {
  const pictures = batch.flatMap(({ picture }) => picture ?? [])
  const outcomes =
    pictures.length === 0
      ? []
      : await withRetry(store, () => storePictures(store, dataset, pictures), options)
  let at = 0
  for (const { picture, ...one } of batch) {
    if (one.refusal) yield { ...one, outcome: 'refused' }
    else yield { ...one, outcome: picture ? (outcomes[at++] as LoadOutcome) : 'unchanged' }
  }
}

async function readOne(
  source: PictureSource,
  { known, budget }: { known: ReadonlySet<string>; budget: Budget },
): Promise<ReadOne> {
  const key = source.facts.sourceKey
  const began = performance.now()
  const ms = () => Math.round(performance.now() - began)
  try {
    const fingerprint = await fingerprintPicture(source)
    if (known.has(`${key} ${fingerprint}`)) return { key, ms: ms(), remarks: [] }
    const { content, remarks, ...picture } = await readPicture(source, budget)
    const prepared = { ...picture, fingerprint, content: await packContent(content) }
    return { key, ms: ms(), remarks, picture: prepared }
  } catch (error) {
    // Only a fault of the file refuses it; any other error ends the load.
    if (!(error instanceof LshError) || error.code !== 'bad_input') throw error
    const refusal = { message: error.message, hint: error.hint }
    return { key, ms: ms(), remarks: [], refusal }
  }
}

/** Key and fingerprint of each stored file of a data set. */
async function fingerprints(store: Store, dataset: string): Promise<ReadonlySet<string>> {
  const rows = await store.db
    .selectFrom('cbir.picture')
    .innerJoin('cbir.item', 'cbir.item.id', 'cbir.picture.item_id')
    .select(['source_key', 'fingerprint'])
    .where('dataset', '=', dataset)
    .execute()
  return new Set(rows.map(({ source_key, fingerprint }) => `${source_key} ${fingerprint}`))
}
