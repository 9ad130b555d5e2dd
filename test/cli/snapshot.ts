import { sql } from 'kysely'
import type { Store } from '../../src/store/connection/connect.js'

/**
 * The content of a database as one text for each row, without keys and times. Slices are identified by the source key
 * of their item, and vectors and codes are written bit by bit.
 */
export async function snapshot(store: Store): Promise<string[]> {
  const tables = await sql<{ schema: string; name: string }>`
    select schemaname as schema, tablename as name from pg_tables
    where schemaname in ('space', 'lsh_index') order by 1, 2`.execute(store.db)
  const own = tables.rows.map(({ schema, name }) =>
    schema === 'space'
      ? sql`select ${`space ${name} `} || item.dataset || ' ' || item.source_key || ' '
          || encode(vector_send(feature.embedding), 'hex') as row
        from ${sql.id(schema, name)} as feature join cbir.item on item.id = feature.item_id`
      : sql`select ${`index ${name} `} || item.dataset || ' ' || item.source_key || ' '
          || code.bucket || ' ' || code.code::text || ' ' || coalesce(code.norm::text, '') as row
        from ${sql.id(schema, name)} as code join cbir.item on item.id = code.key`,
  )
  const all: string[] = []
  for (const query of [...FIXED, ...own]) {
    const { rows } = await sql<{ row: string }>`${query} order by 1`.execute(store.db)
    all.push(...rows.map(({ row }) => row))
  }
  return all
}

const FIXED = [
  sql`select 'patient ' || (to_jsonb(patient) - 'id')::text as row from cbir.patient`,
  sql`select 'plan ' || patient.pseudonym || (to_jsonb(plan) - '{id,patient_id,loaded_at}'::text[])::text as row
    from cbir.plan join cbir.patient on patient.id = plan.patient_id`,
  sql`select 'item ' || (to_jsonb(item) - 'id')::text as row from cbir.item`,
  sql`select 'slice ' || item.source_key || ' ' || plan.source_key
      || (to_jsonb(slice) - '{item_id,plan_id}'::text[])::text as row
    from cbir.slice
      join cbir.item on item.id = slice.item_id
      join cbir.plan on plan.id = slice.plan_id`,
  sql`select 'structure ' || plan.source_key || (to_jsonb(structure) - 'plan_id')::text as row
    from cbir.structure join cbir.plan on plan.id = structure.plan_id`,
  sql`select 'encoder ' || name || checksum || weights::text as row from cbir.encoder`,
  sql`select 'space ' || name || dims || coalesce(parts::text, '') as row from cbir.space`,
  sql`select 'family ' || name || checksum as row from lsh.family`,
]
