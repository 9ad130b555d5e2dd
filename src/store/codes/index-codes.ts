import { sql } from 'kysely'
import pg from 'pg'
import { endToEnd } from '../../core/vector.js'
import { bulkEncoder, type BulkEncoder } from '../../hash/bulk-encode.js'
import { CODE_COLUMNS, codeRows } from './code-rows.js'
import type { Transaction } from '../connection/connect.js'
import { readFamily } from './families.js'
import { keyTypeOf, packKeys } from './keyed-rows.js'

/** A row to hash. */
export interface KeyedVector {
  readonly key: number | bigint | string
  readonly vector: Float32Array
}

/** Encoders by the names of their families; a caller keeps them between batches. */
export type Encoders = Map<string, { readonly bits: number; readonly encode: BulkEncoder }>

/**
 * Writes the codes of new rows into those indexes of a table that the loader maintains, in the transaction that adds
 * the rows; triggers maintain the other indexes. A caller that adds many batches passes the same map each time, so that
 * each family is read and verified once.
 */
export async function addCodes(
  transaction: Transaction,
  table: string,
  rows: readonly KeyedVector[],
  encoders: Encoders = new Map(),
): Promise<void> {
  const indexes = await transaction.db
    .selectFrom('lsh.index')
    .innerJoin('lsh.family', 'lsh.family.id', 'lsh.index.family_id')
    .select([
      'lsh.index.name',
      'lsh.family.name as family',
      sql<string>`lsh_internal.bare_type(lsh.index.*)`.as('key_type'),
    ])
    .where('relation', '=', sql<string>`to_regclass(${table})`)
    .where('maintain', '=', 'loader')
    .execute()
  for (const { name, family, key_type } of indexes) {
    const encoder = encoders.get(family) ?? (await openEncoder(transaction, family))
    encoders.set(family, encoder)
    const coded = {
      ...packKeys(
        keyTypeOf(key_type),
        rows.map(({ key }) => key),
      ),
      ...encoder.encode(endToEnd(rows.map(({ vector }) => vector))),
    }
    await transaction.copyFile(
      { table: `lsh_index.${pg.escapeIdentifier(name)}`, columns: CODE_COLUMNS },
      codeRows(coded, encoder.bits),
    )
  }
}

async function openEncoder({ db }: Transaction, name: string) {
  const family = await readFamily(db, name)
  return { bits: family.bits, encode: bulkEncoder(family) }
}
