import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { openStore, type Store } from '../../../src/store/connection/connect.js'
import { migrate } from '../../../src/store/schema/migrate.js'
import { onServer, withDatabase } from '../../database.js'
import { rowsOf } from '../asking.js'

/** A database whose owner installs the extension without being a superuser, and a tenant who owns tables in it. */
describe.skipIf(inject('engine') === 'embedded')(
  'an extension installed by a role that is not a superuser',
  () => {
    const id = randomUUID().slice(0, 8)
    const [name, installer, tenant, reader] = ['db', 'installer', 'tenant', 'reader'].map(
      (what) => `lsh_test_${what}_${id}`,
    ) as [string, string, string, string]
    const server = process.env.PG_LSH_TEST_URL ?? ''
    const stores = new Map<string, Store>()

    /** Runs a statement as a role. */
    async function as<T>(role: string, text: string): Promise<T[]> {
      return rowsOf<T>(stores.get(role) as Store, text)
    }

    beforeAll(async () => {
      await onServer(server, async (client) => {
        for (const role of [installer, tenant, reader]) await client.query(`create role ${role}`)
        await client.query(`create database ${name} owner ${installer}`)
      })
      // If pgvector is not a trusted extension, only a superuser can create it.
      await onServer(withDatabase(server, name), (client) =>
        client.query(`create extension vector; create schema theirs authorization ${tenant}`),
      )
      for (const role of [installer, tenant, reader]) {
        const url = new URL(withDatabase(server, name))
        url.searchParams.set('options', `-c role=${role}`)
        stores.set(role, await openStore(url.toString()))
      }
      await migrate(stores.get(installer) as Store)
      for (const store of stores.values()) await store.learnTypes()
      await as(installer, `select lsh.grant_create('${tenant}')`)
    })

    afterAll(async () => {
      for (const store of stores.values()) await store.close()
      await onServer(server, async (client) => {
        await client.query(`drop database if exists ${name} with (force)`)
        for (const role of [installer, tenant, reader]) await client.query(`drop role ${role}`)
      })
    })

    it('has no event triggers, which only superusers can create', async () => {
      expect(await as(installer, 'select from pg_event_trigger')).toEqual([])
    })

    it('maintains codes of all rows of a tenant, even those that policies hide from every other role', async () => {
      await as(tenant, 'create table theirs.doc (id int primary key, v vector(3), secret boolean)')
      await as(
        tenant,
        `insert into theirs.doc
       select i, array[sin(i), cos(i), i % 7]::vector, i % 2 = 0 from generate_series(1, 100) as i`,
      )
      await as(tenant, 'alter table theirs.doc enable row level security')
      await as(tenant, 'create policy half on theirs.doc using (not secret)')
      await as(tenant, `select lsh.create_family('theirs', 'theirs.doc', 'v', bits => 64)`)
      await as(tenant, `select lsh.create_index('theirs.doc', 'v', 'theirs')`)
      await as(tenant, `grant usage on schema theirs to ${reader}, ${installer}`)
      await as(tenant, `grant insert on theirs.doc to ${reader}, ${installer}`)
      await as(tenant, 'create policy all_write on theirs.doc for insert with check (true)')
      await as(reader, `insert into theirs.doc values (1000, '[1,2,3]', true)`)
      await as(installer, `insert into theirs.doc values (1001, '[1,2,4]', true)`)
      expect(await as(tenant, 'select count(*)::int from lsh_index.doc')).toEqual([{ count: 102 }])
      expect(await as(tenant, `select * from lsh.verify_index('doc')`)).toEqual([])
    })

    it('returns to other roles only the rows that policies show them', async () => {
      await as(tenant, `select lsh.grant_search('doc', '${reader}')`)
      const found = await as<{ key: string }>(
        reader,
        `select key from lsh.search('doc', '[1,2,3]', k => 60, stage => 'scan')`,
      )
      expect(found).toHaveLength(50)
      expect(found.every(({ key }) => Number(key) % 2 === 1)).toBe(true)
    })

    it('gives its own owner no rights on the tables of a tenant', async () => {
      for (const text of [
        `select * from lsh.search('doc', '[1,2,3]')`,
        `select * from lsh.verify_index('doc', repair => true)`,
        `select lsh.drop_index('doc')`,
        `select lsh.create_index('theirs.doc', 'v', 'theirs', 'his')`,
      ])
        await expect(as(installer, text), text).rejects.toMatchObject({ code: '42501' })
    })

    it('notices changed columns on the next write or search', async () => {
      await as(tenant, 'alter table theirs.doc rename column id to number')
      for (const text of [
        `insert into theirs.doc values (2000, '[1,2,3]', false)`,
        `select * from lsh.search('doc', '[1,2,3]')`,
      ])
        await expect(as(tenant, text), text).rejects.toMatchObject({
          code: '42703',
          hint: expect.stringContaining('lsh.mend_index'),
        })
      await as(tenant, `select lsh.mend_index('doc')`)
      await as(tenant, `insert into theirs.doc values (2000, '[1,2,3]', false)`)
      await as(tenant, 'alter table theirs.doc alter column number type bigint')
      await as(tenant, `select lsh.mend_index('doc')`)
      await as(tenant, `insert into theirs.doc values (3000000000, '[1,2,3]', false)`)
      expect(await as(tenant, `select * from lsh.verify_index('doc')`)).toEqual([])
      const found = await as<{ key: string }>(
        reader,
        `select key from lsh.search('doc', '[1,2,3]', k => 60, stage => 'scan')`,
      )
      expect(found).toHaveLength(52)
    })

    it('frees the name of an index whose table was dropped', async () => {
      await as(tenant, 'drop table theirs.doc')
      await as(tenant, 'create table theirs.doc (id int primary key, v vector(3))')
      await as(tenant, `select lsh.create_index('theirs.doc', 'v', 'theirs')`)
      expect(await as(tenant, `select from lsh.index`)).toHaveLength(1)
    })
  },
)
