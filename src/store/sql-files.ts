import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type pg from 'pg'

const ROOT = new URL('../../', import.meta.url)

/** SQL for a database whose pgvector is in a schema: in our files `@vector@` stands for it. */
export function inVectorSchema(sql: string, schema: string): string {
  return sql.replaceAll('@vector@', () => schema)
}

/** A file of `sql/`, as it is sent to a database. */
export interface SqlFile {
  readonly name: string
  readonly sql: string
}

/** The functions and views that this package brings, in the order in which they are installed. */
export async function sqlFiles(vectorSchema: string): Promise<SqlFile[]> {
  const files: SqlFile[] = []
  for (const folder of ['sql/lsh', 'sql/cbir']) {
    const names = (await readdir(new URL(folder, ROOT)))
      .filter((name) => name.endsWith('.sql'))
      .sort()
    for (const name of names) {
      const text = await readFile(new URL(`${folder}/${name}`, ROOT), 'utf8')
      files.push({ name: `${folder}/${name}`, sql: inVectorSchema(text, vectorSchema) })
    }
  }
  return files
}

/** Version of the functions that this package brings to a database: another one where pgvector is in another schema. */
export async function sqlVersion(client: pg.Pool | pg.PoolClient): Promise<string> {
  const hash = createHash('sha256')
  for (const { name, sql } of await sqlFiles((await vectorSchema(client)) ?? 'public'))
    hash.update(`${name}\0${sql}\0`)
  return hash.digest('hex').slice(0, 16)
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
