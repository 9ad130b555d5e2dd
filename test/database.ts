/**
 * Databases for tests, on the engine of the vitest project: `const database = useTestDatabase()` at the
 * top of a file gives the file a migrated database of its own. `database.store` is open from the first
 * test on; `database.place` is what `--db` takes. Close the store before another process opens the place,
 * as only one process can open an embedded database. Work that changes data can run in `inTransaction`,
 * which rolls back.
 */
import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, inject } from 'vitest'
import { openStore, type Store, type Transaction } from '../src/store/connection/connect.js'
import { migrate } from '../src/store/schema/migrate.js'
import { onServer, withDatabase } from './on-server.js'

export { onServer, withDatabase }

export interface TestDatabase {
  /** Directory or URL, as `--db` takes it. */
  readonly place: string
  readonly store: Store
  close(): Promise<void>
}

/** One migrated database for the tests of a file. */
export function useTestDatabase(): TestDatabase {
  let database: TestDatabase | undefined
  const current = () => {
    if (!database) throw new Error('the test database is open only while tests run')
    return database
  }
  beforeAll(async () => {
    database = await openTestDatabase()
  })
  afterAll(async () => {
    await database?.close()
  })
  return {
    get place() {
      return current().place
    },
    get store() {
      return current().store
    },
    close: () => current().close(),
  }
}

/** A fresh migrated database; the caller closes it. (Default: on the engine of the project) */
export async function openTestDatabase(engine = inject('engine')): Promise<TestDatabase> {
  return engine === 'server' ? openOnServer() : openEmbedded()
}

/** Runs work in a transaction that is always rolled back. */
export async function inTransaction(
  store: Store,
  work: (transaction: Transaction) => Promise<void>,
): Promise<void> {
  const rollback = new Error('rolled back on purpose')
  await store
    .transaction(async (transaction) => {
      await work(transaction)
      throw rollback
    })
    .catch((error: unknown) => {
      if (error !== rollback) throw error
    })
}

async function openEmbedded(): Promise<TestDatabase> {
  const directory = await mkdtemp(join(tmpdir(), 'pg-lsh-test-'))
  await cp(await embeddedTemplate(), directory, { recursive: true })
  const store = await openStore(directory)
  const close = async () => {
    await store.close()
    await rm(directory, { recursive: true, force: true })
  }
  return { place: directory, store, close }
}

/** A migrated directory, created once for each version of the SQL and copied for each file of tests. */
async function embeddedTemplate(): Promise<string> {
  const template = join(tmpdir(), `pg-lsh-template-${await version()}`)
  if (existsSync(template)) return template
  const fresh = await mkdtemp(join(tmpdir(), 'pg-lsh-template-new-'))
  const store = await openStore(fresh)
  await migrate(store)
  await store.close()
  // Two workers may each have created one; the first rename succeeds.
  await rename(fresh, template).catch(() => rm(fresh, { recursive: true, force: true }))
  return template
}

async function openOnServer(): Promise<TestDatabase> {
  const url = process.env.PG_LSH_TEST_URL
  if (url === undefined) throw new Error('PG_LSH_TEST_URL is not set')
  const template = await serverTemplate(url)
  const name = `pg_lsh_test_${randomUUID().replaceAll('-', '')}`
  await onServer(url, (client) => client.query(`create database ${name} template ${template}`))
  const place = withDatabase(url, name)
  const store = await openStore(place)
  const close = async () => {
    await store.close()
    await onServer(url, (client) => client.query(`drop database if exists ${name} with (force)`))
  }
  return { place, store, close }
}

async function serverTemplate(url: string): Promise<string> {
  // Set by npm run test:upgraded.
  const given = process.env.PG_LSH_TEST_TEMPLATE
  if (given !== undefined) return given
  const name = `pg_lsh_template_${await version()}`
  await onServer(url, async (client) => {
    await client.query(`select pg_advisory_lock(hashtext('pg-lsh test template'))`)
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name])
    if (rowCount) return
    // Renamed only when complete, so that an interrupted run leaves no incomplete template.
    const fresh = `${name}_new`
    await client.query(`drop database if exists ${fresh} with (force)`)
    await client.query(`create database ${fresh}`)
    const store = await openStore(withDatabase(url, fresh))
    await migrate(store)
    await store.close()
    await client.query(`alter database ${fresh} rename to ${name}`)
  })
  return name
}

/** A hash of all SQL files, which changes with each of them. */
async function version(): Promise<string> {
  const hash = createHash('sha256')
  for (const folder of ['migrations', 'sql', 'sql/lsh', 'sql/cbir']) {
    const path = fileURLToPath(new URL(`../${folder}`, import.meta.url))
    for (const name of (await readdir(path)).sort())
      if (name.endsWith('.sql')) hash.update(await readFile(join(path, name)))
  }
  return hash.digest('hex').slice(0, 16)
}
