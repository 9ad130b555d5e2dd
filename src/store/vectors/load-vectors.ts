import { LshError } from '../../core/errors.js'
import type { Threads } from '../../core/threads.js'
import type { HashedRows } from '../../hash/bulk-encode.js'
import { findDoubledKey } from '../../ingest/vectors/doubled-keys.js'
import type { VectorBlock, VectorFile, VectorKey } from '../../ingest/vectors/vector-block.js'
import type { Store } from '../connection/connect.js'
import { hashThreads, type HashTask } from '../codes/hash-vectors.js'
import {
  loadBatch,
  type Hasher,
  type MarkedBlock,
  type RowCounts,
  type Work,
} from './load-vector-batch.js'
import { readyCodes } from './ready-codes.js'
import { withRetry, type RetryOptions } from '../connection/retry.js'
import { readVectorTable, type VectorTable, type VectorTableOptions } from './vector-table.js'

export interface LoadVectorsOptions extends RetryOptions, VectorTableOptions {
  /** Keeps or replaces rows whose keys are already in the table. (Default: 'keep') */
  standing?: 'keep' | 'replace'
  /** Uses the codes of the file, if it has any, after checking a sample; otherwise computes codes. (Default: true) */
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
  /** Rows of the file whose keys were already in the table. */
  readonly standing: number
  /** Names of the indexes whose codes the client wrote. */
  readonly indexes: readonly string[]
}

/**
 * Writes features that were computed elsewhere into a table, and their codes into its indexes, by COPY. Threads of the
 * client compute the codes instead of triggers. Each batch is one transaction; after an interruption, another run skips
 * existing rows. During a transaction, other sessions can read the table, but not write to it.
 *
 * @throws LshError `bad_usage` for a table or column that is missing or unsuitable, `LSH02` for vectors of another
 *   dimension or codes of another family, `bad_input` for a file that repeats a key or mixes dimensions
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
  let reported = 0
  const onProgress = (rows: number) => {
    reported += rows
    options.onProgress?.(rows)
  }
  const attempt = () => {
    if (reported > done.read) onProgress(done.read - reported)
    return loadBatches(work, file, done, { ...options, onProgress })
  }
  try {
    // An attempt continues after the rows that earlier attempts committed.
    await withRetry(store, attempt, options)
  } finally {
    await threads.close()
  }
  const { rows, standing } = done
  return { rows, standing, indexes: target.indexes.map(({ name }) => name) }
}

/** Returns the hasher of a table, which either checks the codes of the file and uses them, or computes all codes. */
function hasherOf(
  { indexes }: VectorTable,
  threads: Threads<HashTask, HashedRows>,
  useReadyCodes: boolean,
): Hasher {
  const readyCodesOf = indexes.map(({ family }) => readyCodes(family))
  return async (block) =>
    useReadyCodes && block.codes
      ? readyCodesOf.map((codesOf) => codesOf(block))
      : Promise.all(indexes.map((_, family) => threads.run({ family, vectors: block.vectors })))
}

async function loadBatches(
  work: Work,
  file: VectorFile,
  done: RowCounts,
  { standing = 'keep', ...options }: LoadVectorsOptions,
): Promise<void> {
  const blocks = marked(skipRows(ofOneDimension(file), done.read))
  try {
    for (let ended = false; !ended;) {
      const batch = await work.store.transaction((transaction) =>
        loadBatch(transaction, work, blocks, { before: done.rows, standing, ...options }),
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

/** Marks the last block, for which it reads one block ahead. */
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
 * Yields the blocks of a file, and refuses one whose dimension differs from that of the file. The database would not
 * notice if the keys of all its rows are already in the table, since such rows are not written.
 */
async function* ofOneDimension(file: VectorFile): AsyncGenerator<VectorBlock, void, undefined> {
  let rowsBefore = 0
  for await (const block of file.blocks()) {
    const { length } = block.keys
    const dims = block.vectors.length / length
    if (length > 0 && dims !== file.dims)
      throw new LshError(
        'bad_input',
        `${file.name ?? 'the file'} rows ${rowsBefore + 1} to ${rowsBefore + length} have ${dims} dimensions, but the rows before them have ${file.dims}`,
        { hint: 'Write the vectors of each encoder to a separate file.' },
      )
    rowsBefore += length
    yield block
  }
}

/** Skips the blocks of the first `rows` rows. */
async function* skipRows(
  blocks: AsyncGenerator<VectorBlock, void, undefined>,
  rows: number,
): AsyncGenerator<VectorBlock, void, undefined> {
  let rowsBefore = 0
  for await (const block of blocks) {
    // A batch consists of whole blocks, so that none is skipped in part.
    if (rowsBefore >= rows) yield block
    rowsBefore += block.keys.length
  }
}

function assertDims({ dims, name = 'the file' }: VectorFile, wanted: number, target: string): void {
  if (dims === wanted) return
  throw new LshError('LSH02', `${name} has ${dims} dimensions, but ${target} has ${wanted}`, {
    hint: 'Load features of the encoder that computed those of the table.',
  })
}

/** Refuses a file with a repeated key before anything is written; later, the key would pass for one of the table. */
async function refuseDoubledKeys(file: VectorFile, { keyType }: VectorTable): Promise<void> {
  // Different texts can be the same UUID.
  const textOf = keyType === 'uuid' ? uuidText : String
  const found = await findDoubledKey(() => file.keys?.() ?? keysOf(file), { textOf })
  if (found === null) return
  const { key, first, second } = found
  // A text may name a person, so it is not shown.
  const shownKey = typeof key === 'string' ? '' : `, ${key}`
  throw new LshError(
    'bad_input',
    `${file.name ?? 'the file'} rows ${first} and ${second} have the same key${shownKey}`,
    { hint: 'Leave one of the rows out, or give it another key.' },
  )
}

function uuidText(key: VectorKey): string {
  return String(key).toLowerCase().replace(/[-{}]/g, '')
}

async function* keysOf(file: VectorFile): AsyncGenerator<readonly VectorKey[]> {
  for await (const { keys } of file.blocks()) yield keys
}
