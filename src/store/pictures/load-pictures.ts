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
  /** Bytes that images may take that are being decoded. (Default: 512 MiB) */
  memory?: number
  /** Images that are decoded at the same time. (Default: the cores of the machine) */
  threads?: number
  /** Reads every file, also one that is by its size and times as it was. (Default: false) */
  reread?: boolean
}

/** What became of one file. */
export interface LoadedPicture {
  readonly key: string
  readonly outcome: LoadOutcome | 'refused'
  /** Milliseconds of reading. */
  readonly ms: number
  /** Why it was refused, and what to do. */
  readonly refusal?: Refusal
  readonly remarks: readonly string[]
}

/** Pictures of a transaction. */
const BATCH = 128

/**
 * Loads images or neurons: read ahead of what is stored, as far as memory allows, and stored in their order, a batch in a
 * transaction. A file that is refused does not stop the others; one that is as it was when it was loaded is not read
 * again. Whoever stops taking results stops the load.
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

/** A file that was read, or why it was not. */
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
    // Only what is wrong with the file refuses it.
    if (!(error instanceof LshError) || error.code !== 'bad_input') throw error
    const refusal = { message: error.message, hint: error.hint }
    return { key, ms: ms(), remarks: [], refusal }
  }
}

/** What is known of the files of a data set: key and fingerprint of each. */
async function fingerprints(store: Store, dataset: string): Promise<ReadonlySet<string>> {
  const rows = await store.db
    .selectFrom('cbir.picture')
    .innerJoin('cbir.item', 'cbir.item.id', 'cbir.picture.item_id')
    .select(['source_key', 'fingerprint'])
    .where('dataset', '=', dataset)
    .execute()
  return new Set(rows.map(({ source_key, fingerprint }) => `${source_key} ${fingerprint}`))
}
