import { sql } from 'kysely'
import pg from 'pg'
import { LshError } from '../core/errors.js'
import { openMultiply } from '../encode/multiply.js'
import { bulkEncoder, type BulkEncoder } from '../hash/bulk-encode.js'
import { CODE_COLUMNS, codeRows, joinedRows, type CodedRows } from './code-rows.js'
import type { Store } from './connect.js'
import { readFamily } from './families.js'
import { readKeyedVectors } from './keyed-vectors.js'

export interface FillOptions {
  /** Told now and then how many rows more were encoded. (Default: nobody is told) */
  onProgress?: (rows: number) => void
  /** Stops soon; what was committed stays, and run again, it goes on. (Default: none) */
  signal?: AbortSignal
}

/** Rows of a transaction. Their codes are held in memory, 100 bytes each; PGlite holds their vectors as well. */
const BATCH = { server: 1_000_000, embedded: 20_000 } as const

/**
 * Encodes, here and by COPY, the rows of an index that have no code yet, in few large transactions:
 * what the loader does for an index that is created with `maintain => 'loader'`. Returns the number of rows.
 *
 * @throws LshError `LSH01` for an unknown index.
 */
export async function fillIndex(
  store: Store,
  name: string,
  options: FillOptions = {},
): Promise<number> {
  const index = await store.db
    .selectFrom('lsh.index')
    .innerJoin('lsh.family', 'lsh.family.id', 'lsh.index.family_id')
    .select([
      'key_column',
      'vector_column',
      'lsh.family.name as family',
      sql<string>`relation::text`.as('relation'),
    ])
    .where('lsh.index.name', '=', name)
    .executeTakeFirst()
  if (!index) {
    throw new LshError('LSH01', `index "${name}" does not exist`, {
      hint: 'Create it: "pg-lsh index create --space SPACE".',
    })
  }
  const family = await readFamily(store.db, index.family)
  const encode = bulkEncoder(family, await openMultiply())
  const [key, vector] = [index.key_column, index.vector_column].map(pg.escapeIdentifier)
  const batch = BATCH[store.engine]
  // relation::text comes quoted from the server.
  const missing = `
    select source.${key}, source.${vector}
    from ${index.relation} as source
    where source.${vector} is not null
      and not exists (select from ${codeTable(name)} as code where code.key = source.${key})
    limit ${batch}`
  let filled = 0
  for (;;) {
    options.signal?.throwIfAborted()
    const rows = await encodedRows(store, missing, family.dims, encode, options)
    if (rows.keyEnds.length > 0) await writeRows(store, name, rows, family.bits)
    filled += rows.keyEnds.length
    if (rows.keyEnds.length < batch) break
  }
  return filled
}

async function encodedRows(
  store: Store,
  query: string,
  dims: number,
  encode: BulkEncoder,
  { onProgress, signal }: FillOptions,
): Promise<CodedRows> {
  return store.transaction(async ({ readFile }) => {
    const parts: CodedRows[] = []
    for await (const { keys, keyEnds, vectors } of readKeyedVectors(readFile(query), dims)) {
      signal?.throwIfAborted()
      parts.push({ keys, keyEnds, ...encode(vectors) })
      onProgress?.(keyEnds.length)
    }
    return joinedRows(parts)
  })
}

/**
 * The first codes of a table go into it as it will stay: in the order of their buckets, frozen, and before
 * its indexes are made. Later ones disturb the order, so that the table is written anew.
 */
async function writeRows(store: Store, name: string, rows: CodedRows, bits: number) {
  await store.transaction(async ({ db, copyFile }) => {
    const stripped = await sql<{ empty: boolean }>`
      select lsh._begin_load(${name}) as empty`.execute(db)
    const freeze = stripped.rows[0]?.empty === true
    const target = { table: codeTable(name), columns: CODE_COLUMNS, freeze }
    await copyFile(target, codeRows(rows, bits))
    await sql`select lsh._end_load(${name}, ${rows.keyEnds.length}::int)`.execute(db)
  })
}

function codeTable(name: string): string {
  return `lsh_index.${pg.escapeIdentifier(name)}`
}
