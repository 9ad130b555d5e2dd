import { beforeAll, describe, expect, it } from 'vitest'
import { useTestDatabase } from '../../database.js'
import { expectRefusal, rowsOf, valueOf } from '../asking.js'

const database = useTestDatabase()
const query = <T>(text: string) => rowsOf<T>(database.store, text)
const create = (table: string, options = '') =>
  `select lsh.create_index('${table}', 'v', 'three', '${table.replace(/\W/g, '_')}'${options})`

beforeAll(async () => {
  await query('create table model (id int primary key, v vector(3))')
  await query(
    'insert into model select i, array[sin(i), cos(i), i % 7]::vector from generate_series(1, 60) as i',
  )
  await query(`select lsh.create_family('three', 'model', 'v', bits => 64, kind => 'sign')`)
})

describe('partitions and inheriting tables', () => {
  beforeAll(async () => {
    await query('create table parent (id int primary key, v vector(3)) partition by range (id)')
    await query('create table part partition of parent for values from (0) to (100)')
    await query('create table base (id int primary key, v vector(3))')
    await query('create table heir (primary key (id)) inherits (base)')
  })

  it.each(['parent', 'part', 'base', 'heir'])(
    'are refused, since statements on related tables do not fire their triggers: %s',
    async (table) => {
      await expectRefusal(database.store, create(table), '42809', /partition or an inheriting/)
    },
  )

  it.each(['parent', 'part', 'base', 'heir'])(
    'can have an index that the loader maintains: %s',
    async (table) => {
      await query(create(table, `, maintain => 'loader'`))
      await query(`insert into ${table} values (1, '[1,2,3]')`)
      expect(await query(`select * from lsh.verify_index('${table}')`)).toHaveLength(1)
      await query(`select * from lsh.verify_index('${table}', repair => true)`)
      expect(
        await query(`select key from lsh.search('${table}', '[1,2,3]', stage => 'scan')`),
      ).toEqual([{ key: '1' }])
      await query(`delete from ${table}`)
    },
  )

  it('cannot be made from a table that is indexed', async () => {
    await query('create table alone (id int primary key, v vector(3))')
    await query(create('alone'))
    for (const text of [
      'alter table parent attach partition alone for values from (100) to (200)',
      'alter table alone inherit base',
    ])
      await expect(query(text), text).rejects.toMatchObject({
        message: expect.stringMatching(/trigger "lsh_\d+_no_parent" prevents/),
      })
  })

  it('make an index unusable if they inherit from its table', async () => {
    await query('create table child () inherits (alone)')
    for (const call of [
      `lsh.search('alone', '[1,2,3]')`,
      `lsh.verify_index('alone')`,
      `lsh.index_stats('alone')`,
    ])
      await expectRefusal(
        database.store,
        `select * from ${call}`,
        '42809',
        /is now a partition or an inheriting table, or has some/,
      )
    await query('drop table child')
    await query(`insert into alone values (1, '[1,2,3]')`)
    expect(await query(`select * from lsh.verify_index('alone')`)).toEqual([])
  })
})

describe('tables', () => {
  it('cannot be indexed if they are temporary', async () => {
    await query('create temporary table fleeting (id int primary key, v vector(3))')
    await expectRefusal(database.store, create('fleeting'), '42809', 'temporary')
  })

  it('have an unlogged code table exactly if they are unlogged', async () => {
    await query('create unlogged table light (id int primary key, v vector(3))')
    await query(create('light'))
    const kept = `select relpersistence from pg_class where oid = 'lsh_index.light'::regclass`
    expect(await valueOf(database.store, kept)).toBe('u')
    await query(`select lsh.reindex('light', 'three')`)
    expect(await valueOf(database.store, kept)).toBe('u')
    await query('alter table light set logged')
    expect(await valueOf(database.store, kept)).toBe('p')
  })

  it('cannot be indexed if the vector column has no dimension', async () => {
    await query('create table loose (id int primary key, v vector)')
    await query(`insert into loose values (1, '[1,2,3]'), (2, '[1,2]')`)
    await expectRefusal(database.store, create('loose'), 'LSH02', /"v" of table .* no dimension/)
    await expectRefusal(
      database.store,
      `select lsh.create_family('loose', 'loose', 'v')`,
      'LSH02',
      /no dimension/,
    )
  })
})

/** Two values of each type that a key may have, in ascending order. */
const KEYS: Readonly<Record<string, readonly [string, string]>> = {
  bool: ['false', 'true'],
  bytea: ['\\x00', '\\xff'],
  '"char"': ['a', 'b'],
  name: ['a b', 'b'],
  int8: ['-9223372036854775808', '9223372036854775807'],
  int2: ['-1', '2'],
  int4: ['-1', '2'],
  text: [`it's, {a}`, 'ö "quoted"'],
  oid: ['1', '4294967295'],
  tid: ['(0,1)', '(0,2)'],
  float4: ['-1.5', '0.1'],
  float8: ['-1.5', '0.1'],
  money: ['$1.00', '$2.00'],
  macaddr: ['08:00:2b:01:02:03', '08:00:2b:01:02:04'],
  macaddr8: ['08:00:2b:01:02:03:04:05', '08:00:2b:01:02:03:04:06'],
  inet: ['10.0.0.1', '10.0.0.2/8'],
  bpchar: ['a', 'b'],
  'char(4)': ['a', 'b'],
  varchar: ['a', 'b'],
  'varchar(3)': ['a', 'b'],
  date: ['-infinity', '2026-11-28'],
  time: ['00:00:00', '24:00:00'],
  timetz: ['00:00:00+01', '00:00:00+00'],
  timestamp: ['2026-11-28 01:02:03.000004', 'infinity'],
  timestamptz: ['2026-11-28 01:02:03.000004+00', 'infinity'],
  interval: ['1 day', '1 mon'],
  bit: ['0', '1'],
  'bit(3)': ['010', '101'],
  varbit: ['0', '0000'],
  numeric: ['-1e100', 'NaN'],
  uuid: ['00000000-0000-4000-8000-000000000000', 'f0000000-0000-4000-8000-00000000000f'],
  jsonb: ['1', '{"a": [1, 2]}'],
  pg_lsn: ['0/1', '0/2'],
  xid8: ['1', '2'],
  tsvector: [`'a'`, `'a' 'b'`],
  tsquery: [`'a'`, `'a' & 'b'`],
  'whole number': ['1', '2'],
  'short text': ['a', 'b'],
}
/** User-defined types, types of several values, and types without an operator class of their own. */
const REFUSED_KEYS = ['int[]', 'int4range', 'oidvector', 'cidr', 'regclass', 'mood', 'pair']

describe('keys', () => {
  beforeAll(async () => {
    await query('create domain "whole number" as int check (value > 0)')
    await query('create domain "short text" as varchar(5)')
    await query(`create type mood as enum ('bad', 'good')`)
    await query('create type pair as (a int, b int)')
  })

  it('of every ordered type of PostgreSQL are covered by this test', async () => {
    const ordered = await query<{ type: string }>(
      `select distinct typname::text as type from pg_type join pg_opclass on opcintype = pg_type.oid join pg_am on pg_am.oid = opcmethod
       where amname = 'btree' and opcdefault and typnamespace = 'pg_catalog'::regnamespace and typtype = 'b' and typcategory <> 'A'`,
    )
    const tried = Object.keys(KEYS).map((type) => type.replaceAll('"', ''))
    expect(ordered.map(({ type }) => type).filter((type) => !tried.includes(type))).toEqual([])
  })

  it.each(Object.entries(KEYS))(
    'of type %s can be stored, returned, excluded and allowed',
    async (type, keys) => {
      const name = `key_${type.replace(/\W/g, '_')}`
      const quoted = type.includes(' ') ? `"${type}"` : type
      await query(`create table ${name} (id ${quoted} primary key, v vector(3))`)
      await query(create(name))
      for (const key of keys)
        await rowsOf(database.store, `insert into ${name} select $1::text::${quoted}, '[1,2,3]'`, [
          key,
        ])
      const found = await query<{ key: string }>(
        `select key from lsh.search('${name}', '[1,2,3]', stage => 'scan')`,
      )
      expect(found).toHaveLength(2)
      for (const [i, { key }] of found.entries()) {
        const other = [{ key: found[1 - i]!.key }]
        const ask = (options: string) =>
          rowsOf(
            database.store,
            `select key from lsh.search('${name}', '[1,2,3]', stage => 'scan', ${options})`,
            [key],
          )
        expect(await ask('exclude => array[$1]')).toEqual(other)
        expect(await ask('allowed => array[$1]')).toEqual([{ key }])
      }
      await query(`update ${name} set v = '[3,2,1]'`)
      expect(await query(`select * from lsh.verify_index('${name}')`)).toEqual([])
      await query(`delete from ${name}`)
      expect(await query(`select from lsh_index.${name}`)).toEqual([])
    },
  )

  it.each(REFUSED_KEYS)('of type %s are refused with a hint', async (type) => {
    const name = `refused_${type.replace(/\W/g, '_')}`
    await query(`create table ${name} (id ${type} primary key, v vector(3))`)
    await expectRefusal(database.store, create(name), '0A000', /key "id" .* has type/)
    await query(`alter table ${name} add column row_id bigint generated always as identity unique`)
    await query(create(name))
  })
})
