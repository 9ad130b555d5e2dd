/** Databases upgraded from a release, from the dump that `npm run freeze` keeps of it. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { openStore } from '../../src/store/connection/connect.js'
import { migrate } from '../../src/store/schema/migrate.js'
import type pg from 'pg'
import { onServer, withDatabase } from '../on-server.js'
import { machineOf, runProgram } from '../sql/extension/machine.js'
import { KINDS } from '../sql/extension/using.js'

/** Restores the filled database of a release and migrates it to this version. */
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

/** Does the same and then empties the database, for tests that start with an empty one. */
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
 * Removes the column options "pg_attver" that PostgreSQL 17.12 sets. Older releases of 18, such as Debian's 18.6,
 * reject dumps with them, so that pg_upgrade fails for every table. Only for databases that are deleted after a test.
 */
export async function forgetMarks(client: pg.Client): Promise<void> {
  await client.query('set allow_system_table_mods = on')
  await client.query(
    `update pg_attribute
     set attoptions = nullif(array(select mark from unnest(attoptions) as mark where mark not like 'pg_attver=%'), '{}')
     where attoptions::text like '%pg_attver=%'`,
  )
}
