import { beforeAll, describe, expect, it } from 'vitest'
import { inTransaction, useTestDatabase } from '../database.js'
import { expectRefusal, planOf, rowsOf, valueOf } from './asking.js'
import { addTable, codesOutOfStep, hashTable, lattice, search } from './hashed-table.js'

const database = useTestDatabase()
const query = <T>(text: string, values: unknown[] = []) => rowsOf<T>(database.store, text, values)
const refused = (text: string, code: string, message?: RegExp | string) =>
  expectRefusal(database.store, text, code, message)
const outOfStep = (index: string, source: string) => codesOutOfStep(database.store, index, source)

const triggersOn = (table: string) =>
  query(`select tgname from pg_trigger where tgrelid = '${table}'::regclass and not tgisinternal`)

beforeAll(async () => {
  await addTable(database.store, 'model', lattice({ rows: 60, dims: 4, seed: 1 }))
  await query(`select lsh.create_family('four', 'model', 'v', bits => 64, bucket_bits => 3)`)
})

describe('lsh.create_index', () => {
  it('registers the index, named after its table, and fills its code table', async () => {
    await addTable(database.store, 'filled', lattice({ rows: 60, dims: 4, seed: 2 }))
    await query('insert into filled values (1000, null, null)')
    expect(await valueOf(database.store, `select lsh.create_index('filled', 'v', 'four')`)).toBe(
      'filled',
    )
    const [registered] = await query(
      `select relation::text, key_column, vector_column, maintain, probes, candidates
       from lsh.index where name = 'filled'`,
    )
    expect(registered).toEqual({
      relation: 'filled',
      key_column: 'id',
      vector_column: 'v',
      maintain: 'trigger',
      probes: 8,
      candidates: 200,
    })
    expect(await valueOf(database.store, 'select count(*)::int from lsh_index.filled')).toBe(60)
    expect(await outOfStep('filled', 'select id as key, v from filled')).toEqual([])
  })

  it('creates a second index on the same column', async () => {
    await addTable(database.store, 'twice', lattice({ rows: 20, dims: 4, seed: 3 }))
    await query(`select lsh.create_index('twice', 'v', 'four', name => 'twice_a')`)
    await query(`select lsh.create_index('twice', 'v', 'four', name => 'twice_b')`)
    await query(`insert into twice values (100, null, '[4,4,4,4]')`)
    for (const name of ['twice_a', 'twice_b']) {
      expect(await outOfStep(name, 'select id as key, v from twice')).toEqual([])
    }
    await query(`select lsh.drop_index('twice_a')`)
    await query(`insert into twice values (101, null, '[0,4,0,4]')`)
    expect(await outOfStep('twice_b', 'select id as key, v from twice')).toEqual([])
  })

  it.each([
    { type: 'int', keys: ['-3', '7', '10'] },
    { type: 'bigint', keys: ['-9007199254740993', '9', '9007199254740993'] },
    { type: 'text', keys: ['', 'a "quoted", {key}', 'ä'] },
    { type: 'char(4)', keys: ['k1', 'k2', 'k3'] },
    {
      type: 'uuid',
      keys: ['00000000-0000-4000-8000-000000000000', 'f0000000-0000-4000-8000-00000000000f'],
    },
  ])('accepts keys of type $type', async ({ type, keys }) => {
    const name = `keys_${type.replace(/\W/g, '')}`
    await query(`create table ${name} (id ${type} primary key, v vector(4))`)
    await query(`select lsh.create_index('${name}', 'v', 'four')`)
    await query(
      `insert into ${name} select key::${type}, '[1,2,3,4]' from unnest($1::text[]) as key`,
      [keys],
    )
    const keysOf = (rows: { key: string }[]) => rows.map(({ key }) => key)
    expect(keysOf(await search(database.store, name, [1, 2, 3, 4]))).toEqual(keys)
    const [first, ...rest] = keys
    const left = `exclude => array[$quoted$${first as string}$quoted$]`
    expect(keysOf(await search(database.store, name, [1, 2, 3, 4], left))).toEqual(rest)
    await query(`delete from ${name} where id = $1::text::${type}`, [first])
    expect(keysOf(await search(database.store, name, [1, 2, 3, 4]))).toEqual(rest)
  })

  it('orders keys by the collation of the column', async () => {
    // Lower case first, which differs from the collation of any database.
    await query(`create collation upper_last (provider = icu, locale = 'und-u-kf-lower')`)
    await query('create table collated (id text collate upper_last primary key, v vector(4))')
    await query(`select lsh.create_index('collated', 'v', 'four')`)
    await query(
      `insert into collated select key, '[1,2,3,4]' from unnest('{B,a,b,A}'::text[]) as key`,
    )
    const exact = await query<{ key: string }>(
      `select key from lsh.search_exact('collated', '[1,2,3,4]')`,
    )
    expect(exact.map(({ key }) => key)).toEqual(['a', 'A', 'b', 'B'])
    expect(await query(`select key from lsh.search('collated', '[1,2,3,4]')`)).toEqual(exact)
  })

  it('accepts any name of a schema, table or column', async () => {
    await query('create schema "Wei rd"')
    await query(`create table "Wei rd"."Ta""ble" ("K ey" bigint primary key, "Ve c" vector(4))`)
    const weird = `'"Wei rd"."Ta""ble"', 'Ve c'`
    await query(`insert into "Wei rd"."Ta""ble" values (1, '[1,2,3,4]'), (2, '[4,3,2,1]')`)
    await query(`select lsh.create_family('It''s "odd"', ${weird}, bits => 64)`)
    await query(`select lsh.create_index(${weird}, 'It''s "odd"', name => 'weird')`)
    await query(`insert into "Wei rd"."Ta""ble" values (3, '[1,1,1,1]')`)
    await query(`update "Wei rd"."Ta""ble" set "Ve c" = '[1,2,3,3]' where "K ey" = 2`)
    await query(`delete from "Wei rd"."Ta""ble" where "K ey" = 1`)
    const rows = 'select "K ey" as key, "Ve c" as v from "Wei rd"."Ta""ble"'
    expect(await outOfStep('weird', rows)).toEqual([])
    const nearest = [
      { key: '2', distance: 1 },
      { key: '3', distance: Math.sqrt(14) },
    ]
    expect(await search(database.store, 'weird', [1, 2, 3, 4])).toMatchObject(nearest)
    expect(await query(`select * from lsh.search_exact('weird', '[1,2,3,4]')`)).toEqual(nearest)
    expect(await query(`select query from lsh.compare('weird', '{2}')`)).toEqual([{ query: '2' }])
    await query('truncate "Wei rd"."Ta""ble"')
    expect(await query('select from lsh_index.weird')).toEqual([])
    await query(`select lsh.drop_index('weird')`)
    expect(await triggersOn('"Wei rd"."Ta""ble"')).toEqual([])
  })

  describe('refuses', () => {
    beforeAll(async () => {
      await addTable(database.store, 'plain', lattice({ rows: 20, dims: 4, seed: 4 }))
      await query(`select lsh.create_index('plain', 'v', 'four', name => 'taken')`)
      await query('create table keyless (v vector(4))')
      await query('create table wide (id int primary key, v vector(8))')
      await query('create table "Upper Case" (id int primary key, v vector(4))')
    })

    it.each([
      { what: 'an unknown family', args: `'plain', 'v', 'nope'`, code: 'LSH01' },
      { what: 'a column that does not exist', args: `'plain', 'nope', 'four'`, code: '42703' },
      { what: 'a column of another type', args: `'plain', 'note', 'four'`, code: '42804' },
      { what: 'a table without primary key', args: `'keyless', 'v', 'four'`, code: '42P16' },
      { what: 'another dimension', args: `'wide', 'v', 'four'`, code: 'LSH02' },
      {
        what: 'an unknown way of maintenance',
        args: `'plain', 'v', 'four', maintain => 'magic'`,
        code: '22023',
      },
      { what: '0 probes', args: `'plain', 'v', 'four', probes => 0`, code: '22023' },
      { what: '0 candidates', args: `'plain', 'v', 'four', candidates => 0`, code: '22023' },
      { what: 'a name that is taken', args: `'plain', 'v', 'four', 'taken'`, code: '42710' },
      { what: 'a name with a space', args: `'plain', 'v', 'four', 'two words'`, code: '42602' },
      { what: 'a default name with capitals', args: `'"Upper Case"', 'v', 'four'`, code: '42602' },
    ])('$what', async ({ args, code }) => {
      await refused(`select lsh.create_index(${args})`, code)
    })

    it('an index without leaving a part of it behind', async () => {
      expect(await query(`select name from lsh.index where relation = 'plain'::regclass`)).toEqual([
        { name: 'taken' },
      ])
    })
  })
})

describe('lsh.drop_index', () => {
  it('removes the index, its code table and its triggers', async () => {
    await addTable(database.store, 'dropped', lattice({ rows: 10, dims: 4, seed: 5 }))
    await query(`select lsh.create_index('dropped', 'v', 'four')`)
    expect(await triggersOn('dropped')).toHaveLength(6)
    await query(`select lsh.drop_index('dropped')`)
    expect(await triggersOn('dropped')).toEqual([])
    expect(await valueOf(database.store, `select to_regclass('lsh_index.dropped')`)).toBeNull()
    await query(`insert into dropped values (100, null, '[1,2,3,4]')`)
    await refused(`select * from lsh.search('dropped', '[1,2,3,4]')`, 'LSH01', '"dropped"')
  })

  it('refuses an index that does not exist', async () => {
    await refused(`select lsh.drop_index('nope')`, 'LSH01', '"nope"')
  })

  it('is not needed when the table is dropped', async () => {
    await addTable(database.store, 'gone', lattice({ rows: 10, dims: 4, seed: 6 }))
    await query(`select lsh.create_index('gone', 'v', 'four')`)
    await query('drop table gone')
    expect(await valueOf(database.store, `select to_regclass('lsh_index.gone')`)).toBeNull()
    await refused(`select * from lsh.search('gone', '[1,2,3,4]')`, 'LSH01', 'does not exist')
  })
})

describe('an index', () => {
  it('works after its table is renamed', async () => {
    await addTable(database.store, 'before', lattice({ rows: 10, dims: 4, seed: 7 }))
    await query(`select lsh.create_index('before', 'v', 'four')`)
    await query('alter table before rename to after')
    await query(`insert into after values (100, null, '[9,9,9,9]')`)
    expect(await search(database.store, 'before', [9, 9, 9, 9], 'k => 1')).toMatchObject([
      { key: '100', distance: 0 },
    ])
  })

  it('works after its columns are renamed', async () => {
    await addTable(database.store, 'renamed', lattice({ rows: 10, dims: 4, seed: 8 }))
    await query(`select lsh.create_index('renamed', 'v', 'four')`)
    await query('alter table renamed rename v to w')
    await query('alter table renamed rename id to v')
    await query(`insert into renamed values (100, null, '[9,9,9,9]')`)
    expect(await search(database.store, 'renamed', [9, 9, 9, 9], 'k => 1')).toMatchObject([
      { key: '100', distance: 0 },
    ])
  })

  it('reads only codes of the visited buckets to choose candidates', async () => {
    await addTable(database.store, 'large', lattice({ rows: 100, dims: 8, seed: 9 }))
    await hashTable(database.store, 'large', {
      bits: 512,
      bucketBits: 6,
      probes: 8,
      maintain: 'loader',
    })
    // The values of the codes do not matter here, only that a full read would be expensive.
    await query(
      `insert into large select number, '', array_fill(number % 7, array[8])::vector
       from generate_series(101, 20000) as number`,
    )
    await query(
      `insert into lsh_index.large
       select id % 64, id, (select lsh.encode('large', '[1,2,3,4,3,2,1,0]')) from large order by 1`,
    )
    for (const table of ['large', 'lsh_index.large']) {
      // With synchronous_commit off, vacuum marks pages as all-visible only after the log is flushed.
      await query('checkpoint')
      await query(`vacuum (analyze) ${table}`)
    }
    const plan = await planOf(
      database.store,
      `select key, lsh.hamming(code, b'${'10'.repeat(256)}') as hamming
       from lsh_index.large
       where bucket = any('{1,2,3,4,5,6,7,8}')
       order by 2, 1
       limit 100`,
    )
    expect(plan).toMatch(/Index (Only )?Scan using "bucket \d+"/)
    expect(plan).not.toContain('lsh.hamming')
    await inTransaction(database.store, async (transaction) => {
      const reads = () =>
        rowsOf<{ scans: number; rows: number }>(
          transaction,
          `select seq_scan::int as scans, idx_tup_fetch::int as rows
           from pg_stat_xact_user_tables
           where relname = 'large'
           order by schemaname`,
        )
      // Subtracts earlier reads that are not yet flushed to the statistics.
      const before = await reads()
      await search(transaction, 'large', [1, 2, 3, 4, 3, 2, 1, 0], 'k => 10, candidates => 50')
      const [codes, source] = (await reads()).map(({ scans, rows }, i) => ({
        scans: scans - (before[i]?.scans ?? 0),
        rows: rows - (before[i]?.rows ?? 0),
      }))
      expect(codes?.scans).toBe(0)
      // 8 of 64 buckets of 20,000 codes, plus one bucket that is counted before the codes are ranked.
      expect(codes?.rows).toBeLessThan(3000)
      expect(source?.scans).toBe(0)
      // The planner may read one more row.
      expect(source?.rows).toBeLessThan(60)
    })
  })
})
