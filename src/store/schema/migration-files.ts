import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { LshError } from '../../core/errors.js'
import { inVectorSchema } from './sql-files.js'

const MIGRATIONS = fileURLToPath(new URL('../../../migrations', import.meta.url))
/** Name of the table of applied migrations. */
export const MIGRATIONS_TABLE = 'pg_lsh_migration'

/** Names of the migrations of this package, the oldest first. */
export async function migrationNames(): Promise<string[]> {
  const files = await readdir(MIGRATIONS)
  return files
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => name.replace(/\.sql$/, ''))
}

/** Name of the newest migration of this package. */
export async function newestMigration(): Promise<string> {
  return (await migrationNames()).at(-1) ?? ''
}

/**
 * Runs work with a temporary folder of the migrations, in which the placeholder of pgvector's schema is replaced by the
 * schema of a database.
 */
export async function withMigrations<T>(
  vectorSchema: string,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'pg-lsh-migrations-'))
  try {
    for (const name of await migrationNames()) {
      const text = await readFile(join(MIGRATIONS, `${name}.sql`), 'utf8')
      await writeFile(join(folder, `${name}.sql`), inVectorSchema(text, vectorSchema))
    }
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The table of applied migrations, as the current role sees it. */
interface MigrationsTable {
  /** Schema of the table; before the first migration `public`, or the schema of pgvector if `public` does not exist. */
  readonly schema: string
  /** Qualified name; `null` before the first migration. */
  readonly table: string | null
  /** Whether the current role owns it, by membership too; true before the first migration. */
  readonly own: boolean
  /** Whether it belongs to the current role or to the owner of schema `lsh`; a table of another role is not trusted. */
  readonly trusted: boolean
  readonly readable: boolean
}

async function migrationsTable(client: pg.Pool | pg.PoolClient): Promise<MigrationsTable> {
  const { rows } = await client.query<MigrationsTable>(
    `select nspname as schema,
       case when pg_class.oid is not null then pg_catalog.format('%I.%I', nspname, relname) end as table,
       coalesce(ours.own, true) as own, coalesce(ours.own or ours.installer, true) as trusted,
       pg_class.oid is null or pg_catalog.has_schema_privilege(pg_namespace.oid, 'usage')
         and pg_catalog.has_table_privilege(pg_class.oid, 'select') as readable
     from pg_catalog.pg_namespace
       left join pg_catalog.pg_class on relnamespace = pg_namespace.oid and relname = $1
         and exists (select from pg_catalog.pg_attribute where attrelid = pg_class.oid and attname = 'run_on')
       left join pg_catalog.pg_extension on extnamespace = pg_namespace.oid and extname = 'vector'
       cross join lateral (
         select relkind = 'r' and pg_catalog.pg_has_role(relowner, 'usage') as own,
           relkind = 'r' and relowner = (
             select nspowner from pg_catalog.pg_namespace where nspname = 'lsh') as installer
       ) as ours
     where nspname = 'public' or extname is not null
     order by pg_class.oid is null, nspname <> 'public'
     limit 1`,
    [MIGRATIONS_TABLE],
  )
  return rows[0] ?? { schema: 'public', table: null, own: true, trusted: true, readable: true }
}

function notOurs(schema: string): LshError {
  return new LshError('database', `"${schema}.${MIGRATIONS_TABLE}" belongs to another role`, {
    hint: 'Let the role that installed pg-lsh run "pg-lsh migrate"; if pg-lsh was never installed, drop the object of that name.',
  })
}

/**
 * Schema of the table of applied migrations, for a migration.
 *
 * @throws LshError `database` if the table belongs to another role
 */
export async function migrationsSchema(client: pg.Pool | pg.PoolClient): Promise<string> {
  const { schema, own } = await migrationsTable(client)
  if (!own) throw notOurs(schema)
  return schema
}

/** What the current role can see of the migrations of a database. */
export interface AppliedMigration {
  /** Name of the newest applied migration; `null` if there is none or the current role may not read the table. */
  readonly newest: string | null
  /** Whether the current role may read the table; searches do not need this right. */
  readonly readable: boolean
}

/**
 * The newest migration in a database.
 *
 * @throws LshError `database` if the table belongs neither to this role nor to the owner of schema `lsh`
 */
export async function appliedMigration(client: pg.Pool | pg.PoolClient): Promise<AppliedMigration> {
  const { schema, table, trusted, readable } = await migrationsTable(client)
  if (!trusted) throw notOurs(schema)
  if (table === null || !readable) return { newest: null, readable }
  const { rows } = await client.query<{ name: string }>(
    `select name from ${table} order by id desc limit 1`,
  )
  return { newest: rows[0]?.name ?? null, readable }
}
