import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { useTestDatabase } from '../../database.js'
import { expectRefusal, rowsOf, valueOf } from '../asking.js'
import { asRole, useRoles } from '../roles.js'

const database = useTestDatabase()
const { reader, keeper } = useRoles(database, ['reader', 'keeper'])
const query = <T>(text: string) => rowsOf<T>(database.store, text)

beforeAll(async () => {
  await query('create table doc (id int primary key, v vector(3))')
  await query(
    'insert into doc select i, array[sin(i), cos(i), i % 7]::vector from generate_series(1, 500) as i',
  )
  for (const [name, bits] of [
    ['narrow', 64],
    ['narrow_too', 64],
    ['wide', 256],
  ] as const)
    await query(
      `select lsh.create_family('${name}', 'doc', 'v', bits => ${bits}, seed => ${bits}, kind => 'sign')`,
    )
  await query(`select lsh.create_index('doc', 'v', 'narrow')`)
  await query(`grant select on doc to ${reader}`)
})

/** Properties of a code table that its successor must keep. */
const SETTINGS: Readonly<Record<string, string>> = {
  registry: `select stage, ranking, probes, candidates, security, maintain, state from lsh.index where name = 'doc'`,
  grants: `select grantee::regrole::text, privilege_type, is_grantable
    from pg_class cross join lateral aclexplode(relacl) as granted
    where oid = 'lsh_index.doc'::regclass and grantee <> relowner order by 1, 2`,
  columnGrants: `select attname, attacl::text from pg_attribute where attrelid = 'lsh_index.doc'::regclass and attacl is not null`,
  storage: `select reloptions, relreplident, relpersistence, relowner::regrole::text from pg_class where oid = 'lsh_index.doc'::regclass`,
  columns: `select attname, attstorage, attcompression,
    array(select option from unnest(attoptions) as option where option like 'n_distinct%') as options, to_jsonb(pg_attribute) ->> 'attstattarget' as target
    from pg_attribute where attrelid = 'lsh_index.doc'::regclass and attnum > 0 order by attname`,
  comments: `select objsubid, case objsubid when 0 then regexp_replace(description, 'family \\w+', 'family') else description end as said
    from pg_description where objoid = 'lsh_index.doc'::regclass order by objsubid`,
  indexes: `select regexp_replace(indexrelid::regclass::text, '\\d{4,}', 'oid') as name, indisprimary
    from pg_index where indrelid = 'lsh_index.doc'::regclass order by 1`,
  publications: `select pubname, attnames::text, rowfilter from pg_publication_tables where tablename = 'doc' order by 1`,
  views: `select viewname, viewowner, definition from pg_views where viewname like 'codes_%' order by 1`,
  viewGrants: `select relname, relacl::text, reloptions, obj_description(oid, 'pg_class') as said
    from pg_class where relname like 'codes_%' order by 1`,
  policies: `select polname from pg_policy where polrelid = 'lsh_index.doc'::regclass`,
}

async function settings(): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {}
  for (const [what, text] of Object.entries(SETTINGS)) found[what] = await query(text)
  return found
}

async function dress(): Promise<void> {
  for (const text of [
    `create index codes_graph on lsh_index.doc using hnsw (code bit_hamming_ops) with (m = 8)`,
    `create index "Odd ""name"" USING that" on lsh_index.doc (norm, key)`,
    `update lsh.index set stage = 'hnsw', ranking = 'asymmetric', probes = 3, candidates = 77 where name = 'doc'`,
    `select lsh.grant_search('doc', '${reader}')`,
    `grant select (key), update (norm) on lsh_index.doc to ${keeper}`,
    `grant select on lsh_index.doc to ${keeper} with grant option`,
    `alter table lsh_index.doc set (fillfactor = 80, autovacuum_enabled = false)`,
    `alter table lsh_index.doc alter column bucket set statistics 300`,
    `alter table lsh_index.doc alter column norm set (n_distinct = 100)`,
    `alter table lsh_index.doc alter column code set storage external`,
    `comment on column lsh_index.doc.norm is 'How long.'`,
    `create publication codes_all for table doc, lsh_index.doc`,
    `create publication codes_some for table lsh_index.doc (key, norm) where (key > 2)`,
    `create view codes_near as select key, bucket from lsh_index.doc where bucket < 4`,
    `create view codes_nearest with (security_barrier = true) as select key from codes_near where bucket = 0`,
    `comment on view codes_near is 'Near ones.'`,
    `grant select on codes_near to ${reader}`,
    `alter view codes_near owner to ${keeper}`,
  ])
    await query(text)
}

describe('lsh.reindex', () => {
  beforeAll(dress)

  it.each([
    { how: 'by a family of as many bits', family: 'narrow_too' },
    { how: 'by a family of more bits', family: 'wide' },
    { how: 'by its own family', family: 'wide' },
  ])('$how keeps settings, rights and dependent objects of the code table', async ({ family }) => {
    const before = await settings()
    await query(`select lsh.reindex('doc', '${family}')`)
    expect(await settings()).toEqual(before)
    expect(await query(`select * from lsh.verify_index('doc')`)).toEqual([])
    const plan = await query<{ chosen_stage: string }>(
      `select chosen_stage from lsh.explain_search('doc', '[1,2,3]')`,
    )
    expect(plan).toEqual([{ chosen_stage: 'hnsw' }])
    await asRole(database, reader, async (ask) => {
      expect(await ask(`select * from lsh.search('doc', '[1,2,3]', k => 5)`)).toHaveLength(5)
      expect((await ask('select from codes_near')).length).toBeGreaterThan(0)
    })
    await query(`insert into doc values (1000 + floor(1e6 * random()), '[1,2,3]')`)
    expect(await query(`select * from lsh.verify_index('doc')`)).toEqual([])
  })

  it('with build => "later" keeps them as well after the switch', async () => {
    const before = await settings()
    expect(await query(`select lsh.reindex('doc', 'narrow', build => 'later') as name`)).toEqual([
      { name: 'doc_next' },
    ])
    await query(`insert into doc values (2001, '[1,2,3]')`)
    await query(`call lsh.build_index('doc_next')`)
    await query(`insert into doc values (2002, '[1,2,3]')`)
    await query(`select lsh.switch_index('doc', 'doc_next')`)
    await query(`insert into doc values (2003, '[1,2,3]')`)
    expect(await settings()).toEqual(before)
    expect(await query(`select * from lsh.verify_index('doc')`)).toEqual([])
    expect(await query('select name from lsh.index')).toEqual([{ name: 'doc' }])
    expect(
      await valueOf(
        database.store,
        `select count(*)::int from pg_trigger where tgrelid = 'doc'::regclass`,
      ),
    ).toBe(6)
  })

  it('refuses to drop a materialized view on the code table, and changes nothing', async () => {
    const before = await settings()
    await query('create materialized view codes_kept as select key from lsh_index.doc')
    await expectRefusal(database.store, `select lsh.reindex('doc', 'wide')`, '2BP01', 'codes_kept')
    await query('drop materialized view codes_kept')
    expect(await settings()).toEqual(before)
    expect(await query(`select * from lsh.verify_index('doc')`)).toEqual([])
  })

  it('sets probes to the default of the new family if they were not given', async () => {
    await query('create table plain (id int primary key, v vector(3))')
    await query('insert into plain select * from doc')
    for (const [name, bits] of [
      ['few', 2],
      ['many', 3],
    ] as const)
      await query(
        `select lsh.create_family('${name}', 'plain', 'v', bits => 64, bucket_bits => ${bits})`,
      )
    await query(`select lsh.create_index('plain', 'v', 'few')`)
    await query(`select lsh.reindex('plain', 'many')`)
    expect(await query(`select probes from lsh.index where name = 'plain'`)).toEqual([
      { probes: 8 },
    ])
  })

  it.each([
    { what: 'an index that is being built', index: 'building', code: '55000' },
    { what: 'an unknown index', index: 'nope', code: 'LSH01' },
  ])('refuses $what', async ({ index, code }) => {
    await query(
      `select lsh.create_index('doc', 'v', 'narrow', 'building', build => 'later')`,
    ).catch(() => undefined)
    await expectRefusal(database.store, `select lsh.reindex('${index}', 'wide')`, code)
  })
})

describe.skipIf(inject('engine') === 'embedded')(
  'lsh.reindex during an open transaction that reads the codes',
  () => {
    it('does not block other searches, and ends after that transaction', async () => {
      await query('create table busy (id int primary key, v vector(3))')
      await query('insert into busy select * from doc')
      await query(`select lsh.create_index('busy', 'v', 'narrow')`)
      const client = await database.store.pool.connect()
      await client.query('begin')
      await client.query('select count(*) from lsh_index.busy')
      let switched = false
      const reindexed = query(`select lsh.reindex('busy', 'wide')`).then(() => (switched = true))
      const search = `select * from lsh.search('busy', '[1,2,3]', stage => 'scan')`
      // A search that queues behind the lock request of the switch continues when the request times out.
      for (let round = 0; round < 30; round++) {
        expect(await query(search)).toHaveLength(10)
        await sleep(50)
      }
      expect(switched).toBe(false)
      await client.query('commit')
      client.release()
      await reindexed
      expect(await query(`select bits from lsh.index_stats('busy')`)).toEqual([{ bits: 256 }])
      expect(await query(search)).toHaveLength(10)
    })
  },
)
