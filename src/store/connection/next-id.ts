import { sql, type Kysely } from 'kysely'
import type { Database } from './database.js'

/**
 * Reserves `count` successive ids of a table and returns the first. It is above all ids that the table has or ever had,
 * because an application that kept the id of a removed item must not find another item by it. A transaction that fails
 * leaves a gap. The caller holds the lock of the loaders.
 */
export async function nextId(
  db: Kysely<Database>,
  table: 'cbir.patient' | 'cbir.plan' | 'cbir.item',
  count = 1,
): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    select greatest(
      coalesce((select max(id) from ${sql.table(table)}), 0),
      coalesce(pg_catalog.pg_sequence_last_value(pg_get_serial_sequence(${table}, 'id')::regclass), 0)
    )::int + 1 as id`.execute(db)
  const id = (rows[0] as { id: number }).id
  await sql`select setval(pg_get_serial_sequence(${table}, 'id'), ${id + count - 1}::bigint)`.execute(
    db,
  )
  return id
}
