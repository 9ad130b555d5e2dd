import { beforeAll, describe, expect, it } from 'vitest'
import { useTestDatabase } from '../../database.js'
import { expectRefusal, rowsOf } from '../asking.js'
import { asRole, useRoles } from '../roles.js'

const database = useTestDatabase()
const query = <T>(text: string) => rowsOf<T>(database.store, text)
const roles = useRoles(database, ['owner', 'stranger'])

interface Advice {
  name: string
  finding: string
  advice: string
  command: string | null
}

const health = async (index: string) =>
  (await query<Record<string, unknown>>(`select * from lsh.health where index = '${index}'`))[0]
const advised = (index: string, sample = 5) =>
  query<Advice>(`select * from lsh.maintain('${index}', sample => ${sample})`)

/** Creates a table of smoothly varying vectors, with a family and an index of the same name. */
async function index(name: string, rows = 200): Promise<void> {
  await query(`create table ${name} (id int primary key, v vector(3))`)
  await query(
    `insert into ${name} select i, array[sin(i / 9.0), cos(i / 9.0), i % 7]::vector from generate_series(1, ${rows}) as i`,
  )
  await query(`select lsh.create_family('${name}', '${name}', 'v', bits => 64, kind => 'sign')`)
  await query(`select lsh.create_index('${name}', 'v', '${name}')`)
}

beforeAll(() => index('sound'))

describe('lsh.health', () => {
  it('has a row for each index, with figures from the statistics', async () => {
    expect(await health('sound')).toMatchObject({
      relation: 'public.sound',
      state: 'ready',
      problem: null,
      hint: null,
      behind: null,
      skew: expect.closeTo(1, 0),
      recall: null,
      drift: null,
    })
  })

  it('reports the problem of an index, with a hint', async () => {
    await index('renamed')
    await query('alter table renamed disable trigger user')
    expect(await health('renamed')).toMatchObject({
      state: 'suspect',
      problem: expect.stringContaining('is disabled'),
      hint: expect.stringContaining(`lsh.mend_index('renamed')`),
    })
    expect(await advised('renamed')).toMatchObject([
      { name: 'renamed', command: `select lsh.mend_index('renamed');` },
    ])
  })

  it('shows the state of an index that is being built', async () => {
    await query('create table late (id int primary key, v vector(3))')
    await query(`insert into late select id, v from sound`)
    await query(`select lsh.create_index('late', 'v', 'sound', build => 'later')`)
    expect(await health('late')).toMatchObject({ state: 'building' })
    const [found] = await advised('late', 0)
    expect(found).toMatchObject({
      finding: 'it is being built',
      command: `call lsh.build_index('late');`,
    })
    await query(found?.command ?? '')
    expect(await health('late')).toMatchObject({ state: 'ready', behind: null })
  })

  it('shows measured figures only to the owner of the table, and the rest to every role', async () => {
    await advised('sound')
    expect(await health('sound')).toMatchObject({ recall: expect.any(Number) })
    await asRole(database, roles.stranger, async (ask) => {
      const [seen] = await ask<Record<string, unknown>>(
        `select * from lsh.health where index = 'sound'`,
      )
      expect(seen).toMatchObject({ state: 'ready', recall: null, drift: null, skew: null })
      expect(await ask('select * from lsh.maintain()')).toEqual([])
      await expect(ask(`select * from lsh.maintain('sound')`)).rejects.toMatchObject({
        code: '42501',
        hint: expect.any(String),
      })
    })
  })
})

describe('lsh.maintain', () => {
  it('finds nothing to do for a sound index, and measures its recall and drift', async () => {
    expect(await advised('sound')).toEqual([])
    expect(await health('sound')).toMatchObject({
      recall_first: expect.closeTo(1, 0),
      recall: expect.closeTo(1, 0),
      drift: expect.closeTo(0, 1),
    })
  })

  it('reports vectors that have moved, with a command that draws a new family', async () => {
    await index('moved')
    await query(`update moved set v = array[40 + sin(id / 9.0), cos(id / 9.0), id % 7]::vector`)
    // Without the vacuum, lsh.maintain may report dead codes instead.
    await query('select pg_stat_force_next_flush()')
    await query('vacuum lsh_index.moved')
    const [found] = await advised('moved')
    expect(found).toMatchObject({
      finding: expect.stringMatching(
        /^the mean of the vectors has moved by \d+\.\d+ mean distances$/,
      ),
      command: expect.stringContaining('lsh.reindex'),
    })
    await query(found?.command ?? '')
    expect(await advised('moved')).toEqual([])
    expect(await health('moved')).toMatchObject({ drift: expect.closeTo(0, 1) })
  })

  it('works for an owner who is not a superuser', async () => {
    await asRole(database, roles.owner, async (ask) => {
      await ask('reset role')
      await ask(`select lsh.grant_create('${roles.owner}')`)
      await ask(`grant create on schema public to ${roles.owner}`)
      await ask(`set role ${roles.owner}`)
      await ask('create table hers (id int primary key, v vector(3))')
      await ask(
        'insert into hers select i, array[sin(i), cos(i), 1]::vector from generate_series(1, 50) as i',
      )
      await ask(`select lsh.create_family('hers', 'hers', 'v', bits => 64)`)
      await ask(`select lsh.create_index('hers', 'v', 'hers')`)
      expect(await ask('select * from lsh.maintain()')).toEqual([])
      expect(
        await ask(
          `select index, recall > 0.5 as good from lsh.health where checked_at is not null`,
        ),
      ).toEqual([{ index: 'hers', good: true }])
      await ask(`select lsh.drop_index('hers')`)
    })
  })

  it('refuses an index that does not exist, and a negative or null sample', async () => {
    await expectRefusal(database.store, `select lsh.maintain('none')`, 'LSH01')
    await expectRefusal(database.store, `select lsh.maintain(sample => -1)`, '22023')
    await expectRefusal(database.store, `select lsh.maintain(sample => null)`, '22023')
  })
})
