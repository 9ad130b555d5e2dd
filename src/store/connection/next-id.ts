import { sql, type Kysely } from 'kysely'
import type { Database } from './database.js'

/**
 * The id after the highest. A sequence would skip ids after a crash, so a killed and restarted run would not give the
 * same result as an undisturbed one. The sequence is advanced as well, for inserts without an id.
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
