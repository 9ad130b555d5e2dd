import { sql } from 'kysely'
import pg from 'pg'
import { CODE_COLUMNS, codeRows, type CodedRows } from './code-rows.js'
import type { Transaction } from '../connection/connect.js'

/** Qualified and quoted name of the code table of an index. */
export function codeTable(index: string): string {
  return `lsh_index.${pg.escapeIdentifier(index)}`
}

export interface WriteCodesOptions {
  bits: number
  /**
   * Number of codes added since the table was last in bucket order; 0 while more follow. (Default: the number written)
   */
  added?: number
}

/** Writes many codes into the table of an index by COPY, in the caller's transaction. */
export async function writeCodes(
  { db, copyFile }: Transaction,
  index: string,
  rows: CodedRows,
  options: WriteCodesOptions,
): Promise<void> {
  const { bits, added = rows.keyEnds.length } = options
  // The first codes are written in bucket order, frozen, and before the indexes are created. Codes that are
  // added later are out of order; if they are many, the table is rewritten.
  const begun = await sql<{ empty: boolean }>`
    select lsh_internal.begin_load(${index}) as empty`.execute(db)
  const freeze = begun.rows[0]?.empty === true
  await copyFile({ table: codeTable(index), columns: CODE_COLUMNS, freeze }, codeRows(rows, bits))
  await sql`select lsh_internal.end_load(${index}, ${added}::int)`.execute(db)
}
