import { beforeAll, describe, expect, it } from 'vitest'
import { useTestDatabase } from '../../database.js'
import { rowsOf, valueOf, warningsOf } from '../asking.js'
import { asRole, useRoles } from '../roles.js'

const database = useTestDatabase()
const { owner, tenant } = useRoles(database, ['owner', 'tenant'])
const query = <T>(text: string) => rowsOf<T>(database.store, text)

/** Even keys belong to the tenant. */
const theirs = (key: number | string) => Number(key) % 2 === 0

interface Found {
  key: string
}

beforeAll(async () => {
  await query(`select lsh.grant_create('${owner}')`)
  await query(`create schema app authorization ${owner}`)
  await asRole(database, owner, async (ask) => {
    await ask(`grant usage on schema app to ${tenant}`)
    await ask('create table app.doc (id int primary key, v vector(3), tenant text)')
    await ask(
      `insert into app.doc
       select i, array[sin(i), cos(i), i % 7]::vector, case i % 2 when 0 then '${tenant}' else 'other' end
       from generate_series(1, 400) as i`,
    )
    await ask(`select lsh.create_family('doc', 'app.doc', 'v', bits => 64, kind => 'sign')`)
    await ask(`select lsh.create_index('app.doc', 'v', 'doc')`)
    await ask(`select lsh.create_index('app.doc', 'v', 'doc', 'open', security => 'open')`)
    for (const index of ['doc', 'open'])
      await ask(`select lsh.grant_search('${index}', '${tenant}')`)
    await ask(`grant select, insert, update, delete on app.doc to ${tenant}`)
    // Row-level security is enabled after the indexes exist.
    await ask('alter table app.doc enable row level security')
    await ask(`create policy own on app.doc to ${tenant} using (tenant = current_user)`)
  })
})

describe('a role that policies hide rows from', () => {
  it.each([`stage => 'buckets'`, `stage => 'scan'`, `stage => 'exact'`, 'probes => 1'])(
    'finds k of the rows that it may see, with %s',
    async (how) => {
      const search = `select key from lsh.search('doc', '[0.5,0.5,3]', k => 20, candidates => 400, ${how})`
      await asRole(database, tenant, async (ask) => {
        const found = await ask<Found>(search)
        expect(found).toHaveLength(20)
        expect(found.every(({ key }) => theirs(key))).toBe(true)
        const nearest = await ask<Found>(
          `select key from lsh.search_exact('doc', '[0.5,0.5,3]', k => 20)`,
        )
        if (how.startsWith('stage')) expect(found).toEqual(nearest)
      })
    },
  )

  it('sees neither keys nor codes of hidden rows', async () => {
    await asRole(database, tenant, async (ask) => {
      const keys = await ask<{ key: number }>('select key from lsh_index.doc')
      expect(keys).toHaveLength(200)
      expect(keys.every(({ key }) => theirs(key))).toBe(true)
      expect(await ask('select from lsh_index.doc where key = 1')).toEqual([])
      // A cheap function that reports its arguments runs after the policy.
      await ask(
        `create function pg_temp.told(key int) returns boolean language plpgsql cost 0.0001 as
         $$ begin if key % 2 = 1 then raise exception 'told %', key; end if; return true; end $$`,
      )
      expect(await ask('select from lsh_index.doc where pg_temp.told(key)')).toHaveLength(200)
    })
  })

  it('gets counts and comparisons of visible rows only', async () => {
    await asRole(database, tenant, async (ask) => {
      const [stats] = await ask<{ rows: string; codes: string }>(
        `select rows, codes from lsh.index_stats('doc')`,
      )
      expect(stats).toEqual({ rows: '200', codes: '200' })
      const [explained] = await ask<{ visited: number }>(
        `select visited from lsh.explain_search('doc', '[1,2,3]', stage => 'scan')`,
      )
      expect(explained).toEqual({ visited: 200 })
      const compared = await ask<{ recall: number }>(
        `select recall from lsh.compare('doc', '{2,4}', '{10}', candidates => 400)`,
      )
      expect(compared).toEqual([{ recall: 1 }, { recall: 1 }])
      await expect(ask(`select * from lsh.compare('doc', '{1}')`)).rejects.toMatchObject({
        code: 'P0002',
      })
      await expect(
        ask(`select * from lsh.nearest(null::app.doc, item => '1')`),
      ).rejects.toMatchObject({ code: 'P0002' })
    })
  })

  it('may not verify or repair the index', async () => {
    await asRole(database, tenant, async (ask) => {
      for (const repair of [false, true])
        await expect(
          ask(`select * from lsh.verify_index('doc', repair => ${repair})`),
        ).rejects.toMatchObject({ code: '42501', hint: expect.stringContaining(owner) })
    })
    expect(await query(`select * from lsh.verify_index('doc')`)).toEqual([])
  })

  it('can write rows that it sees, which updates their codes', async () => {
    await asRole(database, tenant, async (ask) => {
      await ask(`insert into app.doc values (1000, '[9,9,9]', current_user)`)
      await ask(`update app.doc set v = '[8,8,8]' where id in (1, 2)`)
      await ask('delete from app.doc where id in (3, 4)')
    })
    expect(await query(`select * from lsh.verify_index('doc')`)).toEqual([])
    expect(await valueOf(database.store, 'select count(*)::int from lsh_index.doc')).toBe(400)
  })

  it('sees keys and codes of all rows in an index with security "open"', async () => {
    await asRole(database, tenant, async (ask) => {
      expect(await ask('select from lsh_index.open')).toHaveLength(400)
      const found = await ask<Found>(
        `select key from lsh.search('open', '[1,2,3]', k => 20, stage => 'scan')`,
      )
      expect(found.every(({ key }) => theirs(key))).toBe(true)
    })
  })

  it('still sees only its own rows after the table is renamed and reindexed', async () => {
    await query('alter table app.doc rename to renamed')
    await query(`alter table app.renamed rename column id to number`)
    await query(`select lsh.create_family('finer', 'app.renamed', 'v', bits => 128)`)
    await query(`select lsh.reindex('doc', 'finer')`)
    await asRole(database, tenant, async (ask) => {
      expect(await ask('select from lsh_index.doc')).toHaveLength(200)
      const found = await ask<Found>(
        `select key from lsh.search('doc', '[1,2,3]', k => 20, stage => 'scan')`,
      )
      expect(found.every(({ key }) => theirs(key))).toBe(true)
    })
    await query('alter table app.renamed rename to doc')
    await query('alter table app.doc rename column number to id')
  })
})

describe('a table with policies', () => {
  it('is indexed with a warning about row-level security', async () => {
    const warnings = await warningsOf(
      database.store,
      `select lsh.create_index('app.doc', 'v', 'doc', 'warned')`,
    )
    expect(warnings).toEqual([expect.stringContaining('row-level security')])
  })

  it('is refused if policies are forced on its owner, also on writes if they are forced later', async () => {
    await query('alter table app.doc force row level security')
    await asRole(database, owner, async (ask) => {
      await expect(
        ask(`select lsh.create_index('app.doc', 'v', 'doc', 'forced')`),
      ).rejects.toMatchObject({ code: '55000', hint: expect.stringContaining('no force') })
      await expect(ask(`select * from lsh.verify_index('doc')`)).rejects.toMatchObject({
        code: '42501',
      })
    })
    await expect(
      query(`insert into app.doc values (2001, '[1,1,1]', 'other')`),
    ).rejects.toMatchObject({ code: '55000', hint: expect.stringContaining('no force') })
    await query('alter table app.doc no force row level security')
    await query(`insert into app.doc values (2001, '[1,1,1]', 'other')`)
    expect(await query(`select * from lsh.verify_index('doc')`)).toEqual([])
  })
})
