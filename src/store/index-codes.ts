import { sql } from 'kysely'
import pg from 'pg'
import { LshError } from '../core/errors.js'
import { encodeAll } from '../hash/encode.js'
import type { HashFamily } from '../hash/family.js'
import type { Store, Transaction } from './connect.js'
import type { CopyType } from './copy-format.js'
import { readFamily } from './families.js'

/** A row of a table that is hashed. */
export interface KeyedVector {
  readonly key: number
  readonly vector: Float32Array
}

const CODE_COLUMNS = {
  bucket: 'int4',
  key: 'int4',
  code: 'bit',
  norm: 'float4',
  scale: 'float4',
} satisfies Record<string, CopyType>

/**
 * Writes the codes of new rows into the indexes of a table that the loader maintains, in the
 * transaction that adds the rows; indexes with triggers see to themselves. A caller that adds many
 * batches passes one map, so that each family, which never changes, is read and checked once.
 */
export async function addCodes(
  transaction: Transaction,
  table: string,
  rows: readonly KeyedVector[],
  families = new Map<string, HashFamily>(),
): Promise<void> {
  const indexes = await transaction.db
    .selectFrom('lsh.index')
    .innerJoin('lsh.family', 'lsh.family.id', 'lsh.index.family_id')
    .select(['lsh.index.name', 'lsh.family.name as family'])
    .where('relation', '=', sql<string>`to_regclass(${table})`)
    .where('maintain', '=', 'loader')
    .execute()
  for (const index of indexes) {
    const family = families.get(index.family) ?? (await readFamily(transaction.db, index.family))
    families.set(index.family, family)
    await copyCodes(transaction, index.name, family, rows)
  }
}

export interface FillOptions {
  /** Told after each batch how many rows were encoded. (Default: nobody is told) */
  onProgress?: (rows: number) => void
  /** Stops between two batches; run again, it goes on. (Default: none) */
  signal?: AbortSignal
}

/**
 * Encodes, here and by COPY, the rows of an index that have no code yet, one transaction a batch:
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
  const code = sql.id('lsh_index', name)
  const key = sql.id('source', index.key_column)
  let filled = 0
  for (;;) {
    options.signal?.throwIfAborted()
    // relation::text comes quoted from the server.
    const { rows } = await sql<KeyedVector>`
      select ${key} as key, ${sql.id('source', index.vector_column)} as vector
      from ${sql.raw(index.relation)} as source
      where ${sql.id('source', index.vector_column)} is not null
        and not exists (select from ${code} as code where code.key = ${key})
      order by ${key}
      limit 1024`.execute(store.db)
    if (rows.length === 0) break
    await store.transaction((transaction) => copyCodes(transaction, name, family, rows))
    filled += rows.length
    options.onProgress?.(rows.length)
  }
  // Batches come in the order of keys; a bucket is few pages only once its codes stand together.
  if (filled > 0) await sql`select lsh.compact_index(${name})`.execute(store.db)
  await vacuumIndex(store, name)
  return filled
}

/** Tells the planner what a code table holds, and spares searches the look whether its codes are still wanted. */
export async function vacuumIndex(store: Store, name: string): Promise<void> {
  await sql`vacuum (analyze) ${sql.id('lsh_index', name)}`.execute(store.db)
}

async function copyCodes(
  transaction: Transaction,
  index: string,
  family: HashFamily,
  rows: readonly KeyedVector[],
): Promise<void> {
  const vectors = new Float32Array(rows.length * family.dims)
  rows.forEach(({ vector }, i) => vectors.set(vector, i * family.dims))
  const { codes, buckets, norms, scales } = encodeAll(family, vectors)
  await transaction.copy(
    { table: `lsh_index.${pg.escapeIdentifier(index)}`, columns: CODE_COLUMNS },
    rows.map(({ key }, i) => [
      buckets[i] as number,
      key,
      codes[i] as NonNullable<(typeof codes)[number]>,
      norms?.[i] ?? null,
      scales?.[i] ?? null,
    ]),
  )
}
