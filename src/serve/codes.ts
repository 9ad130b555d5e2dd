import { sql } from 'kysely'
import type { BitCode } from '../core/code.js'
import type { Store } from '../store/connection/connect.js'
import type { SpaceIndex } from './read-spaces.js'

/** The stored codes of rows of an index, in hexadecimal digits; empty for a role that may not read them. */
export async function readCodes(
  { db }: Store,
  { codes }: SpaceIndex,
  items: readonly number[],
): Promise<Map<number, string>> {
  const { rows: rights } = await sql<{ may: boolean }>`
    select has_table_privilege(${codes}, 'select') as may`.execute(db)
  if (!rights[0]?.may || items.length === 0) return new Map()
  // The name comes from the catalog and is already quoted.
  const { rows } = await sql<{ key: number; code: BitCode | null }>`
    select key, code from ${sql.raw(codes)} where key = any(${[...items]}::int[])`.execute(db)
  return new Map(rows.flatMap(({ key, code }) => (code === null ? [] : [[key, hexOf(code)]])))
}

/** The bits of a code, four per digit. */
export function hexOf({ bytes }: BitCode): string {
  return Buffer.from(bytes).toString('hex')
}
