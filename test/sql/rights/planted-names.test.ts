import { beforeAll, describe, expect, inject, it } from 'vitest'
import { useTestDatabase } from '../../database.js'
import { DRAWN_KINDS } from '../../hash/drawn-kinds.js'
import { migrate } from '../../../src/store/schema/migrate.js'
import { rowsOf, valueOf } from '../asking.js'
import { plantIn, preparePlanting, usedNames } from './planted-names.js'

const database = useTestDatabase()
const query = <T>(text: string) => rowsOf<T>(database.store, text)

/** Statements that use all of the schema lsh, on a table with column types that planted functions match better. */
const STATEMENTS = [
  `select lsh.calibrate('hers.doc', 'v')`,
  ...DRAWN_KINDS.map(
    (kind) =>
      `select lsh.create_family('${kind}', 'hers.doc', 'v', bits => 64, kind => '${kind}', bucket_bits => 3)`,
  ),
  `select lsh.family_checksum('sign')`,
  `select lsh.encode('sign', '[1,2,3]'), lsh.probes('sign', '[1,2,3]', 3)`,
  `select lsh.expected_hamming('kernel', 1::float8, 1::float8)`,
  `select lsh.hamming('101', '110'), lsh.l2_distance('[1]', '[2]'), lsh.cosine_distance('[1]', '[2]'), lsh.binary_quantize('[1]')`,
  `select lsh.dice(array['a'], array['b']), lsh.jaccard(array[1], array[2]), lsh.dice('{a}'::varchar[], '{b}')`,
  `select lsh.create_index('hers.doc', 'v', 'sign')`,
  `select lsh.create_index('hers.doc', 'v', 'kernel', 'later', build => 'later')`,
  `call lsh.build_index('later', 100)`,
  ...['buckets', 'scan', 'exact'].map(
    (stage) =>
      `select count(*) from lsh.search('doc', '[1,1,1]', k => 5, stage => '${stage}', exclude => '{k1}',
         filter => '{"n": "x", "r": {"gte": 0}, "tags": {"contains": ["a"]}}', allowed => '{k2,k3,k4}')`,
  ),
  ...['hamming', 'asymmetric', 'estimate'].map(
    (ranking) =>
      `select count(*) from lsh.search('doc', '[1,1,1]', stage => 'buckets', ranking => '${ranking}')`,
  ),
  `select count(*) from lsh.search_exact('doc', '[1,1,1]', filter => '{"n": ["x", null]}')`,
  `select near, distance from lsh.nearest(null::hers.doc, item => 'k1', k => 2)`,
  `select * from lsh.explain_search('doc', '[1,1,1]', stage => 'buckets')`,
  `select * from lsh.compare('doc', '{k1,k2}', '{1,5}')`,
  `select * from lsh.compare_nearest(null::hers.doc, item => 'k1')`,
  `select * from lsh.index_stats('doc')`,
  `select lsh.index_of('hers.doc')`,
  `select count(*) from lsh.tune('doc', sample => 3)`,
  `insert into hers.doc values ('new', '[1,2,3]')`,
  `update hers.doc set v = '[3,2,1]' where id like 'ne%'`,
  `delete from hers.doc where id like 'ne%'`,
  `select * from lsh.verify_index('doc')`,
  `select * from lsh.verify_index('doc', repair => true)`,
  `select lsh.compact_index('doc')`,
  `select lsh.reindex('doc', 'kernel')`,
  `select lsh.reindex('doc', 'sign', build => 'later')`,
  `call lsh.build_index('doc_next')`,
  `select lsh.switch_index('doc', 'doc_next')`,
  `select lsh.mend_index('doc')`,
  `alter table hers.doc rename to renamed`,
  `alter table hers.renamed alter column id type text`,
  `alter table hers.renamed rename to doc`,
  `select lsh.grant_search('doc', 'public'), lsh.revoke_search('doc', 'public')`,
  'create table hers.half as select id, v::public.halfvec(3) as v from hers.doc',
  'alter table hers.half add primary key (id)',
  `select lsh.create_family('of_half', 'hers.half', 'v', bits => 64)`,
  `select lsh.create_index('hers.half', 'v', 'of_half', key_column => 'id')`,
  ...['buckets', 'exact'].map(
    (stage) => `select count(*) from lsh.search('half', '[1,1,1]', stage => '${stage}')`,
  ),
  `insert into hers.half values ('new', '[1,2,3]')`,
  `update hers.half set v = '[3,2,1]' where id like 'ne%'`,
  `select * from lsh.verify_index('half')`,
  `truncate hers.doc`,
  `select lsh.drop_index('later')`,
  `drop table hers.doc`,
  `select lsh.drop_family('kernel')`,
  `select * from cbir.slices`,
  `select * from cbir.plans`,
  `select * from cbir.structures`,
  `select * from cbir.dvh`,
  `select cbir.create_space('planted', 3, parts => '[]')`,
  `select cbir.drop_space('planted')`,
  `select cbir.delete_plan(1)`,
]

const calls = () => query(`select what, count(*)::int from public.planted_call group by what`)

describe.skipIf(inject('engine') === 'embedded')('planted functions and operators', () => {
  beforeAll(async () => {
    await query('create schema hers')
    await query(
      'create table hers.doc (id varchar(9) primary key, v vector(3), n varchar, r real, tags varchar[])',
    )
    await query(
      `insert into hers.doc select 'k' || i, array[sin(i), cos(i), i % 7]::vector, 'x', i, '{a}'
       from generate_series(1, 200) as i`,
    )
    await preparePlanting(database.store)
    const names = await usedNames(database.store)
    expect(names.functions.length).toBeGreaterThan(80)
    expect(names.functions).toContain('inner_product')
    for (const schema of ['public', 'hers'])
      expect(await plantIn(database.store, schema, names)).toBeGreaterThan(15_000)
  }, 300_000)

  it('with better matching types are not called by the functions of the extension', async () => {
    const { db } = database.store
    const failed: string[] = []
    await db.connection().execute(async (connection) => {
      await rowsOf({ db: connection }, 'set search_path = pg_temp, hers, public')
      for (const text of STATEMENTS)
        await rowsOf({ db: connection }, text).catch((error: unknown) => {
          failed.push(`${text}: ${(error as Error).message}`)
        })
      await rowsOf({ db: connection }, 'reset search_path')
    })
    expect({ failed, called: await calls() }).toEqual({ failed: [], called: [] })
  })

  it('are not called by migrations', async () => {
    await migrate(database.store, { direction: 'down' })
    await migrate(database.store)
    expect(await calls()).toEqual([])
  })

  it('are called by a statement without schema-qualified names, which shows that the trap works', async () => {
    await query(`select format('%s', 'a'::name)`).catch(() => undefined)
    expect(await valueOf(database.store, 'select count(*)::int from public.planted_call')).toBe(1)
  })
})
