import { beforeAll, describe, expect, it } from 'vitest'
import { useTestDatabase } from '../database.js'
import { DRAWN_KINDS } from '../hash/drawn-kinds.js'
import { expectRefusal, rowsOf, valueOf } from './asking.js'

const database = useTestDatabase()
const query = <T>(text: string) => rowsOf<T>(database.store, text)
const rounded = 'v::halfvec::vector(4)'
const asked = '[0.123456,0.7,0.2,3]'

/** Creates two tables of the same rows: `half` as halfvec, `whole` as vector with the rounded values. */
async function addPair(half: string, whole: string): Promise<void> {
  await query(`create table ${half} (id int primary key, v halfvec(4))`)
  await query(`create table ${whole} (id int primary key, v vector(4))`)
  await query(
    `insert into ${half} select i, array[sin(i), cos(i), sin(i * i), i % 7]::vector from generate_series(1, 300) as i`,
  )
  await query(`insert into ${half} values (0, null)`)
  await query(`insert into ${whole} select id, ${rounded} from ${half}`)
}

const inStep = async (index: string) =>
  expect(await query(`select * from lsh.verify_index('${index}')`)).toEqual([])

/** Expects a statement to return the same rows for both tables, with $ as the name of the table. */
async function expectSame(text: string): Promise<void> {
  const [half, whole] = await Promise.all(
    ['half', 'whole'].map((table) => query<object>(text.replaceAll('$', table))),
  )
  expect(half, text).toEqual(whole)
  expect(half?.length, text).toBeGreaterThan(0)
}

beforeAll(async () => {
  await addPair('half', 'whole')
  await query(`select lsh.create_family('of_whole', 'whole', 'v', bits => 128, bucket_bits => 3)`)
  await query(`select lsh.create_family('of_half', 'half', 'v', bits => 128, bucket_bits => 3)`)
  await query(`select lsh.create_index('half', 'v', 'of_half')`)
  await query(`select lsh.create_index('whole', 'v', 'of_whole')`)
})

describe('a table with a halfvec column', () => {
  it('gets the same family and codes as a vector column with the same values', async () => {
    await expectSame(`select checksum from lsh.family where name = 'of_$'`)
    await expectSame(`select * from lsh.calibrate('$', 'v')`)
    await expectSame('select * from lsh_index.$ order by key')
  })

  it.each(['buckets', 'scan', 'exact'])(
    'returns the same rows as a vector column with the same values, in stage %s',
    async (stage) => {
      const options = `k => 7, candidates => 20, probes => 3, stage => '${stage}'`
      await expectSame(`select * from lsh.search('$', '${asked}', ${options})`)
      await expectSame(`select distance from lsh.nearest(null::$, '${asked}', ${options})`)
      await expectSame(`select distance from lsh.nearest(null::$, item => '8', ${options})`)
    },
  )

  it('is searched without rounding the query', async () => {
    const nearest = await query(`select * from lsh.search_exact('half', '${asked}', k => 1)`)
    expect(nearest).toEqual(
      await query(`select id::text as key, ${rounded} <-> '${asked}' as distance
        from half where v is not null order by 2, 1 limit 1`),
    )
  })

  it('is compared and tuned like a vector column with the same values', async () => {
    await expectSame(`select * from lsh.compare('$', '{1,2,3}', ks => '{5,10}', probes => 2)`)
    await expectSame(`select * from lsh.compare_nearest(null::$, item => '3')`)
    await expectSame(`select * from lsh.tune('$', sample => 10)`)
    await expectSame(`select recall from lsh.compare('$', '{4}')`)
    await expectSame(`select rows, codes, buckets_used from lsh.index_stats('$')`)
  })

  it('keeps its codes in step through triggers', async () => {
    for (const text of [
      `insert into half values (1000, '[9,9,9,9]'), (1001, '[8,8,8,8]')`,
      `update half set v = '[7,7,7,70]' where id = 1000`,
      'update half set id = 2000 where id = 1000',
      'update half set v = v where id < 10',
      'update half set v = null where id = 11',
      `update half set v = '[1,2,3,4]' where id = 0`,
      'delete from half where id = 1001',
      `insert into half values (5, '[0,1,0,1]') on conflict (id) do update set v = excluded.v`,
    ]) {
      await query(text)
      await inStep('half')
    }
    expect(
      await query(`select key from lsh.search('half', '[7,7,7,70]', k => 1, stage => 'scan')`),
    ).toEqual([{ key: '2000' }])
  })

  it('can be verified and repaired', async () => {
    await query('alter table half disable trigger user')
    await query(`update half set v = '[4,3,2,1]' where id = 20`)
    await query('delete from half where id = 21')
    await query(`insert into half values (3000, '[4,3,2,1]')`)
    await query('alter table half enable trigger user')
    const wrong = await query(`select * from lsh.verify_index('half', repair => true)`)
    expect(wrong).toEqual([
      { key: '20', problem: 'stale' },
      { key: '21', problem: 'orphaned' },
      { key: '3000', problem: 'missing' },
    ])
    await inStep('half')
  })

  it('can be reindexed, and its column renamed', async () => {
    await query(`select lsh.create_family('next', 'half', 'v', bits => 64, kind => 'sign')`)
    await query(`select lsh.reindex('half', 'next')`)
    await inStep('half')
    await query('alter table half rename v to w')
    await query(`select lsh.mend_index('half')`)
    await query(`insert into half values (4000, '[5,5,5,5]')`)
    await inStep('half')
    await query('alter table half rename w to v')
    await query(`select lsh.mend_index('half')`)
  })

  it('can be indexed later, while it is written to', async () => {
    await query(`select lsh.create_index('half', 'v', 'of_half', 'later', build => 'later')`)
    await query(`insert into half values (5000, '[6,6,6,6]')`)
    await query(`call lsh.build_index('later', 50)`)
    await inStep('later')
  })

  it.each(DRAWN_KINDS)('can be indexed with kind %s', async (kind) => {
    const name = `kind_${kind}`
    await query(`select lsh.create_family('${name}', 'half', 'v', bits => 64, kind => '${kind}')`)
    await query(`select lsh.create_index('half', 'v', '${name}', '${name}')`)
    await inStep(name)
    await query(`select lsh.drop_index('${name}')`)
  })

  it('can hold zero and the smallest and largest numbers of half precision', async () => {
    await query(`create table edge (id int primary key, v halfvec(2))`)
    await query(
      `insert into edge values (1, '[65504,-65504]'), (2, '[6e-8,0]'), (3, '[0,0]'), (4, '[1,1]')`,
    )
    await query(`select lsh.create_family('of_edge', 'edge', 'v', bits => 64, kind => 'sign')`)
    await query(`select lsh.create_index('edge', 'v', 'of_edge')`)
    await inStep('edge')
    expect(
      await query(`select key, distance from lsh.search('edge', '[65000,-65504]', k => 1)`),
    ).toEqual([{ key: '1', distance: 504 }])
  })

  it('is refused if the column has no dimension', async () => {
    await query('create table loose (id int primary key, v halfvec)')
    await expectRefusal(
      database.store,
      `select lsh.create_index('loose', 'v', 'of_half')`,
      'LSH02',
      'no dimension',
    )
  })
})

describe('a vector column that is changed to halfvec', () => {
  it('makes its index suspect until lsh.verify_index has compared the codes', async () => {
    await query(`create table turned as select id, v from whole where v is not null`)
    await query('alter table turned add primary key (id)')
    await query(`update turned set v = array[sin(id), 0.1, 0.3, 1e-9]::vector`)
    await query(`alter table turned alter v type vector(4)`)
    await query(`select lsh.create_index('turned', 'v', 'of_whole')`)
    await query('alter table turned alter v type halfvec(4)')
    const state = () => valueOf(database.store, `select state from lsh.index where name = 'turned'`)
    expect(await state()).toBe('suspect')
    expect(await query(`select * from lsh.search('turned', '${asked}')`)).toHaveLength(10)
    await query(`select * from lsh.verify_index('turned', repair => true)`)
    expect(await state()).toBe('ready')
    await inStep('turned')
    await query(`insert into turned values (9999, '[1,2,3,4]')`)
    await inStep('turned')
  })
})
