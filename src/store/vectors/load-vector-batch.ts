import { sql } from 'kysely'
import pg from 'pg'
import { ahead } from '../../core/ahead.js'
import type { HashedRows } from '../../hash/bulk-encode.js'
import type { VectorBlock } from '../../ingest/vectors/vector-block.js'
import { joinedRows, type CodedRows } from '../codes/code-rows.js'
import type { Store, Transaction } from '../connection/connect.js'
import { HASHED_AHEAD } from '../codes/hash-vectors.js'
import { keyedRows, keyTypeOf, packKeys } from '../codes/keyed-rows.js'
import { standingRows, withoutRows } from './standing-rows.js'
import { setTriggers, type VectorTable } from './vector-table.js'
import { writeCodes } from '../codes/write-codes.js'

/** Returns the codes of a block, one set per index. */
export type Hasher = (block: VectorBlock) => Promise<readonly HashedRows[]>

/** A table to load, with the database and the hasher for it. */
export interface Work extends VectorTable {
  readonly store: Store
  readonly hash: Hasher
}

/** Numbers of rows of one batch, or of all committed batches. */
export interface RowCounts {
  /** Rows read from the file. */
  read: number
  /** Rows written. */
  rows: number
  /** Rows whose keys were already in the table. */
  standing: number
}

/** A block of a file, and whether it is the last one. */
export interface MarkedBlock {
  readonly block: VectorBlock
  readonly last: boolean
}

/** Rows read per transaction, rounded up to whole blocks. Memory holds their codes. */
const BATCH = { server: 1_000_000, embedded: 20_000 } as const

/** Result of one transaction. */
export interface Batch extends RowCounts {
  /** Whether the end of the file was reached. */
  ended: boolean
}

export interface BatchOptions {
  onProgress?: (rows: number) => void
  signal?: AbortSignal
  /** Rows that earlier batches wrote. */
  before: number
  standing: 'keep' | 'replace'
}

/**
 * Reads one batch of blocks, and writes its rows and their codes in the given transaction.
 *
 * @throws LshError as `standingRows` and the hasher do
 */
export async function loadBatch(
  transaction: Transaction,
  work: Work,
  blocks: AsyncGenerator<MarkedBlock, void, undefined>,
  { before, standing, onProgress, signal }: BatchOptions,
): Promise<Batch> {
  const { relation, indexes } = work
  const loading: Batch = { read: 0, rows: 0, standing: 0, ended: false }
  await setTriggers(transaction, work, 'disable')
  await sql`lock table ${sql.raw(relation)} in share row exclusive mode`.execute(transaction.db)
  const { rows: found } = await sql<{ filled: boolean }>`
    select exists (select 1 from ${sql.raw(relation)}) as filled`.execute(transaction.db)
  const filled = found[0]?.filled === true
  const treatment = {
    standing: filled ? standing : null,
    ...(onProgress && { onSkipped: onProgress }),
  }
  const toWrite = blocksToWrite(transaction, work, blocks, loading, treatment)
  const codesByIndex = indexes.map((): CodedRows[] => [])
  const hash = async (block: VectorBlock) => ({ block, codes: await work.hash(block) })
  let writing = Promise.resolve()
  try {
    for await (const { block, codes } of ahead(toWrite, hash, { limit: HASHED_AHEAD })) {
      signal?.throwIfAborted()
      const keys = packKeys(keyTypeOf(work.keyType), block.keys)
      const rows = keyedRows({ ...keys, vectors: block.vectors })
      // The next block is prepared while the database receives this one.
      await writing
      writing = copyBlock(transaction, work, rows)
      // The loop awaits this promise later; until then a failure must not count as an unhandled rejection.
      writing.catch(() => undefined)
      // The same connection looks up the keys of the next block.
      if (filled) await writing
      // Without the vectors: those of a whole batch could exceed the memory.
      codes.forEach((coded, i) => codesByIndex[i]?.push({ ...keys, ...coded }))
      loading.rows += block.keys.length
      onProgress?.(block.keys.length)
    }
  } finally {
    // Also after an error, the transaction must not end while COPY is running.
    await Promise.allSettled([writing])
  }
  await writing
  await writeAllCodes(transaction, work, codesByIndex, loading.ended ? before + loading.rows : 0)
  await setTriggers(transaction, work, 'enable')
  return loading
}

/**
 * Yields the rows of one batch that are to be written. If `standing` is 'keep', rows whose keys are in the table are left
 * out; if it is 'replace', their old rows are deleted; if it is null, the table is empty.
 */
async function* blocksToWrite(
  transaction: Transaction,
  work: Work,
  blocks: AsyncGenerator<MarkedBlock, void, undefined>,
  loading: Batch,
  {
    standing,
    onSkipped,
  }: { standing: 'keep' | 'replace' | null; onSkipped?: (rows: number) => void },
): AsyncGenerator<VectorBlock> {
  while (loading.read < BATCH[work.store.engine] && !loading.ended) {
    const { value } = await blocks.next()
    loading.ended = value?.last ?? true
    if (!value) return
    const { block } = value
    loading.read += block.keys.length
    const existing = standing
      ? await standingRows(transaction, work, block, standing)
      : new Set<number>()
    loading.standing += existing.size
    const remaining = standing === 'keep' ? withoutRows(block, existing) : block
    onSkipped?.(block.keys.length - remaining.keys.length)
    if (remaining.keys.length > 0) yield remaining
  }
}

async function copyBlock(
  { copyFile }: Transaction,
  { relation, key, vector, keyType }: VectorTable,
  rows: Buffer,
): Promise<void> {
  const [keyColumn, vectorColumn] = [key, vector].map((name) => pg.escapeIdentifier(name))
  const columns = {
    [keyColumn as string]: keyTypeOf(keyType),
    [vectorColumn as string]: 'vector' as const,
  }
  await copyFile({ table: relation, columns }, [rows])
}

/** Writes the codes of a batch at its end, all at once, so that they are stored in bucket order. */
async function writeAllCodes(
  transaction: Transaction,
  { indexes }: VectorTable,
  codesByIndex: readonly CodedRows[][],
  added: number,
): Promise<void> {
  for (const [i, { name, family }] of indexes.entries()) {
    const rows = joinedRows(codesByIndex[i] as CodedRows[])
    await writeCodes(transaction, name, rows, { bits: family.bits, added })
  }
}
