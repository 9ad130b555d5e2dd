/** Databases that came up from a release, by what `npm run freeze` has kept of it. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { openStore } from '../../src/store/connection/connect.js'
import { migrate } from '../../src/store/schema/migrate.js'
import type pg from 'pg'
import { onServer, withDatabase } from '../on-server.js'
import { machineOf, runProgram } from '../sql/extension/machine.js'
import { KINDS } from '../sql/extension/using.js'

/** Restores the filled database of a release, and brings it up to this version. */
export async function restoreKept(url: string, name: string, version: string): Promise<void> {
  const machine = await machineOf(url)
  if (!machine)
    throw new Error('The files of the server are out of reach; name one of this machine.')
  const path = new URL(`../sql/extension/releases/${version}/migrated.sql.gz`, import.meta.url)
  const place = withDatabase(url, name)
  await onServer(url, (client) => client.query(`create database ${name}`))
  await runProgram(machine, 'psql', ['-q', '-X', '-v', 'ON_ERROR_STOP=1', place], {
    input: gunzipSync(readFileSync(fileURLToPath(path))),
  })
  const store = await openStore(place)
  await migrate(store)
  await store.close()
}

/** The same with nothing in it, for tests that begin with an empty database. */
export async function makeEmptied(url: string, name: string, version: string): Promise<void> {
  await restoreKept(url, name, version)
  await onServer(withDatabase(url, name), async (client) => {
    for (const index of ['document', ...KINDS])
      await client.query(`select lsh.drop_index($1)`, [index])
    await client.query('drop table document')
    await client.query('truncate lsh.family, cbir.patient, cbir.item restart identity cascade')
    await client.query('alter sequence lsh.index_id_seq restart')
    await client.query('alter sequence cbir.plan_id_seq restart')
  })
}

/**
 * Takes the marks away that PostgreSQL 17.12 sets on columns. An 18 that is older, as Debian's 18.6, takes no dump with
 * them, and so pg_upgrade fails with any table. Only for databases that are deleted after a test.
 */
export async function forgetMarks(client: pg.Client): Promise<void> {
  await client.query('set allow_system_table_mods = on')
  await client.query(
    `update pg_attribute
     set attoptions = nullif(array(select mark from unnest(attoptions) as mark where mark not like 'pg_attver=%'), '{}')
     where attoptions::text like '%pg_attver=%'`,
  )
}
