import { sql, type Kysely } from 'kysely'
import type { Database } from './database.js'

/**
 * The id after the highest. A sequence would skip some after a crash, and then a run that was killed
 * would not end as an undisturbed one; it is set behind, for whoever inserts without an id.
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
