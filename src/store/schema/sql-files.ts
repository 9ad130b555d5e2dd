import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type pg from 'pg'

const ROOT = new URL('../../../', import.meta.url)

/** SQL for a database whose pgvector is in a schema: in our files `@vector@` stands for it. */
export function inVectorSchema(sql: string, schema: string): string {
  return sql.replaceAll('@vector@', () => schema)
}

/** A file of `sql/`, as it is sent to a database. */
export interface SqlFile {
  readonly name: string
  readonly sql: string
}

/** All that `pg-lsh migrate` installs, or the part that the extension has. */
export type SqlPart = 'all' | 'lsh'

/** The files as they are in the package, in the order in which they are installed. */
async function sources(part: SqlPart): Promise<SqlFile[]> {
  const files: SqlFile[] = []
  // What is dropped last may be used by views of the schema cbir until those are made anew.
  for (const folder of part === 'all' ? ['sql/lsh', 'sql/cbir', 'sql'] : ['sql/lsh']) {
    const names = (await readdir(new URL(folder, ROOT)))
      .filter((name) => name.endsWith('.sql'))
      .sort()
    for (const name of names)
      files.push({
        name: `${folder}/${name}`,
        sql: await readFile(new URL(`${folder}/${name}`, ROOT), 'utf8'),
      })
  }
  return files
}

/** The functions and views that this package brings, in the order in which they are installed. */
export async function sqlFiles(vectorSchema: string): Promise<SqlFile[]> {
  return (await sources('all')).map(({ name, sql }) => ({
    name,
    sql: inVectorSchema(sql, vectorSchema),
  }))
}

/**
 * Version of the functions that this package brings to a database: another one where pgvector is in another schema.
 * Scripts of the extension compute it as well, while they run (`scripts/extension/script.mjs`).
 */
export async function sqlVersion(
  client: pg.Pool | pg.PoolClient,
  part: SqlPart = 'all',
): Promise<string> {
  const hash = createHash('sha256')
  for (const { name, sql } of await sources(part)) hash.update(`${name}\0${sql}\0`)
  const schema = (await vectorSchema(client)) ?? 'public'
  return createHash('sha256')
    .update(`${hash.digest('hex')}:${schema}`)
    .digest('hex')
    .slice(0, 16)
}

/** The schema of pgvector, quoted where it must be; `null` where the extension is not created. */
export async function vectorSchema(client: pg.Pool | pg.PoolClient): Promise<string | null> {
  const { rows } = await client.query<{ schema: string }>(
    `select pg_catalog.quote_ident(nspname) as schema
     from pg_catalog.pg_extension
       join pg_catalog.pg_namespace on pg_namespace.oid = extnamespace
     where extname = 'vector'`,
  )
  return rows[0]?.schema ?? null
}
