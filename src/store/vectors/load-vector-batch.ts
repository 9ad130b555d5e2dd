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

/** Codes of a block, one set for each index. */
export type Hasher = (block: VectorBlock) => Promise<readonly HashedRows[]>

/** A table with what its rows are loaded by. */
export interface Work extends VectorTable {
  readonly store: Store
  readonly hash: Hasher
}

/** What a transaction, or all before it, took in. */
export interface Done {
  /** Rows of the file. */
  read: number
  rows: number
  standing: number
}

/** Some rows of a file. */
export interface MarkedBlock {
  readonly block: VectorBlock
  /** No other comes behind it. */
  readonly last: boolean
}

/** Rows of a transaction; their codes are held in memory. */
const BATCH = { server: 1_000_000, embedded: 20_000 } as const

/** What a transaction did. */
export interface Batch extends Done {
  /** Nothing comes behind it. */
  ended: boolean
}

export interface BatchOptions {
  onProgress?: (rows: number) => void
  signal?: AbortSignal
  /** Rows of the batches before. */
  before: number
  standing: 'keep' | 'replace'
}

/** Writes the rows of one transaction and their codes. */
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
  const left = { standing: filled ? standing : null, ...(onProgress && { onLeft: onProgress }) }
  const fresh = freshBlocks(transaction, work, blocks, loading, left)
  const parts = indexes.map((): CodedRows[] => [])
  const hash = async (block: VectorBlock) => ({ block, codes: await work.hash(block) })
  let writing = Promise.resolve()
  try {
    for await (const { block, codes } of ahead(fresh, hash, { limit: HASHED_AHEAD })) {
      signal?.throwIfAborted()
      const keys = packKeys(keyTypeOf(work.keyType), block.keys)
      const rows = keyedRows({ ...keys, vectors: block.vectors })
      // The next rows are made while the database takes these, unless it is asked about them meanwhile.
      await writing
      writing = copyBlock(transaction, work, rows)
      // A failure is waited for below; until then it must not reach the event loop as nobody's.
      writing.catch(() => undefined)
      if (filled) await writing
      // Without the vectors, which would fill the memory by the end of a batch.
      codes.forEach((coded, i) => parts[i]?.push({ ...keys, ...coded }))
      loading.rows += block.keys.length
      onProgress?.(block.keys.length)
    }
  } finally {
    // Whatever ended the work: the transaction must not end before its rows are written, or refused.
    await Promise.allSettled([writing])
  }
  await writing
  await writeAllCodes(transaction, work, parts, loading.ended ? before + loading.rows : 0)
  await setTriggers(transaction, work, 'enable')
  return loading
}

/** The blocks of one batch; without the rows whose keys are in the table where `standing` says what becomes of them. */
async function* freshBlocks(
  transaction: Transaction,
  work: Work,
  blocks: AsyncGenerator<MarkedBlock, void, undefined>,
  loading: Batch,
  { standing, onLeft }: { standing: 'keep' | 'replace' | null; onLeft?: (rows: number) => void },
): AsyncGenerator<VectorBlock> {
  while (loading.read < BATCH[work.store.engine] && !loading.ended) {
    const { value } = await blocks.next()
    loading.ended = value?.last ?? true
    if (!value) return
    const { block } = value
    loading.read += block.keys.length
    const there = standing
      ? await standingRows(transaction, work, block, standing)
      : new Set<number>()
    loading.standing += there.size
    const rest = standing === 'keep' ? withoutRows(block, there) : block
    onLeft?.(block.keys.length - rest.keys.length)
    if (rest.keys.length > 0) yield rest
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
