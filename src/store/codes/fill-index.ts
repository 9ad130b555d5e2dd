import { sql } from 'kysely'
import pg from 'pg'
import { ahead } from '../../core/ahead.js'
import { LshError } from '../../core/errors.js'
import type { HashedRows } from '../../hash/bulk-encode.js'
import type { HashFamily } from '../../hash/family.js'
import { joinedRows, type CodedRows } from './code-rows.js'
import type { Store, Transaction } from '../connection/connect.js'
import { readFamily } from './families.js'
import { HASHED_AHEAD, hashThreads, openHasher } from './hash-vectors.js'
import { blockRows, readKeyedVectors, type KeyedVectors } from './keyed-vectors.js'
import { codeTable, writeCodes } from './write-codes.js'

export interface FillOptions {
  /** Called from time to time with the number of newly encoded rows. (Default: none) */
  onProgress?: (rows: number) => void
  /** Stops the work soon after it aborts. Committed codes remain, and another call continues. (Default: none) */
  signal?: AbortSignal
}

/** Maximum rows per transaction. Memory holds their codes, about 100 bytes each; PGlite also holds their vectors. */
const BATCH = { server: 1_000_000, embedded: 20_000 } as const

/**
 * Writes the missing codes of an index. The client computes them and writes them by COPY, in a few large transactions.
 * The index is one that the loader maintains, or one created with `build => 'later'`, which is opened for searches at
 * the end. If triggers maintain the index, other sessions can read its table meanwhile, but not write to it. Returns
 * the number of codes written.
 *
 * @throws LshError `LSH01` for an unknown index.
 */
export async function fillIndex(
  store: Store,
  name: string,
  options: FillOptions = {},
): Promise<number> {
  const index = await readIndex(store, name)
  const family = await readFamily(store.db, index.family)
  const threads = hashThreads([family])
  const hashInThisThread = openHasher([family])
  // Only the last block is not full. It is hashed here, so that a small table starts no thread.
  const hash = ({ vectors, keyEnds }: KeyedVectors) => {
    const task = { family: 0, vectors }
    if (keyEnds.length < blockRows(family.dims)) return hashInThisThread(task)
    return threads.run(task, [vectors.buffer as ArrayBuffer])
  }
  const batch = { ...index, name, family, hash, limit: BATCH[store.engine] }
  let filled = 0
  try {
    for (;;) {
      options.signal?.throwIfAborted()
      const rows = await store.transaction((transaction) => fillBatch(transaction, batch, options))
      filled += rows
      if (rows < batch.limit) break
    }
  } finally {
    await threads.close()
  }
  if (index.state === 'building')
    await sql`select lsh_internal.open_index(${name})`.execute(store.db)
  return filled
}

async function readIndex(store: Store, name: string) {
  const index = await store.db
    .selectFrom('lsh.index')
    .innerJoin('lsh.family', 'lsh.family.id', 'lsh.index.family_id')
    .select([
      'key_column',
      'vector_column',
      sql<string>`lsh_internal.vector_expression(lsh.index.*, 'source')`.as('vectors'),
      'maintain',
      'state',
      'lsh.family.name as family',
      // Qualified, and quoted where necessary.
      sql<string>`lsh_internal.table_name(relation)`.as('relation'),
      // An item of "from" that excludes the rows of inheriting tables.
      sql<string>`lsh_internal.own_rows(relation)`.as('own_rows'),
    ])
    .where('lsh.index.name', '=', name)
    .executeTakeFirst()
  if (index) return index
  throw new LshError('LSH01', `index "${name}" does not exist`, {
    hint: 'Create it: "pg-lsh index create --space SPACE".',
  })
}

interface Batch extends Omit<Awaited<ReturnType<typeof readIndex>>, 'family'> {
  readonly name: string
  readonly family: HashFamily
  readonly hash: (block: KeyedVectors) => Promise<HashedRows>
  /** Maximum rows per transaction. */
  readonly limit: number
}

async function fillBatch(
  transaction: Transaction,
  batch: Batch,
  options: FillOptions,
): Promise<number> {
  const { name, relation, family } = batch
  // Without the lock, a trigger could write the code of a row between the reading of the row and the COPY of its code.
  if (batch.maintain === 'trigger')
    await sql`lock table ${sql.raw(relation)} in share row exclusive mode`.execute(transaction.db)
  const rows = await encodedRows(transaction, batch, options)
  const { length } = rows.keyEnds
  if (length === 0) return 0
  await writeCodes(transaction, name, rows, { bits: family.bits })
  return length
}

async function encodedRows(
  { readFile }: Transaction,
  { name, own_rows, key_column, vector_column, vectors, family, hash, limit }: Batch,
  { onProgress, signal }: FillOptions,
): Promise<CodedRows> {
  const [key, vector] = [key_column, vector_column].map(pg.escapeIdentifier)
  const rowsWithoutCode = readFile(`
    select source.${key}, ${vectors}
    from ${own_rows} as source
    where source.${vector} is not null
      and not exists (select 1 from ${codeTable(name)} as code where code.key = source.${key})
    limit ${limit}`)
  const parts: CodedRows[] = []
  const hashBlock = async (block: KeyedVectors) => ({ ...block, ...(await hash(block)) })
  const blocks = readKeyedVectors(rowsWithoutCode, family.dims)
  for await (const { vectors: _, ...part } of ahead(blocks, hashBlock, { limit: HASHED_AHEAD })) {
    signal?.throwIfAborted()
    parts.push(part)
    onProgress?.(part.keyEnds.length)
  }
  return joinedRows(parts)
}
