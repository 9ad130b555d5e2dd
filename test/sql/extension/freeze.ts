/**
 * npm run freeze: stores the scripts of a release, and dumps of small databases filled by it, in `releases/<version>/`.
 * It can be run again until the release is published, but not afterwards.
 */
import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { extensionFiles } from '../../../scripts/extension/files.mjs'
import { openStore } from '../../../src/store/connection/connect.js'
import { createFamilyOf } from '../../../src/store/codes/create-family.js'
import { loadPlan } from '../../../src/store/plans/load-plan.js'
import { migrate } from '../../../src/store/schema/migrate.js'
import { onServer, withDatabase } from '../../on-server.js'
import { smallPlan } from '../../store/plans/small-plan.js'
import { rowsOf } from '../asking.js'
import { machineOf, putScripts, runProgram } from './machine.js'
import { allFindings, fill, KINDS } from './using.js'
import { packageVersion } from './version.js'

const url = process.env.PG_LSH_TEST_URL ?? ''
const folder = fileURLToPath(new URL(`releases/${packageVersion()}`, import.meta.url))
const found = url === '' ? null : await machineOf(url)
if (!found) throw new Error('PG_LSH_TEST_URL names no server whose files are on this machine')
const machine = found

/** Fills a database, and stores its dump and the results of searches. */
async function keep(name: string, install: (place: string) => Promise<unknown>): Promise<void> {
  const database = `lsh_freeze_${randomUUID().replaceAll('-', '')}`
  const place = withDatabase(url, database)
  await onServer(url, (client) => client.query(`create database ${database}`))
  try {
    await install(place)
    const store = await openStore(place)
    await fill(store)
    for (const kind of KINDS) {
      await createFamilyOf(
        store,
        { relation: 'document', column: 'embedding' },
        { name: kind, kind, bits: 32 },
      )
      await rowsOf(
        store,
        `select lsh.create_index('document', 'embedding', '${kind}', name => '${kind}')`,
      )
    }
    // Plans are not part of the extension.
    if (name === 'migrated')
      for (const number of [1, 2]) await loadPlan(store, 'made', smallPlan({ number, slices: 1 }))
    const rows = JSON.stringify(await allFindings(store))
    await store.close()
    const dump = await runProgram(machine, 'pg_dump', ['--no-owner', place])
    await pack(`${name}.sql.gz`, Buffer.from(dump, 'latin1'))
    await pack(`${name}.json.gz`, Buffer.from(rows))
  } finally {
    await onServer(url, (client) => client.query(`drop database ${database} with (force)`))
  }
}

const pack = (name: string, bytes: Buffer) =>
  writeFile(join(folder, name), gzipSync(bytes, { level: 9 }))

await mkdir(folder, { recursive: true })
const scripts = extensionFiles()
const install = `pg_lsh--${packageVersion()}.sql`
await pack(`${install}.gz`, Buffer.from(scripts[install] ?? ''))
await putScripts(machine, scripts)
await keep('extension', (place) =>
  onServer(place, (client) => client.query('create extension pg_lsh cascade')),
)
await keep('migrated', async (place) => {
  const store = await openStore(place)
  await migrate(store)
  await store.close()
})
