import { readdir } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { sql } from 'kysely'
import pg from 'pg'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { LshError } from '../../../src/core/errors.js'
import { openStore, type Store } from '../../../src/store/connection/connect.js'
import { createFamily, createIndex } from '../../../src/store/codes/create-index.js'
import type { Features } from '../../../src/store/connection/database.js'
import { encodeSpace } from '../../../src/store/encode/features.js'
import { exportDataset } from '../../../src/store/plans/export-dataset.js'
import { fillIndex } from '../../../src/store/codes/fill-index.js'
import { loadPlans } from '../../../src/store/plans/load-plans.js'
import { loadVectors } from '../../../src/store/vectors/load-vectors.js'
import { appliedMigration } from '../../../src/store/schema/migration-files.js'
import { installedSqlVersion, migrate } from '../../../src/store/schema/migrate.js'
import { openDatabase } from '../../../src/store/connection/open-database.js'
import { addPackedEncoder, packEncoder } from '../../../src/store/spaces/exchange-encoder.js'
import { trainSpaces } from '../../../src/store/encode/train-spaces.js'
import { choosePlans, unloadPlans } from '../../../src/store/plans/unload.js'
import { verifyPlans } from '../../../src/store/verify/verify-plans.js'
import { endToEnd } from '../../../src/core/vector.js'
import type { VectorFile } from '../../../src/ingest/vectors/vector-block.js'
import { compareSpace } from '../../../src/compare/compare-space.js'
import { openTestDatabase, useTestDatabase } from '../../database.js'
import { clumps } from '../../hash/sample.js'
import { temporaryFolder } from '../../ingest/fixtures.js'
import { listOpenKbp } from '../../../src/ingest/openkbp/openkbp.js'
import type { PlanSource } from '../../../src/ingest/plan-source.js'
import { writeTinyPlans } from '../../cli/tiny-plans.js'
import { openProxy } from './proxy.js'
import { collectStrays, loseAtEachStep, type LostCall } from './losing.js'
import { makeIndex, makeSpace } from '../codes/made-space.js'
import { addEncoder } from '../../../src/store/spaces/encoders.js'
import { smallPixels } from '../encode/trained.js'

const onServer = inject('engine') === 'server'
const database = useTestDatabase()
const dims = 8

/** The first row of a query as text. */
async function told(store: Store, text: string): Promise<unknown> {
  return (await store.pool.query<Record<string, unknown>>(text)).rows[0]
}

/** A file whose blocks arrive slowly, so that each is written while the next is awaited. */
function slowFile(): VectorFile {
  const rows = clumps({ dims, rows: 1200, seed: 3 })
  return {
    dims,
    rows: rows.length,
    async *blocks() {
      for (let at = 0; at < rows.length; at += 100) {
        await setTimeout(10)
        const some = rows.slice(at, at + 100)
        yield { keys: some.map((_, i) => at + i), vectors: endToEnd(some), codes: null }
      }
    },
  }
}

async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const row of rows) found.push(row)
  return found
}

interface Tables {
  'space.made': Features<typeof dims>
}

/** Ignores an error that says that a lost call has already committed its work; throws any other. */
function unlessThere(error: unknown): void {
  if (!(error instanceof Error) || !/already|is taken/.test(error.message)) throw error
}

async function unloadTiny(store: Store): Promise<void> {
  await store.pool.query(
    `select cbir.delete_plan(plan.id)
     from cbir.plan join cbir.patient on patient.id = patient_id where dataset = 'tiny'`,
  )
}

async function tinyPlans(): Promise<PlanSource[]> {
  const folder = await temporaryFolder()
  await writeTinyPlans(folder, 3)
  return (await listOpenKbp(folder)).map((source) => ({ kind: 'openkbp', source }))
}

describe.runIf(onServer)(
  'a call whose connection is lost is rejected without unhandled errors',
  () => {
    beforeAll(async () => {
      const { store } = database
      await makeSpace(store, { dims })
      await makeIndex(store)
      await store.transaction(async (transaction) =>
        addEncoder(transaction, await smallPixels(), {
          name: 'pixel',
          dataset: 'made',
          trainedOn: [],
        }),
      )
      await encodeSpace(store, 'pixel')
      await store.pool.query(
        `select lsh.create_family('pixel', 'space.pixel', 'embedding', bits => 32, kind => 'sign')`,
      )
      await store.pool.query(
        `select lsh.create_index('space.pixel', 'embedding', 'pixel', 'pixel')`,
      )
      await store.pool.query(`create table lost (id int primary key, v vector(${dims}))`)
      await store.pool.query(`insert into lost select item_id, embedding from space.made`)
      await store.pool.query(`select lsh.create_index('lost', 'v', 'made', 'lost_trigger')`)
      await store.pool.query(
        `select lsh.create_index('lost', 'v', 'made', 'lost_loader', maintain => 'loader')`,
      )
    })

    const emptied = (store: Store, from: number) =>
      store.pool.query(
        `delete from lost where id >= ${from}; delete from lsh_index.lost_loader where key >= ${from}`,
      )
    const lostRows = (store: Store) =>
      told(
        store,
        `select count(*)::int as rows, (select count(*)::int from lsh_index.lost_trigger) as codes,
         (select count(*)::int from lsh.verify_index('lost_trigger')
          where problem not like '%statistics%') as wrong,
         (select string_agg(tgenabled::text, '' order by tgname) from pg_trigger
          where tgrelid = 'lost'::regclass) as triggers from lost`,
      )

    const calls: Record<string, LostCall> = {
      'loadVectors into a filled table': {
        before: (store) => emptied(store, 100),
        run: (store) => loadVectors(store, 'lost', slowFile(), { seconds: 0 }),
        after: lostRows,
      },
      'loadVectors into an empty table': {
        before: (store) => emptied(store, 0),
        run: (store) => loadVectors(store, 'lost', slowFile(), { seconds: 0 }),
        after: lostRows,
      },
      loadPlans: {
        before: unloadTiny,
        run: async (store) =>
          (await all(loadPlans(store, 'tiny', await tinyPlans(), { seconds: 0 }))).length,
        after: (store) =>
          told(store, `select array_agg(checksum order by source_key) as plans from cbir.plan`),
      },
      encodeSpace: {
        before: (store) => store.pool.query('truncate space.pixel'),
        run: (store) => encodeSpace(store, 'pixel'),
        after: (store) => told(store, 'select count(*)::int as rows from space.pixel'),
      },
      createFamily: {
        before: (store) =>
          store.pool.query(`select lsh.drop_family(name) from lsh.family where name = 'mine'`),
        run: (store) => createFamily(store, 'made', { name: 'mine', bits: 64 }).catch(unlessThere),
        after: (store) => told(store, `select checksum from lsh.family where name = 'mine'`),
      },
      createIndex: {
        before: (store) =>
          store.pool.query(`select lsh.drop_index(name) from lsh.index where name = 'second'`),
        run: (store) =>
          createIndex(store, 'made', { name: 'second', family: 'made' }).catch(unlessThere),
        after: (store) => told(store, `select count(*)::int as codes from lsh_index.second`),
      },
      fillIndex: {
        before: (store) => store.pool.query('truncate lsh_index.lost_loader'),
        run: (store) => fillIndex(store, 'lost_loader'),
        after: (store) => told(store, `select count(*)::int as codes from lsh_index.lost_loader`),
      },
      exportDataset: {
        run: async (store) => {
          const folder = await temporaryFolder()
          const options = { spaces: ['made'], format: 'parquet', folder } as const
          const files = await exportDataset(store, 'made', options)
          expect(await readdir(folder)).toHaveLength(files.length)
          return files.map(({ rows }) => rows)
        },
      },
      unloadPlans: {
        before: async (store) => {
          await unloadTiny(store)
          await all(loadPlans(store, 'tiny', await tinyPlans()))
        },
        run: async (store) => {
          const plans = await choosePlans(store, { dataset: 'tiny' }).catch((error: unknown) => {
            if (error instanceof LshError && error.code === 'LSH01') return []
            throw error
          })
          await all(unloadPlans(store, plans, { seconds: 0 }))
        },
        after: (store) => told(store, 'select count(*)::int as plans from cbir.plan'),
      },
      migrate: {
        before: (store) => store.pool.query(`comment on schema lsh is 'older; sql 0'`),
        run: (store) => migrate(store).then(() => 'done'),
        after: (store) =>
          told(store, `select obj_description(to_regnamespace('lsh'), 'pg_namespace') as version`),
      },
      compareSpace: {
        run: async (store) =>
          (await compareSpace(store, 'made', [1, 2, 3], { k: 3 })).map(({ item_id }) => item_id),
      },
      'a stream of rows': {
        run: (store) =>
          all(
            store.db
              .selectNoFrom(sql<string>`repeat('x', 1000) || generate_series(1, 500)`.as('text'))
              .stream(20),
          ),
      },
      'a stream that is left early': {
        run: async (store) => {
          const numbers = sql<number>`generate_series(1, 5000)`.as('number')
          for await (const { number } of store.db.selectNoFrom(numbers).stream(100))
            if (number > 1000) return number
          return 0
        },
      },
      'a transaction of Kysely': {
        run: (store) =>
          store.db.transaction().execute(async (db) => {
            await sql`select pg_advisory_xact_lock(1)`.execute(db)
            return (await sql`select 1 as one`.execute(db)).rows
          }),
      },
      trainSpaces: {
        before: (store) =>
          store.pool.query(
            `select cbir.drop_space(name) from cbir.encoder where encoder.name = 'pixels'`,
          ),
        run: (store) => trainSpaces(store, 'made', ['pixels'], { size: 16 }).catch(unlessThere),
        after: (store) =>
          told(store, `select checksum, trained_on from cbir.encoder where name = 'pixels'`),
      },
      'packEncoder and addPackedEncoder': {
        before: (store) =>
          store.pool.query(
            `select cbir.drop_space(name) from cbir.encoder where encoder.name = 'copy'`,
          ),
        run: async (store) =>
          addPackedEncoder(store, await packEncoder(store, 'pixel'), { name: 'copy' }).catch(
            unlessThere,
          ),
        after: (store) => told(store, `select checksum from cbir.encoder where name = 'copy'`),
      },
      'openStore and a statement': {
        run: async (_, url) => {
          const store = await openStore(url)
          return told(store, 'select 1 as one').finally(() => store.close())
        },
      },
    }

    it.each(Object.entries(calls))(
      'in %s',
      async (name, call) => {
        const { runs, lost } = await loseAtEachStep(database.place, call, { seed: name.length })
        expect(lost).toBeGreaterThan(runs / 2)
      },
      300_000,
    )

    it('in migrate of an empty database', async () => {
      const empty = await openTestDatabase()
      const call: LostCall = {
        before: () => migrate(empty.store, { direction: 'down' }),
        run: (store) => migrate(store).then(() => 'done'),
        after: async ({ pool }) => [await appliedMigration(pool), await installedSqlVersion(pool)],
      }
      const { runs, lost } = await loseAtEachStep(empty.place, call, { seed: 1, moments: 3 })
      await empty.close()
      expect(lost).toBeGreaterThan(runs / 2)
    }, 300_000)

    it('in verifyPlans', async () => {
      const loaded = await openTestDatabase()
      const { store } = loaded
      const plans = await tinyPlans()
      await all(loadPlans(store, 'tiny', plans))
      await store.transaction(async (transaction) =>
        addEncoder(transaction, await smallPixels(), {
          name: 'pixel',
          dataset: 'tiny',
          trainedOn: [],
        }),
      )
      await encodeSpace(store, 'pixel')
      const call: LostCall = { run: (cut) => all(verifyPlans(cut, 'tiny', plans)) }
      const { runs, lost } = await loseAtEachStep(loaded.place, call, { seed: 2 })
      await loaded.close()
      expect(lost).toBeGreaterThan(runs / 2)
    }, 300_000)

    it('while idle, also in a pool of the caller', async () => {
      const strays = collectStrays()
      const proxy = await openProxy(database.place)
      const store = await openStore(proxy.url)
      const pool = new pg.Pool({ connectionString: proxy.url })
      await openDatabase<Tables>({ pool })
      const held = await pool.connect()
      await pool.query('select 1')
      for (const how of ['end', 'reset'] as const) {
        await store.pool.query('select 1')
        proxy.cut(20, how)
        await setTimeout(60)
      }
      await expect(held.query('select 1')).rejects.toThrow(/not queryable/)
      held.release()
      expect((await store.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
      expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }])
      await Promise.all([store.close(), pool.end()])
      expect(strays).toEqual([])
    })
  },
)
