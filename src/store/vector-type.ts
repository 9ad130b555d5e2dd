import type pg from 'pg'

/** pgvector's type in a database. */
export interface VectorType {
  /** Another one in each database. */
  readonly oid: number
  readonly schema: string
  /** Whether it is found by its name alone. */
  readonly visible: boolean
}

/** Undefined before the extension is created. */
export async function vectorType(pool: pg.Pool): Promise<VectorType | undefined> {
  const { rows } = await pool.query<VectorType>(
    `select pg_type.oid::int, nspname as schema, pg_catalog.pg_type_is_visible(pg_type.oid) as visible
     from pg_catalog.pg_type
       join pg_catalog.pg_namespace on pg_namespace.oid = pg_type.typnamespace
       join pg_catalog.pg_depend on pg_depend.objid = pg_type.oid and pg_depend.deptype = 'e'
       join pg_catalog.pg_extension on pg_extension.oid = pg_depend.refobjid
     where pg_extension.extname = 'vector' and pg_type.typname = 'vector'`,
  )
  return rows[0]
}

/**
 * Has a connection find the types of pgvector where the search_path of database and role leaves its schema out: the last
 * of all, so that nothing else is found otherwise.
 */
export async function findVector(client: pg.ClientBase): Promise<void> {
  await client.query(
    `select pg_catalog.set_config('search_path', pg_catalog.concat_ws(', ',
       nullif(pg_catalog.current_setting('search_path'), ''), pg_catalog.quote_ident(nspname)), false)
     from pg_catalog.pg_extension
       join pg_catalog.pg_namespace on pg_namespace.oid = extnamespace
     where extname = 'vector' and nspname <> all(pg_catalog.current_schemas(true))`,
  )
}
