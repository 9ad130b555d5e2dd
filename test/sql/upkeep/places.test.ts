import { randomUUID } from 'node:crypto'
import { afterAll, describe, expect, inject, it } from 'vitest'
import { openStore } from '../../../src/store/connection/connect.js'
import { migrate } from '../../../src/store/schema/migrate.js'
import { onServer, openTestDatabase, withDatabase } from '../../database.js'
import { rowsOf, type Asked } from '../asking.js'

/** Uses all of the schema lsh on a new table. */
async function useAll(asked: Asked, vector = 'vector'): Promise<void> {
  const ask = <T>(text: string) => rowsOf<T>(asked, text)
  await ask('create schema if not exists app')
  await ask(`create table app.doc (id text primary key, v ${vector}(3))`)
  await ask(
    `insert into app.doc select 'k' || i, array[sin(i), cos(i), i % 7]::${vector} from generate_series(1, 300) as i`,
  )
  for (const kind of ['kernel', 'sign', 'qary'])
    await ask(
      `select lsh.create_family('${kind}', 'app.doc', 'v', bits => 64, kind => '${kind}', bucket_bits => 2)`,
    )
  await ask(`select lsh.create_index('app.doc', 'v', 'sign')`)
  await ask(`insert into app.doc values ('new', '[1,2,3]')`)
  await ask(`update app.doc set v = '[3,2,1]' where id = 'k1'`)
  await ask(`delete from app.doc where id = 'k2'`)
  for (const stage of ['scan', 'buckets', 'exact'])
    expect(
      await ask(
        `select key from lsh.search('doc', '[1,2,3]', k => 1, stage => '${stage}', filter => '{"id": {"gte": "a"}}')`,
      ),
    ).toEqual([{ key: 'new' }])
  await ask(`select near from lsh.nearest(null::app.doc, item => 'new')`)
  await ask(`select * from lsh.explain_search('doc', '[1,2,3]', stage => 'buckets')`)
  await ask(`select * from lsh.compare('doc', '{new}')`)
  await ask(`select * from lsh.tune('doc', sample => 2)`)
  await ask(`select * from lsh.index_stats('doc')`)
  await ask(`select lsh.reindex('doc', 'kernel')`)
  await ask(`select lsh.reindex('doc', 'qary', build => 'later')`)
  await ask(`call lsh.build_index('doc_next')`)
  await ask(`select lsh.switch_index('doc', 'doc_next')`)
  expect(await ask(`select * from lsh.verify_index('doc', repair => true)`)).toEqual([])
  await ask(`select lsh.drop_index('doc'), lsh.drop_family('sign')`)
}

describe('sessions with all extra checks of PL/pgSQL', () => {
  it('can use all functions', async () => {
    const { store, close } = await openTestDatabase()
    await store.db.connection().execute(async (connection) => {
      for (const setting of ['extra_errors', 'extra_warnings'])
        await rowsOf({ db: connection }, `set plpgsql.${setting} = 'all'`)
      await rowsOf({ db: connection }, `set plpgsql.variable_conflict = 'use_column'`)
      await rowsOf({ db: connection }, 'set default_transaction_isolation = default')
      await useAll({ db: connection })
    })
    await close()
  })
})

describe('settings of a session that change the format of values', () => {
  it('do not change results', async () => {
    const { store, close } = await openTestDatabase()
    await store.db.connection().execute(async (connection) => {
      for (const text of [
        `set datestyle = 'German'`,
        `set intervalstyle = 'sql_standard'`,
        `set bytea_output = 'escape'`,
        'set extra_float_digits = 0',
        'set standard_conforming_strings = off',
        'set escape_string_warning = off',
        'set quote_all_identifiers = on',
        'set enable_seqscan = off',
        'set enable_indexscan = off',
        'set jit = on',
        'set row_security = on',
        'set search_path = pg_temp',
      ])
        await rowsOf({ db: connection }, text)
      await useAll({ db: connection }, 'public.vector')
    })
    await close()
  })
})

describe('a database', () => {
  const made: string[] = []

  /** Creates a database with the options, runs the statements in it and returns its URL. */
  async function make(options: string, prepare: readonly string[]): Promise<string> {
    const server = process.env.PG_LSH_TEST_URL ?? ''
    const name = `lsh_test_place_${randomUUID().replaceAll('-', '')}`
    made.push(name)
    await onServer(server, (client) =>
      client.query(`create database ${name} template template0 ${options}`),
    )
    const place = withDatabase(server, name)
    await onServer(place, async (client) => {
      for (const text of prepare) await client.query(text.replace('$', () => name))
    })
    return place
  }

  afterAll(async () => {
    for (const name of made)
      await onServer(process.env.PG_LSH_TEST_URL ?? '', (client) =>
        client.query(`drop database if exists ${name} with (force)`),
      )
  })

  it.skipIf(inject('engine') === 'embedded').each([
    { what: 'in LATIN1', options: `encoding 'LATIN1' locale 'C'` },
    { what: 'in EUC_JP', options: `encoding 'EUC_JP' locale 'C'` },
    { what: 'in SQL_ASCII', options: `encoding 'SQL_ASCII' locale 'C'` },
    {
      what: 'with pgvector in a schema outside the search path',
      vector: '"Odd ext"."vector"',
      prepare: ['create schema "Odd ext"', 'create extension vector schema "Odd ext"'],
    },
    {
      what: 'whose search path lacks the schema public',
      vector: 'public.vector',
      prepare: [
        'create schema app',
        'alter database $ set search_path = app',
        'create extension vector schema public',
      ],
    },
    {
      what: 'without the schema public',
      vector: 'ext.vector',
      prepare: [
        'drop schema public',
        'create schema ext',
        'create extension vector schema ext',
        'alter database $ set search_path = ext',
      ],
    },
  ])('$what can be migrated and used', async ({ options = '', vector, prepare = [] }) => {
    const store = await openStore(await make(options, prepare))
    try {
      await migrate(store)
      expect(await migrate(store)).toEqual({ applied: [], installed: false })
      await useAll(store, vector)
    } finally {
      await store.close()
    }
  })

  it.skipIf(inject('engine') === 'embedded')(
    'can be migrated after pgvector is moved to another schema',
    async () => {
      const place = await make('', [])
      const store = await openStore(place)
      try {
        await migrate(store)
        await rowsOf(store, 'create table kept (id int primary key, v vector(3))')
        await rowsOf(
          store,
          `insert into kept select i, array[sin(i), cos(i), 1]::vector from generate_series(1, 50) as i`,
        )
        await rowsOf(store, `select lsh.create_family('kept', 'kept', 'v', bits => 64)`)
        await rowsOf(store, `select lsh.create_index('kept', 'v', 'kept')`)
        await rowsOf(store, 'create schema other')
        await rowsOf(store, 'alter extension vector set schema other')
        expect((await migrate(store)).installed).toBe(true)
        await rowsOf(store, `insert into kept values (1000, '[1,2,3]')`)
        expect(await rowsOf(store, `select * from lsh.verify_index('kept')`)).toEqual([])
        await useAll(store, 'other.vector')
      } finally {
        await store.close()
      }
    },
  )
})
