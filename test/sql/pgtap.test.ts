/**
 * Runs the pgTAP files of `test/pgtap` on a server with the extension pgtap, which docker/debian-server.sh installs.
 * `pg_prove` can run them as well, in any database that has pg-lsh.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import { describe, expect, inject, it } from 'vitest'
import { onServer, useTestDatabase } from '../database.js'

const folder = fileURLToPath(new URL('../pgtap/', import.meta.url))
/** Files with a test plan; the other files are included by these. */
const files = readdirSync(folder).filter(
  (name) =>
    name.endsWith('.sql') && /^select plan\(/m.test(readFileSync(join(folder, name), 'utf8')),
)
const url = process.env.PG_LSH_TEST_URL ?? ''
const available =
  inject('engine') === 'server' &&
  (await onServer(url, async (client) => {
    const { rowCount } = await client.query(
      `select from pg_available_extensions where name = 'pgtap'`,
    )
    return rowCount === 1
  }))
if (inject('engine') === 'server' && !available)
  process.stdout.write(
    'The pgTAP tests do not run: the server has no extension pgtap. On Debian: apt-get install postgresql-17-pgtap\n',
  )

/** The text of a file, with its includes. */
function statements(path: string): string {
  return readFileSync(path, 'utf8').replace(/^\\ir (\S+)$/gm, (_, name: string) =>
    statements(join(dirname(path), name)),
  )
}

/** The TAP output of a file, one line for each row. */
async function run(path: string, place: string): Promise<string[]> {
  const results = await onServer(place, (client) =>
    client.query({ text: statements(path), rowMode: 'array' }),
  )
  const all = [results].flat() as unknown as pg.QueryArrayResult<unknown[]>[]
  return all.flatMap(({ rows }) => rows.map(([line]) => String(line))).filter((line) => line !== '')
}

describe.skipIf(!available)('pgTAP (needs the extension pgtap)', () => {
  const database = useTestDatabase()

  it.each(files)('%s', async (name) => {
    const [plan, ...lines] = await run(join(folder, name), database.place)
    const planned = Number(/^1\.\.(\d+)$/.exec(plan ?? '')?.[1])
    expect(lines.filter((line) => !/^ok \d+\b/.test(line))).toEqual([])
    expect(lines).toHaveLength(planned)
  })
})
