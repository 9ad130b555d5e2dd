import { beforeAll, describe, expect, it } from 'vitest'
import { useTestDatabase } from '../../database.js'
import { hintOf, rowsOf } from '../asking.js'

const database = useTestDatabase()
const query = <T>(text: string) => rowsOf<T>(database.store, text)
const create = (table: string, options = '') =>
  `select lsh.create_index('${table}', 'v', 'three', '${table}'${options})`
const draw = (table: string) => `select lsh.create_family('of_${table}', '${table}', 'v')`
const refused = (text: string, code: string, message: RegExp | string) =>
  hintOf(database.store, text, code, message)
const search = (table: string, vector: string) =>
  query<{ key: string }>(
    `select key from lsh.search('${table}', '${vector}', k => 1, stage => 'scan')`,
  )

beforeAll(async () => {
  await query('create table model (id int primary key, v vector(3))')
  await query(
    'insert into model select i, array[sin(i), cos(i), i % 7]::vector from generate_series(1, 60) as i',
  )
  await query('create table label (id int primary key, name text)')
  await query(`select lsh.create_family('three', 'model', 'v', bits => 64, kind => 'sign')`)
})

describe('lsh.create_index and lsh.create_family refuse, with a hint,', () => {
  it.each([
    {
      what: 'a view, naming the table that it reads',
      name: 'seen',
      text: 'create view seen as select * from model',
      message: '"public.seen" is a view',
      hint: /"select lsh\.create_index\('public\.model', \.\.\.\)"/,
    },
    {
      what: 'a view of a view, naming the table that has vectors',
      name: 'seen_again',
      text: 'create view seen_again as select seen.* from seen join label using (id)',
      message: '"public.seen_again" is a view',
      hint: /'public\.model'/,
    },
    {
      what: 'a view of several tables with vectors, naming all of them',
      name: 'joined',
      text: 'create table second as table model; create view joined as table model union table second',
      message: '"public.joined" is a view',
      hint: /one of public\.model, public\.second\./,
    },
    {
      what: 'a view of no table',
      name: 'made_up',
      text: `create view made_up as select 1 as id, '[1,2,3]'::vector(3) as v`,
      message: '"public.made_up" is a view',
      hint: /the table that stores its vectors/,
    },
    {
      what: 'a materialized view, with the statement to copy it into a table',
      name: 'stored',
      text: 'create materialized view stored as select * from model',
      message: '"public.stored" is a materialized view',
      hint: /"create table public\.stored_rows as select \* from public\.stored".*maintain => 'loader'/,
    },
    {
      what: 'a foreign table, naming its server',
      name: 'elsewhere',
      text: `create foreign data wrapper far; create server remote foreign data wrapper far;
        create foreign table elsewhere (id int, v vector(3)) server remote`,
      message: '"public.elsewhere" is a foreign table, whose rows are on server "remote"',
      hint: /on that server.*"remote"/,
    },
    {
      what: 'a sequence',
      name: 'counted',
      text: 'create sequence counted',
      message: '"public.counted" is not a table',
      hint: /the table that stores the vectors/,
    },
  ])('$what', async ({ name, text, message, hint }) => {
    for (const one of text.split(';')) await query(one)
    expect(await refused(create(name), '42809', message)).toMatch(hint)
    expect(await refused(draw(name), '42809', message)).toMatch(hint)
  })
})

describe('a table without a single-column key', () => {
  it('is refused with a column to add if its primary key has several columns', async () => {
    await query('create table double (a int, b int, v vector(3), primary key (b, a))')
    const message = 'the primary key of table "public.double" has several columns: b, a'
    const added =
      'alter table public.double add column id bigint generated always as identity unique'
    for (const text of [create('double'), draw('double')])
      expect(await refused(text, '42P16', message)).toBe(`Add one: "${added}".`)
    await query(added)
    await query(`insert into double values (1, 2, '[1,2,3]'), (1, 3, '[1,2,4]')`)
    await query(create('double'))
    expect(await search('double', '[1,2,4]')).toEqual([{ key: '2' }])
  })

  it('is refused with a column name that is free if it has a column id', async () => {
    await query('create table named (id int, part int, v vector(3), primary key (id, part))')
    const hint = await refused(create('named'), '42P16', 'several columns: id, part')
    expect(hint).toMatch(/add column row_id bigint generated always as identity unique"/)
    await query('alter table named add column row_id bigint generated always as identity unique')
    await query(create('named'))
  })

  it('is refused with a primary key to add if it has none', async () => {
    await query('create table bare (v vector(3))')
    const hint = await refused(create('bare'), '42P16', 'table "public.bare" has no key')
    const added =
      'alter table public.bare add column id bigint generated always as identity primary key'
    expect(hint).toBe(`Add one: "${added}".`)
    await query(added)
    await query(create('bare'))
  })

  it('is refused with a hint on partitions if it is partitioned or a partition', async () => {
    await query('create table parts (a int, v vector(3)) partition by range (a)')
    await query('create table one_part partition of parts for values from (0) to (9)')
    const loaded = `, maintain => 'loader'`
    expect(await refused(create('parts', loaded), '42P16', 'has no key')).toMatch(
      /index its partitions/,
    )
    expect(await refused(create('one_part', loaded), '42P16', 'has no key')).toMatch(
      /"alter table public\.parts add column id .*", then "alter table public\.one_part add unique \(id\)"/,
    )
    await query('alter table parts add column id bigint not null')
    await query('alter table one_part add unique (id)')
    await query(create('one_part', loaded))
  })

  it.each([
    {
      what: 'a partial unique index',
      text: 'create unique index on odd_key (id) where id > 0',
      message: 'has no key',
      hint: /add column row_id bigint/,
    },
    {
      what: 'a unique index of an expression',
      text: 'create unique index on odd_key (abs(id))',
      message: 'has no key',
      hint: /add column row_id bigint/,
    },
    {
      what: 'a unique column that is checked at the end of the transaction',
      text: 'alter table odd_key add unique (id) deferrable initially deferred',
      message: '"id" of table "public.odd_key" is unique only at the end',
      hint: /"alter table public\.odd_key add unique \(id\)"/,
    },
    {
      what: 'a unique column that takes nulls',
      text: 'alter table odd_key add unique (id), alter id drop not null',
      message: '"id" of table "public.odd_key" allows nulls',
      hint: /"alter table public\.odd_key alter column id set not null"/,
    },
  ])('is refused with a hint if it has $what', async ({ text, message, hint }) => {
    await query('drop table if exists odd_key')
    await query('create table odd_key (id int not null, v vector(3))')
    await query(text)
    expect(await refused(create('odd_key'), '42P16', message)).toMatch(hint)
  })

  it('is refused if its unique index has another collation than its column', async () => {
    await query(`create table spelled (name text not null collate "C", v vector(3))`)
    await query('create unique index on spelled (name collate "POSIX")')
    expect(
      await refused(create('spelled'), '42P16', 'only by another collation or operator class'),
    ).toMatch(/add unique \(name\)/)
  })
})

describe('a unique column without nulls', () => {
  it('is the key if it is the only one, also after it is renamed', async () => {
    await query('create table coded (code text not null unique, other int unique, v vector(3))')
    await query(`insert into coded values ('a', 1, '[1,2,3]'), ('b', null, '[3,2,1]')`)
    await query(create('coded'))
    await query(`insert into coded values ('c', null, '[9,9,9]')`)
    await query(`update coded set code = 'd' where code = 'a'`)
    await query(`delete from coded where code = 'b'`)
    expect(await query(`select * from lsh.verify_index('coded')`)).toEqual([])
    expect(await query('select key from lsh_index.coded order by 1')).toEqual([
      { key: 'c' },
      { key: 'd' },
    ])
    await query('alter table coded rename code to label')
    await query(`select lsh.mend_index('coded')`)
    expect(await search('coded', '[9,9,9]')).toEqual([{ key: 'c' }])
    expect(
      await query(`select (near).label from lsh.nearest(null::coded, item => 'd', k => 1)`),
    ).toEqual([{ label: 'c' }])
  })

  it('is not the key if the table has a primary key', async () => {
    await query('create table primed (code text not null unique, id int primary key, v vector(3))')
    await query(`insert into primed values ('a', 7, '[1,2,3]')`)
    await query(create('primed'))
    expect(await search('primed', '[1,2,3]')).toEqual([{ key: '7' }])
  })

  it('must be chosen by key_column if there are several, and reindexing keeps the choice', async () => {
    await query('create table choice (a int not null unique, b text not null unique, v vector(3))')
    await query(
      `insert into choice select i, 'b' || i, array[i, 1, 2]::vector from generate_series(1, 9) as i`,
    )
    const hint = await refused(create('choice'), '42702', 'may be its key: a, b')
    expect(hint).toMatch(
      /"select lsh\.create_index\('public\.choice', \.\.\., key_column => 'a'\)"/,
    )
    await query(create('choice', `, key_column => 'b'`))
    expect(await search('choice', '[3,1,2]')).toEqual([{ key: 'b3' }])
    await query(`select lsh.create_family('of_choice', 'choice', 'v', bits => 32, kind => 'sign')`)
    expect(await query(`select lsh.reindex('choice', 'of_choice', build => 'later')`)).toHaveLength(
      1,
    )
    expect(await query(`select key_column from lsh.index where name = 'choice_next'`)).toEqual([
      { key_column: 'b' },
    ])
    await query(`select lsh.drop_index('choice_next')`)
    await query(
      `select lsh.create_index('choice', 'v', 'of_choice', 'by_number', key_column => 'a')`,
    )
    expect(
      await refused(
        `select lsh.switch_index('choice', 'by_number')`,
        '22023',
        'identifies rows by column "a"',
      ),
    ).toMatch(/key_column => 'b'/)
  })

  it.each([
    { key: 'c', code: '42703', message: 'has no column "c"', hint: /unique and not null/ },
    { key: 'v', code: '42P16', message: 'does not identify its rows', hint: /add unique \(v\)/ },
    { key: 'n', code: '42P16', message: '"n" of table .* allows nulls', hint: /n set not null/ },
  ])('is required: key_column $key is refused', async ({ key, code, message, hint }) => {
    await query('create table if not exists picky (id int primary key, n int unique, v vector(3))')
    const text = create('picky', `, key_column => '${key}'`)
    expect(await refused(text, code, new RegExp(message))).toMatch(hint)
  })

  it.each([
    { lost: 'its index', text: 'drop index $_only', again: 'create unique index $_only on $ (id)' },
    {
      lost: 'its not null',
      text: 'alter table $ alter id drop not null',
      again: 'alter table $ alter id set not null',
    },
  ])('that loses $lost makes the index unusable until it is restored', async ({ text, again }) => {
    const table = text.includes('null') ? 'nulled' : 'doubled'
    const run = (one: string) => query(one.replaceAll('$', table))
    await run('create table $ (id int not null, v vector(3))')
    await run('create unique index $_only on $ (id)')
    await run(`insert into $ values (1, '[1,2,3]')`)
    await query(create(table))
    // Event triggers are missing if no superuser has installed the extension.
    await query('alter event trigger lsh_follow_alter disable')
    await run(text)
    await query('alter event trigger lsh_follow_alter enable')
    for (const use of [
      `select * from lsh.search('$', '[1,2,3]')`,
      `select * from lsh.search_exact('$', '[1,2,3]')`,
      `select * from lsh.verify_index('$')`,
      `insert into $ values (2, '[3,2,1]')`,
    ])
      expect(
        await refused(use.replaceAll('$', table), '42P16', 'no longer identifies its rows'),
      ).toMatch(/Make it unique again/)
    await run(again)
    await run(`select lsh.mend_index('$')`)
    expect(await run(`select * from lsh.verify_index('$')`)).toEqual([])
    await run(`insert into $ values (2, '[3,2,1]')`)
    expect(await search(table, '[3,2,1]')).toEqual([{ key: '2' }])
  })

  it('cannot lose its not null or its index while event triggers are enabled', async () => {
    await query('create table held (id int not null constraint held_only unique, v vector(3))')
    await query(create('held'))
    for (const text of ['alter id drop not null', 'drop constraint held_only'])
      await refused(`alter table held ${text}`, '42P16', 'no longer identifies its rows')
  })
})
