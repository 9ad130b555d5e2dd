import { sql, type Kysely } from 'kysely'
import type { Database } from './database.js'

/**
 * Reserves `count` ids after the highest of a table and returns the first. The sequence alone would skip ids after a
 * crash, so that a run that was killed and restarted would assign other ids than an undisturbed one. The sequence is
 * advanced as well, for inserts without an id. The caller holds the lock of the loaders.
 */
export async function nextId(
  db: Kysely<Database>,
  table: 'cbir.patient' | 'cbir.plan' | 'cbir.item',
  count = 1,
): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    select coalesce(max(id), 0)::int + 1 as id from ${sql.table(table)}`.execute(db)
  const id = (rows[0] as { id: number }).id
  await sql`select setval(pg_get_serial_sequence(${table}, 'id'), ${id + count - 1}::bigint)`.execute(
    db,
  )
  return id
}
