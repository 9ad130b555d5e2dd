import { LshError } from '../../core/errors.js'
import type { Threads } from '../../core/threads.js'
import type { HashedRows } from '../../hash/bulk-encode.js'
import { findDoubledKey } from '../../ingest/vectors/doubled-keys.js'
import type { VectorBlock, VectorFile, VectorKey } from '../../ingest/vectors/vector-block.js'
import type { Store } from '../connection/connect.js'
import { hashThreads, type HashTask } from '../codes/hash-vectors.js'
import {
  loadBatch,
  type Done,
  type Hasher,
  type MarkedBlock,
  type Work,
} from './load-vector-batch.js'
import { codeTaker } from './ready-codes.js'
import { withRetry, type RetryOptions } from '../connection/retry.js'
import { readVectorTable, type VectorTable, type VectorTableOptions } from './vector-table.js'

export interface LoadVectorsOptions extends RetryOptions, VectorTableOptions {
  /** Keeps or replaces rows whose keys are already in the table. (Default: 'keep') */
  standing?: 'keep' | 'replace'
  /** Uses the codes of the file, if it has any, after checking a sample; otherwise computes all codes. (Default: true) */
  codes?: boolean
  /**
   * Called from time to time with the number of newly read rows; negative if a batch was lost and is read again.
   * (Default: none)
   */
  onProgress?: (rows: number) => void
}

export interface LoadedVectors {
  /** Rows that were added or replaced. */
  readonly rows: number
  /** Rows whose keys already existed. */
  readonly standing: number
  /** The indexes whose codes were written. */
  readonly indexes: readonly string[]
}

/**
 * Writes features that were computed elsewhere into a table, and their codes into its indexes, by COPY. Threads of the
 * client compute the codes instead of triggers. Each batch is one transaction; after an interruption, another run skips
 * existing rows. Other writers of the table wait meanwhile, readers do not.
 */
export async function loadVectors(
  store: Store,
  table: string,
  file: VectorFile,
  options: LoadVectorsOptions = {},
): Promise<LoadedVectors> {
  const target = await withRetry(store, () => readVectorTable(store, table, options), options)
  if (target.dims !== null)
    assertDims(file, target.dims, `column "${target.vector}" of ${target.relation}`)
  for (const { name, family } of target.indexes) assertDims(file, family.dims, `index "${name}"`)
  await refuseDoubledKeys(file, target)
  const threads = hashThreads(target.indexes.map(({ family }) => family))
  const work = { ...target, store, threads, hash: hasherOf(target, threads, options.codes ?? true) }
  const done = { read: 0, rows: 0, standing: 0 }
  let told = 0
  const onProgress = (rows: number) => {
    told += rows
    options.onProgress?.(rows)
  }
  const attempt = () => {
    if (told > done.read) onProgress(done.read - told)
    return loadBatches(work, file, done, { ...options, onProgress })
  }
  try {
    // What was committed before the database went away is not read again.
    await withRetry(store, attempt, options)
  } finally {
    await threads.close()
  }
  const { rows, standing } = done
  return { rows, standing, indexes: target.indexes.map(({ name }) => name) }
}

/** Codes of a block, one set for each index. */
function hasherOf(
  { indexes }: VectorTable,
  threads: Threads<HashTask, HashedRows>,
  takeCodes: boolean,
): Hasher {
  const takers = indexes.map(({ family }) => codeTaker(family))
  return async (block) =>
    takeCodes && block.codes
      ? takers.map((take) => take(block))
      : Promise.all(indexes.map((_, family) => threads.run({ family, vectors: block.vectors })))
}

async function loadBatches(
  work: Work,
  file: VectorFile,
  done: Done,
  { standing = 'keep', ...told }: LoadVectorsOptions,
): Promise<void> {
  const blocks = marked(behind(ofOneLength(file), done.read))
  try {
    for (let ended = false; !ended;) {
      const batch = await work.store.transaction((transaction) =>
        loadBatch(transaction, work, blocks, { before: done.rows, standing, ...told }),
      )
      done.read += batch.read
      done.rows += batch.rows
      done.standing += batch.standing
      ended = batch.ended
    }
  } finally {
    await blocks.return()
  }
}

async function* marked(
  blocks: AsyncGenerator<VectorBlock, void, undefined>,
): AsyncGenerator<MarkedBlock, void, undefined> {
  try {
    for (let next = await blocks.next(); next.value;) {
      const block = next.value
      next = await blocks.next()
      yield { block, last: next.done === true }
    }
  } finally {
    await blocks.return()
  }
}

/**
 * The blocks of a file, each of vectors as long as the first: of rows whose keys are in the table, nobody else would
 * notice.
 */
async function* ofOneLength(file: VectorFile): AsyncGenerator<VectorBlock, void, undefined> {
  let before = 0
  for await (const block of file.blocks()) {
    const { length } = block.keys
    const dims = block.vectors.length / length
    if (length > 0 && dims !== file.dims)
      throw new LshError(
        'bad_input',
        `${file.name ?? 'the file'} rows ${before + 1} to ${before + length} have ${dims} dimensions, but the rows before have ${file.dims}`,
        { hint: 'Put vectors of one encoder into a file.' },
      )
    before += length
    yield block
  }
}

/** Blocks without the first rows. */
async function* behind(
  blocks: AsyncGenerator<VectorBlock, void, undefined>,
  rows: number,
): AsyncGenerator<VectorBlock, void, undefined> {
  let before = 0
  for await (const block of blocks) {
    // Batches end with blocks.
    if (before >= rows) yield block
    before += block.keys.length
  }
}

function assertDims({ dims, name = 'the file' }: VectorFile, wanted: number, by: string): void {
  if (dims === wanted) return
  throw new LshError('LSH02', `${name} has ${dims} dimensions, ${by} has ${wanted}`, {
    hint: 'Load features of the same encoder as those of the table.',
  })
}

/** Before anything is written: a key that comes twice would be taken for one that the table has already. */
async function refuseDoubledKeys(file: VectorFile, { keyType }: VectorTable): Promise<void> {
  // The database takes these for one, however they are written.
  const textOf = keyType === 'uuid' ? uuidText : String
  const found = await findDoubledKey(() => file.keys?.() ?? keysOf(file), { textOf })
  if (found === null) return
  const { key, first, second } = found
  // A text may name somebody.
  const named = typeof key === 'string' ? '' : `, ${key}`
  throw new LshError(
    'bad_input',
    `${file.name ?? 'the file'} rows ${first} and ${second} have the same key${named}`,
    { hint: 'Leave one of the rows out, or give it another key.' },
  )
}

function uuidText(key: VectorKey): string {
  return String(key).toLowerCase().replace(/[-{}]/g, '')
}

async function* keysOf(file: VectorFile): AsyncGenerator<readonly VectorKey[]> {
  for await (const { keys } of file.blocks()) yield keys
}
