import { beforeAll, describe, expect, it } from 'vitest'
import { useTestDatabase } from '../../database.js'
import { expectRefusal, rowsOf, valueOf } from '../asking.js'
import { setEventTriggers } from '../roles.js'

const database = useTestDatabase()
const query = <T>(text: string) => rowsOf<T>(database.store, text)
let made = 0

/** Creates a table `(id int primary key, note text, v vector(3))` of 30 rows and an index of the same name. */
async function addHashed(options = ''): Promise<string> {
  const name = `doc_${++made}`
  await query(`create table ${name} (id int primary key, note text, v vector(3))`)
  await query(
    `insert into ${name} select i, i::text, array[sin(i), cos(i), i % 7]::vector from generate_series(1, 30) as i`,
  )
  await query(`select lsh.create_index('${name}', 'v', 'three'${options && `, ${options}`})`)
  return name
}

/** Expects the index to be usable and its codes to be those of the rows. */
async function expectFollowed(index: string): Promise<void> {
  expect(await query(`select * from lsh.verify_index('${index}')`)).toEqual([])
  expect(
    await query(`select key from lsh.search('${index}', '[9,9,9]', k => 1, stage => 'scan')`),
  ).toHaveLength(1)
}

beforeAll(async () => {
  await query('create table model (id int primary key, v vector(3))')
  await query(
    'insert into model select i, array[sin(i), cos(i), i % 7]::vector from generate_series(1, 60) as i',
  )
  await query(`select lsh.create_family('three', 'model', 'v', bits => 64, kind => 'sign')`)
})

/** Changes that an index can follow; $ stands for the table. `insert` says where the table is afterwards. */
const FOLLOWED: readonly { what: string; steps: string[]; insert?: string }[] = [
  {
    what: 'another name of the table',
    steps: ['alter table $ rename to $_renamed'],
    insert: 'renamed',
  },
  {
    what: 'another schema',
    steps: ['create schema if not exists moved', 'alter table $ set schema moved'],
    insert: 'moved',
  },
  { what: 'another name of the vectors', steps: ['alter table $ rename column v to w'] },
  { what: 'another name of the key', steps: ['alter table $ rename column id to number'] },
  {
    what: 'names of key and vectors that other columns had',
    steps: [
      'alter table $ rename column v to w',
      'alter table $ rename column note to v',
      'alter table $ rename column id to note',
    ],
  },
  { what: 'a wider key', steps: ['alter table $ alter column id type bigint'] },
  { what: 'a key of text', steps: ['alter table $ alter column id type text using id::text'] },
  {
    what: 'another primary key on the same column',
    steps: ['alter table $ drop constraint $_pkey, add constraint $_again primary key (id)'],
  },
  { what: 'an unlogged table', steps: ['alter table $ set unlogged'] },
  { what: 'more columns', steps: ['alter table $ add column code text, add column key text'] },
  {
    what: 'columns that have names used by the extension',
    steps: ['alter table $ add column bucket int, add column norm int, add column lsh_source int'],
  },
]

/** Changes that an index cannot follow, with SQLSTATE and message. */
const REFUSED: readonly { what: string; steps: string[]; code: string; words: RegExp }[] = [
  {
    what: 'other dimensions',
    steps: ['truncate $', 'alter table $ alter column v type vector(4) using null'],
    code: 'LSH02',
    words: /4 dimensions.* 3/,
  },
  ...['sparsevec(3)', 'text', 'real[]'].map((type) => ({
    what: `vectors of type ${type}`,
    steps: [`alter table $ alter column v type ${type} using v::${type}`],
    code: '42804',
    words: /"v".*not vector/,
  })),
  {
    what: 'vectors without a dimension',
    steps: ['alter table $ alter column v type vector'],
    code: 'LSH02',
    words: /any dimensions/,
  },
  {
    what: 'a key of an enum',
    steps: [
      `create type kind_$ as enum ('a')`,
      'truncate $',
      `alter table $ alter column id type kind_$ using 'a'`,
    ],
    code: '42804',
    words: /kind_/,
  },
  {
    what: 'a key that is no longer unique',
    steps: ['alter table $ drop constraint $_pkey'],
    code: '42P16',
    words: /no longer identifies its rows/,
  },
  {
    what: 'another column for the key',
    steps: [
      'alter table $ add column other int not null default 0',
      'update $ set other = id',
      'alter table $ drop constraint $_pkey, add primary key (other)',
    ],
    code: '42P16',
    words: /no longer identifies its rows/,
  },
]

describe('with event triggers, an index', () => {
  it.each(FOLLOWED)('works after a change to $what', async ({ steps, insert }) => {
    const name = await addHashed()
    for (const step of steps) await query(step.replaceAll('$', () => name))
    await query(`select * from lsh.verify_index('${name}')`)
    const relation = await valueOf<string>(
      database.store,
      `select relation::text from lsh.index where name = '${name}'`,
    )
    const table = insert === 'moved' ? `moved.${name}` : relation
    const [{ key, vector }] = (await query(
      `select key_column as key, vector_column as vector from lsh.index where name = '${name}'`,
    )) as [{ key: string; vector: string }]
    await query(`insert into ${table} (${key}, ${vector}) values ('1000', '[9,9,9]')`)
    await query(`update ${table} set ${vector} = '[9,9,8]' where ${key} = '1'`)
    await query(`delete from ${table} where ${key} = '2'`)
    await expectFollowed(name)
  })

  it.each(REFUSED)(
    'refuses a change to $what, and remains usable',
    async ({ steps, code, words }) => {
      const name = await addHashed()
      const [last, ...before] = steps.map((step) => step.replaceAll('$', () => name)).reverse()
      for (const step of before.reverse()) await query(step)
      await expectRefusal(database.store, last!, code, words)
      await query(`insert into ${name} (id, v) values (1000, '[9,9,9]')`).catch(() => undefined)
      expect(await query(`select * from lsh.verify_index('${name}')`)).toEqual([])
    },
  )

  it('is suspect after a rewrite of the table, until it is verified', async () => {
    const name = await addHashed()
    await query(`alter table ${name} alter column v type vector(3) using v + v`)
    const state = () =>
      valueOf(database.store, `select state from lsh.index where name = '${name}'`)
    const stage = () =>
      valueOf(
        database.store,
        `select chosen_stage from lsh.explain_search('${name}', '[1,2,3]', stage => 'buckets')`,
      )
    expect([await state(), await stage()]).toEqual(['suspect', 'exact'])
    expect((await query(`select * from lsh.verify_index('${name}')`)).length).toBeGreaterThan(20)
    expect(await state()).toBe('suspect')
    await query(`select * from lsh.verify_index('${name}', repair => true)`)
    expect([await state(), await stage()]).toEqual(['ready', 'buckets'])
    await expectFollowed(name)
    await query(`alter table ${name} alter column note type int using note::int`)
    expect(await state()).toBe('suspect')
    await query(`select * from lsh.verify_index('${name}')`)
    expect(await state()).toBe('ready')
  })

  it.each([
    { what: 'its table', text: 'drop table $' },
    { what: 'the vectors', text: 'alter table $ drop column v' },
    { what: 'the key', text: 'alter table $ drop column id' },
    { what: 'the code table', text: 'drop table lsh_index.$' },
  ])('is dropped with $what', async ({ text }) => {
    const name = await addHashed()
    await query(text.replaceAll('$', () => name))
    expect(await query(`select from lsh.index where name = '${name}'`)).toEqual([])
    expect(
      await query(
        `select proname::text from pg_proc where pronamespace = 'lsh_index'::regnamespace and proname = '${name}'
         union all
         select relname from pg_class where relnamespace = 'lsh_index'::regnamespace and relname = '${name}'
         union all
         select tgname from pg_trigger join pg_class on pg_class.oid = tgrelid where relname = '${name}'`,
      ),
    ).toEqual([])
  })

  it('is dropped with the schema of its table', async () => {
    await query('create schema doomed')
    await query('create table doomed.doc (id int primary key, v vector(3))')
    await query(`select lsh.create_index('doomed.doc', 'v', 'three', 'doomed')`)
    await query('drop schema doomed cascade')
    expect(await query(`select from lsh.index where name = 'doomed'`)).toEqual([])
  })
})

describe('without event triggers, an index', () => {
  beforeAll(() => setEventTriggers(database, 'disable'))

  it.each(FOLLOWED.slice(2))(
    'works after a change to $what, if necessary after lsh.mend_index',
    async ({ steps }) => {
      const name = await addHashed()
      for (const step of steps) await query(step.replaceAll('$', () => name))
      const searched = await query(`select * from lsh.search('${name}', '[1,2,3]')`).then(
        () => true,
        (error: unknown) => error,
      )
      if (searched !== true)
        expect(searched).toMatchObject({ hint: expect.stringContaining('lsh.mend_index') })
      await query(`select lsh.mend_index('${name}')`)
      await expectFollowed(name)
    },
  )

  it.each(REFUSED)(
    'refuses searches and writes after a change to $what',
    async ({ steps, code, words }) => {
      const name = await addHashed()
      for (const step of steps) await query(step.replaceAll('$', () => name))
      await expectRefusal(
        database.store,
        `select * from lsh.search('${name}', '[1,2,3]')`,
        code,
        words,
      )
      for (const text of [`insert into ${name} (note) select 'x' where false`])
        await expectRefusal(database.store, text, code, words)
      await expectRefusal(database.store, `select * from lsh.verify_index('${name}')`, code, words)
      await query(`select lsh.drop_index('${name}')`)
      await query(`insert into ${name} (note) select 'x' where false`)
    },
  )

  it('reports that its table was dropped, and frees its name', async () => {
    const name = await addHashed()
    await query(`drop table ${name}`)
    for (const call of ['search', 'search_exact'])
      await expectRefusal(
        database.store,
        `select * from lsh.${call}('${name}', '[1,2,3]')`,
        '42P01',
        'was dropped',
      )
    await query(`create table ${name} (id int primary key, v vector(3))`)
    await query(`select lsh.create_index('${name}', 'v', 'three')`)
    await query(`drop table ${name}`)
    await query(`select lsh.drop_index('${name}')`)
    expect(await query(`select from lsh.index where name = '${name}'`)).toEqual([])
  })

  it('is repaired by lsh.verify_index and lsh.mend_index after triggers were disabled or dropped', async () => {
    const name = await addHashed()
    await query(`alter table ${name} disable trigger user`)
    await query(`update ${name} set v = '[9,9,9]' where id <= 5`)
    expect(await query(`select * from lsh.verify_index('${name}')`)).toHaveLength(5)
    await query(`drop trigger lsh_${await indexId(name)}_insert on ${name}`)
    await query(`select lsh.mend_index('${name}')`)
    await query(`alter table ${name} enable trigger user`)
    await query(`select * from lsh.verify_index('${name}', repair => true)`)
    await query(`insert into ${name} (id, v) values (1000, '[9,9,9]')`)
    await expectFollowed(name)
  })
})

function indexId(name: string): Promise<number> {
  return valueOf(database.store, `select id from lsh.index where name = '${name}'`)
}
