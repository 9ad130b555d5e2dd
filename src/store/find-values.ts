import { sql } from 'kysely'
import type { Store } from './connect.js'

/** A column that holds some of the values that were looked for. */
export interface FoundIn {
  /** `cbir.patient` */
  readonly table: string
  readonly column: string
  /** Rows that hold one. */
  readonly rows: number
}

export interface SearchedColumns {
  readonly columns: number
  readonly found: readonly FoundIn[]
}

const schemas = ['cbir', 'lsh', 'lsh_index', 'space']
/** Types whose text is looked through, and arrays of them. */
const types = ['text', 'varchar', 'bpchar', 'name', 'json', 'jsonb', 'xml']

/**
 * Looks for values, in lower case, in every column of text or JSON. A value is found where it stands
 * as a word of its own: within a longer one it would be found by chance in every hash.
 */
export async function findValues(store: Store, values: Iterable<string>): Promise<SearchedColumns> {
  const wanted = [...values]
  const columns = await textColumns(store)
  const found: FoundIn[] = []
  for (const { schema, table, column } of columns) {
    const place = sql.ref(`held.${column}`)
    const { rows } = await sql<{ rows: number }>`
      select count(*)::int as rows
      from (select distinct lower(${place}::text) as words from ${sql.id(schema, table)} as held) as held
      where exists (
        select
        from unnest(${wanted}::text[]) as value
        where position(value in held.words) > 0
          and held.words ~ ('(^|[^[:alnum:]])' || regexp_replace(value, '([^[:alnum:][:space:]])', '\\\\\\1', 'g') || '([^[:alnum:]]|$)')
      )`.execute(store.db)
    const count = rows[0]?.rows ?? 0
    if (count > 0) found.push({ table: `${schema}.${table}`, column, rows: count })
  }
  return { columns: columns.length, found }
}

async function textColumns(store: Store) {
  const { rows } = await sql<{ schema: string; table: string; column: string }>`
    select nspname::text as schema, relname::text as table, attname::text as column
    from pg_attribute
      join pg_class on pg_class.oid = attrelid
      join pg_namespace on pg_namespace.oid = relnamespace
      join pg_type on pg_type.oid = atttypid
      left join pg_type as element on element.oid = pg_type.typelem and pg_type.typcategory = 'A'
    where nspname = any(${schemas}::text[])
      and relkind in ('r', 'p', 'm')
      and attnum > 0
      and not attisdropped
      and coalesce(element.typname, pg_type.typname) = any(${types}::text[])
    order by nspname, relname, attnum`.execute(store.db)
  return rows
}
