import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type pg from 'pg'

const ROOT = new URL('../../../', import.meta.url)

/** Replaces `@vector@`, the placeholder in the files of this package, by the schema of pgvector. */
export function inVectorSchema(sql: string, schema: string): string {
  return sql.replaceAll('@vector@', () => schema)
}

/** A file of `sql/` with its text. */
export interface SqlFile {
  readonly name: string
  readonly sql: string
}

/** The files to read: all that `pg-lsh migrate` installs, or those of the extension. */
export type SqlPart = 'all' | 'lsh'

/** The files of the package in the order of installation. */
async function sources(part: SqlPart): Promise<SqlFile[]> {
  const files: SqlFile[] = []
  // The file in `sql/` comes last: it drops stale objects, which views of schema cbir may use until they are replaced.
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

/** The functions and views of this package for a schema of pgvector, in the order of installation. */
export async function sqlFiles(vectorSchema: string): Promise<SqlFile[]> {
  return (await sources('all')).map(({ name, sql }) => ({
    name,
    sql: inVectorSchema(sql, vectorSchema),
  }))
}

/**
 * Version that the functions of this package have once they are installed in a database: a hash of the files and of the
 * schema of pgvector. Scripts of the extension compute it as well, when they run (`scripts/extension/script.mjs`).
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

/** The schema of pgvector, quoted if necessary; `null` if the extension does not exist. */
export async function vectorSchema(client: pg.Pool | pg.PoolClient): Promise<string | null> {
  const { rows } = await client.query<{ schema: string }>(
    `select pg_catalog.quote_ident(nspname) as schema
     from pg_catalog.pg_extension
       join pg_catalog.pg_namespace on pg_namespace.oid = extnamespace
     where extname = 'vector'`,
  )
  return rows[0]?.schema ?? null
}
