import { sql } from 'kysely'
import pg from 'pg'
import { ahead } from '../core/ahead.js'
import { LshError } from '../core/errors.js'
import type { Threads } from '../core/threads.js'
import type { HashedRows } from '../hash/bulk-encode.js'
import type { VectorBlock, VectorFile } from '../ingest/vector-block.js'
import { joinedRows, type CodedRows } from './code-rows.js'
import type { Store, Transaction } from './connect.js'
import { hashThreads, type HashTask } from './hash-vectors.js'
import { keyedRows, keyTypeOf, packKeys } from './keyed-rows.js'
import type { KeyedVectors } from './keyed-vectors.js'
import { codeTaker } from './ready-codes.js'
import { withRetry, type RetryOptions } from './retry.js'
import { standingRows, withoutRows } from './standing-rows.js'
import {
  readVectorTable,
  setTriggers,
  type VectorTable,
  type VectorTableOptions,
} from './vector-table.js'
import { writeCodes } from './write-codes.js'

export interface LoadVectorsOptions extends RetryOptions, VectorTableOptions {
  /** What becomes of a row whose key is in the table: left as it is, or replaced. (Default: 'keep') */
  standing?: 'keep' | 'replace'
  /** Takes the codes of the file where it has some, after a look at a sample; else all are computed. (Default: true) */
  codes?: boolean
  /** Told now and then how many rows more were read. (Default: nobody is told) */
  onProgress?: (rows: number) => void
}

export interface LoadedVectors {
  /** Rows that were added, those included that replaced another. */
  readonly rows: number
  /** Rows whose keys were there. */
  readonly standing: number
  /** The indexes whose codes were written. */
  readonly indexes: readonly string[]
}

/** Rows of a transaction; their codes are held in memory. */
const BATCH = { server: 1_000_000, embedded: 20_000 } as const
/** Blocks that are hashed ahead of the one that is written. */
const AHEAD = 4

/**
 * Writes features that were computed elsewhere into a table, and their codes into its indexes, by COPY: the
 * codes are computed here, in threads, and triggers need not. A batch is one transaction; run again after it
 * was interrupted, rows that are there are left alone. Other writers of the table wait meanwhile, readers do not.
 */
export async function loadVectors(
  store: Store,
  table: string,
  file: VectorFile,
  options: LoadVectorsOptions = {},
): Promise<LoadedVectors> {
  const target = await withRetry(store, () => readVectorTable(store, table, options), options)
  for (const { name, family } of target.indexes) assertDims(file.dims, family.dims, name)
  const threads = hashThreads(target.indexes.map(({ family }) => family))
  const work = { ...target, store, threads, hash: hasherOf(target, threads, options.codes ?? true) }
  const done = { read: 0, rows: 0, standing: 0 }
  try {
    // What was committed before the database went away is not read again.
    await withRetry(store, () => loadBatches(work, file, done, options), options)
  } finally {
    await threads.close()
  }
  const { rows, standing } = done
  return { rows, standing, indexes: target.indexes.map(({ name }) => name) }
}

type Hasher = (block: VectorBlock) => Promise<readonly HashedRows[]>

interface Work extends VectorTable {
  readonly store: Store
  readonly hash: Hasher
}

/** What is committed. */
interface Done {
  /** Rows of the file. */
  read: number
  rows: number
  standing: number
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
  { standing = 'keep', onProgress, signal }: LoadVectorsOptions,
): Promise<void> {
  const blocks = behind(file.blocks(), done.read)
  try {
    for (let ended = false; !ended;) {
      const batch = await work.store.transaction(async (transaction) => {
        const loading = { read: 0, rows: 0, standing: 0, ended: false }
        await setTriggers(transaction, work, 'disable')
        const fresh = freshBlocks(transaction, work, blocks, loading, standing)
        const parts = work.indexes.map((): CodedRows[] => [])
        const hash = async (block: VectorBlock) => ({ block, codes: await work.hash(block) })
        for await (const { block, codes } of ahead(fresh, hash, { limit: AHEAD })) {
          signal?.throwIfAborted()
          const keyed = { ...packKeys(keyTypeOf(work.keyType), block.keys), vectors: block.vectors }
          await copyBlock(transaction, work, keyed)
          codes.forEach((rows, i) => parts[i]?.push({ ...keyed, ...rows }))
          loading.rows += block.keys.length
          onProgress?.(block.keys.length)
        }
        await writeAllCodes(transaction, work, parts, loading.ended ? done.rows + loading.rows : 0)
        await setTriggers(transaction, work, 'enable')
        return loading
      })
      done.read += batch.read
      done.rows += batch.rows
      done.standing += batch.standing
      ended = batch.ended
    }
  } finally {
    await blocks.return()
  }
}

/** The blocks of one batch, without the rows whose keys are in the table, unless those are to be replaced. */
async function* freshBlocks(
  transaction: Transaction,
  work: Work,
  blocks: AsyncGenerator<VectorBlock, void, undefined>,
  loading: Done & { ended: boolean },
  standing: 'keep' | 'replace',
): AsyncGenerator<VectorBlock> {
  const { relation } = work
  await sql`lock table ${sql.raw(relation)} in share row exclusive mode`.execute(transaction.db)
  const found = await sql<{ filled: boolean }>`
    select exists (select from ${sql.raw(relation)}) as filled`.execute(transaction.db)
  const filled = found.rows[0]?.filled === true
  while (loading.read < BATCH[work.store.engine]) {
    const { value: block } = await blocks.next()
    if (!block) {
      loading.ended = true
      return
    }
    loading.read += block.keys.length
    const there = filled
      ? await standingRows(transaction, work, block.keys, standing)
      : new Set<number>()
    loading.standing += there.size
    const rest = standing === 'keep' ? withoutRows(block, there) : block
    if (rest.keys.length > 0) yield rest
  }
}

async function copyBlock(
  { copyFile }: Transaction,
  { relation, key, vector, keyType }: VectorTable,
  rows: KeyedVectors,
): Promise<void> {
  const [keyColumn, vectorColumn] = [key, vector].map((name) => pg.escapeIdentifier(name))
  const columns = {
    [keyColumn as string]: keyTypeOf(keyType),
    [vectorColumn as string]: 'vector' as const,
  }
  await copyFile({ table: relation, columns }, [keyedRows(rows)])
}

/** Codes come last, all of a batch at once, so that they stand in the order of their buckets. */
async function writeAllCodes(
  transaction: Transaction,
  { indexes }: VectorTable,
  parts: readonly CodedRows[][],
  added: number,
): Promise<void> {
  for (const [i, { name, family }] of indexes.entries()) {
    const rows = joinedRows(parts[i] as CodedRows[])
    await writeCodes(transaction, name, rows, { bits: family.bits, added })
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

function assertDims(dims: number, wanted: number, index: string): void {
  if (dims === wanted) return
  throw new LshError('LSH02', `the file has ${dims} dimensions, index "${index}" has ${wanted}`, {
    hint: 'Load features of the same encoder as those of the table.',
  })
}
