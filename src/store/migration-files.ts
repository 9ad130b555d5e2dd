import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { LshError } from '../core/errors.js'
import { inVectorSchema } from './sql-files.js'

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url))
/** What keeps account of the migrations that ran. */
export const MIGRATIONS_TABLE = 'pg_lsh_migration'

/** Names of the migrations that this package brings, the oldest first. */
export async function migrationNames(): Promise<string[]> {
  const files = await readdir(MIGRATIONS)
  return files
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => name.replace(/\.sql$/, ''))
}

/** Name of the newest migration that this package brings. */
export async function newestMigration(): Promise<string> {
  return (await migrationNames()).at(-1) ?? ''
}

/** Works with a folder of the migrations as they are for a database whose pgvector is in a schema. */
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

/**
 * Schema of the table of migrations: `public`, or that of pgvector where there is no such schema or the table is there.
 *
 * @throws LshError `database` where somebody else has put something of that name there
 */
export async function migrationsSchema(client: pg.Pool | pg.PoolClient): Promise<string> {
  const { rows } = await client.query<{ schema: string; trusted: boolean; there: boolean }>(
    `select nspname as schema, pg_class.oid is not null as there,
       coalesce(relkind = 'r' and pg_catalog.pg_has_role(relowner, 'usage'), true) as trusted
     from pg_catalog.pg_namespace
       left join pg_catalog.pg_class on relnamespace = pg_namespace.oid and relname = $1
         and exists (select from pg_catalog.pg_attribute where attrelid = pg_class.oid and attname = 'run_on')
       left join pg_catalog.pg_extension on extnamespace = pg_namespace.oid and extname = 'vector'
     where nspname = 'public' or extname is not null
     order by pg_class.oid is null, nspname <> 'public'
     limit 1`,
    [MIGRATIONS_TABLE],
  )
  const { schema = 'public', trusted = true } = rows[0] ?? {}
  if (trusted) return schema
  throw new LshError('database', `"${schema}.${MIGRATIONS_TABLE}" belongs to somebody else`, {
    hint: 'Let the role that installed pg-lsh run "pg-lsh migrate"; if nobody did, drop what has that name.',
  })
}

/** Name of the newest migration in a database, `null` where none ran. */
export async function appliedMigration(client: pg.Pool | pg.PoolClient): Promise<string | null> {
  const schema = await migrationsSchema(client)
  const { rows: found } = await client.query<{ table: string | null }>(
    'select pg_catalog.to_regclass(pg_catalog.format($1::text, $2::text, $3::text)) as "table"',
    ['%I.%I', schema, MIGRATIONS_TABLE],
  )
  const table = found[0]?.table
  if (!table) return null
  const newest = await client.query<{ name: string }>(
    `select name from ${table} order by id desc limit 1`,
  )
  return newest.rows[0]?.name ?? null
}
