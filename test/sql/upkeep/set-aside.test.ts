import { describe, expect, it } from 'vitest'
import { useTestDatabase } from '../../database.js'
import { rowsOf, valueOf } from '../asking.js'

const database = useTestDatabase()
const query = <T>(text: string) => rowsOf<T>(database.store, text)
const stateOf = (index: string) =>
  valueOf(database.store, `select state from lsh.index where name = '${index}'`)
const problems = (index: string) => query(`select * from lsh.verify_index('${index}')`)

let made = 0

/** Creates a table of a hundred rows; the family of all tables is drawn from the first one. */
async function addTable(
  key = 'int',
  keyOf = 'i',
  v = 'vector(3)',
  vectorOf = 'array[sin(i), cos(i), i % 7]::vector',
): Promise<string> {
  const name = `doc_${++made}`
  await query(`create table ${name} (id ${key} primary key, a float4, v ${v})`)
  await query(
    v.includes('generated')
      ? `insert into ${name} (id, a) select ${keyOf}, i from generate_series(1, 100) as i`
      : `insert into ${name} select ${keyOf}, i, ${vectorOf} from generate_series(1, 100) as i`,
  )
  if (made === 1) await query(`select lsh.create_family('f', '${name}', 'v', bits => 64)`)
  return name
}

const index = (table: string, more = '') =>
  query(`select lsh.create_index('${table}', 'v', 'f', '${table}' ${more})`)
const REWRITE = 'alter column v type vector(3) using (array[1, a, 1]::real[]::vector(3))'

describe('an index whose table is rewritten', () => {
  it('prevents the rewrite while it is being built', async () => {
    const name = await addTable()
    await index(name, `, build => 'later'`)
    await query(`select lsh_internal.build_batch('${name}', 30)`)
    await expect(query(`alter table ${name} ${REWRITE}`)).rejects.toMatchObject({
      code: '55000',
      hint: expect.stringContaining('lsh.build_index'),
    })
  })

  it('becomes suspect when a generated column gets another expression', async () => {
    const version = await valueOf<number>(
      database.store,
      `select current_setting('server_version_num')::int`,
    )
    if (version < 170_000) return
    const column = 'vector(3) generated always as (array[a, 1, 2]::real[]::vector(3)) stored'
    const name = await addTable('int', 'i', column)
    await index(name)
    await query(
      `alter table ${name} alter column v set expression as (array[1, a, -a]::real[]::vector(3))`,
    )
    expect(await stateOf(name)).toBe('suspect')
    expect(await problems(name)).not.toEqual([])
    await query(`select * from lsh.verify_index('${name}', repair => true)`)
    expect([await stateOf(name), await problems(name)]).toEqual(['ready', []])
  })

  it('cannot be switched in until lsh.verify_index has compared its codes', async () => {
    const name = await addTable()
    await index(name)
    await query(`select lsh.create_index('${name}', 'v', 'f', 'next_${name}')`)
    await query(`alter table ${name} ${REWRITE}`)
    await expect(query(`select lsh.switch_index('${name}', 'next_${name}')`)).rejects.toMatchObject(
      { code: '55000', hint: expect.stringContaining('lsh.verify_index') },
    )
  })
})

describe('triggers of an index', () => {
  it('make it suspect when they are disabled, and get their modes back when they are enabled', async () => {
    const name = await addTable()
    await index(name)
    const modes = `select tgname, tgenabled from pg_trigger where tgrelid = '${name}'::regclass order by 1`
    const before = await query(modes)
    await query(`alter table ${name} disable trigger all`)
    await query(`insert into ${name} values (1000, 1, '[1,2,3]')`)
    await query(`alter table ${name} enable trigger all`)
    expect(await query(modes)).toEqual(before)
    expect(await stateOf(name)).toBe('suspect')
    const nearest = `select key from lsh.search('${name}', '[1,2,3]', k => 1)`
    expect(await query(nearest)).toEqual([{ key: '1000' }])
    await query(`select * from lsh.verify_index('${name}', repair => true)`)
    expect([await stateOf(name), await query(nearest)]).toEqual(['ready', [{ key: '1000' }]])
  })

  it('are dropped with it even if they were renamed', async () => {
    const name = await addTable()
    await index(name)
    const trigger = await valueOf<string>(
      database.store,
      `select tgname from pg_trigger where tgrelid = '${name}'::regclass and tgname like '%insert'`,
    )
    await query(`alter trigger ${trigger} on ${name} rename to mine`)
    await query(`select lsh.drop_index('${name}')`)
    expect(await query(`select from pg_trigger where tgrelid = '${name}'::regclass`)).toEqual([])
  })
})

it('an indexed table can be altered after its last child table is dropped', async () => {
  const name = await addTable()
  await index(name)
  await query(`create table kid () inherits (${name})`)
  await query('drop table kid')
  await query(`alter table ${name} add column note text`)
  expect(await problems(name)).toEqual([])
})

describe('keys', () => {
  it.each([
    ['float8', 'i + 1 / 3.0::float8', 'set extra_float_digits = -5'],
    [
      'timestamptz',
      `'2024-01-01'::timestamptz + i * '1 day'::interval`,
      `set datestyle = 'Postgres, DMY'; set timezone = 'Asia/Kolkata'`,
    ],
    ['date', `'2024-01-01'::date + i::int`, `set datestyle = 'SQL, DMY'`],
    ['interval', `i * '1 day 1 hour'::interval`, `set intervalstyle = 'sql_standard'`],
  ])(
    'of type %s are stored correctly in sessions with any output format',
    async (type, keyOf, settings) => {
      const name = await addTable(type, keyOf)
      await index(name)
      const client = await database.store.pool.connect()
      try {
        await client.query(settings)
        await client.query(
          `insert into ${name} select ${keyOf}, i, array[sin(i), cos(i), 1]::vector from generate_series(101, 200) as i`,
        )
        await client.query(`update ${name} set v = '[1,2,3]' where a < 50`)
        const { rows } = await client.query(
          `select * from lsh.nearest(null::${name}, query => '[1,2,3]', k => 5)`,
        )
        expect(rows).toHaveLength(5)
        await client.query(`delete from ${name} where a between 20 and 30`)
      } finally {
        await client.query('reset all')
        client.release()
      }
      expect(await problems(name)).toEqual([])
    },
  )

  it('that change to an equal value with another text form are updated', async () => {
    const name = await addTable('numeric', 'i')
    await index(name)
    await query(`update ${name} set id = (id || '.00')::numeric`)
    expect(
      await valueOf(
        database.store,
        `select count(*)::int from lsh_index.${name} where key::text like '%.00'`,
      ),
    ).toBe(100)
  })

  it('get the new collation in the code table when the column changes its collation', async () => {
    const name = await addTable('text', `'k' || i`)
    await index(name)
    await query(`alter table ${name} alter column id type text collate "C"`)
    expect(
      await valueOf(
        database.store,
        `select collname from pg_attribute join pg_collation on pg_collation.oid = attcollation
         where attrelid = 'lsh_index.${name}'::regclass and attname = 'key'`,
      ),
    ).toBe('C')
    expect(await problems(name)).toEqual([])
  })
})
