import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { useTestDatabase } from '../../database.js'
import { rowsOf } from '../asking.js'
import { asRole, undone, useRoles } from '../roles.js'

const database = useTestDatabase()
const roles = useRoles(database, ['owner', 'writer', 'reader', 'stranger'])
const query = <T>(text: string) => rowsOf<T>(database.store, text)
type Role = keyof typeof roles

beforeAll(async () => {
  await query(`select lsh.grant_create('${roles.owner}')`)
  await query(`create schema app authorization ${roles.owner}`)
  await query(`grant usage on schema app to ${roles.reader}, ${roles.writer}, ${roles.stranger}`)
  await asRole(database, roles.owner, async (ask) => {
    await ask('create table app.doc (id int primary key, v vector(3), note text)')
    await ask(
      `insert into app.doc select i, array[sin(i), cos(i), i % 7]::vector, 'n' from generate_series(1, 200) as i`,
    )
    await ask(`select lsh.create_family('own', 'app.doc', 'v', bits => 64, kind => 'sign')`)
    await ask(`select lsh.create_index('app.doc', 'v', 'own')`)
    await ask(`select lsh.grant_search('doc', '${roles.reader}')`)
    await ask(`grant insert, update, delete on app.doc to ${roles.writer}`)
  })
})

/** What each role may do. A test below compares this list with the table in docs/operations.md. */
const RIGHTS: readonly { what: string; text: string; may: readonly Role[] }[] = [
  {
    what: 'list indexes',
    text: 'select name from lsh.index',
    may: ['owner', 'writer', 'reader', 'stranger'],
  },
  {
    what: 'search',
    text: `select * from lsh.search('doc', '[1,2,3]', k => 1, stage => 'buckets')`,
    may: ['owner', 'reader'],
  },
  {
    what: 'search exactly',
    text: `select * from lsh.search_exact('doc', '[1,2,3]')`,
    may: ['owner', 'reader'],
  },
  {
    what: 'explain a search',
    text: `select * from lsh.explain_search('doc', '[1,2,3]')`,
    may: ['owner', 'reader'],
  },
  { what: 'compare', text: `select * from lsh.compare('doc', '{1}')`, may: ['owner', 'reader'] },
  {
    what: 'read figures of an index',
    text: `select * from lsh.index_stats('doc')`,
    may: ['owner', 'reader'],
  },
  {
    what: 'hash by its family',
    text: `select lsh.encode('own', '[1,2,3]'), lsh.probes('own', '[1,2,3]', 2)`,
    may: ['owner', 'reader'],
  },
  {
    what: 'read its directions for the client',
    text: `select 1 / count(*) from lsh.family, lsh_internal.parameters(family.id, family.token) where name = 'own'`,
    may: ['owner', 'reader'],
  },
  { what: 'read the table of directions', text: 'select from lsh.projection', may: [] },
  {
    what: 'insert rows',
    text: `insert into app.doc values (1000, '[1,2,3]')`,
    may: ['owner', 'writer'],
  },
  {
    what: 'change vectors',
    text: `update app.doc set v = '[3,2,1]'`,
    may: ['owner', 'writer'],
  },
  { what: 'delete rows', text: 'delete from app.doc', may: ['owner', 'writer'] },
  { what: 'truncate the table', text: 'truncate app.doc', may: ['owner'] },
  {
    what: 'write codes',
    text: `insert into lsh_index.doc values (0, -1, repeat('1', 64)::bit(64))`,
    may: ['owner'],
  },
  { what: 'delete codes', text: 'delete from lsh_index.doc', may: ['owner'] },
  { what: 'verify', text: `select * from lsh.verify_index('doc')`, may: ['owner'] },
  {
    what: 'repair',
    text: `select * from lsh.verify_index('doc', repair => true)`,
    may: ['owner'],
  },
  { what: 'tune', text: `select lsh.tune('doc', sample => 2)`, may: ['owner'] },
  { what: 'compact', text: `select lsh.compact_index('doc')`, may: ['owner'] },
  { what: 'reindex', text: `select lsh.reindex('doc', 'own')`, may: ['owner'] },
  { what: 'mend', text: `select lsh.mend_index('doc')`, may: ['owner'] },
  {
    what: 'grant searches',
    text: `select lsh.grant_search('doc', '${roles.stranger}')`,
    may: ['owner'],
  },
  {
    what: 'revoke searches',
    text: `select lsh.revoke_search('doc', '${roles.reader}')`,
    may: ['owner'],
  },
  {
    what: 'change settings',
    text: `with done as (update lsh.index set probes = 5 where name = 'doc' returning 1) select 1 / count(*) from done`,
    may: ['owner'],
  },
  {
    what: 'rename the entry of an index',
    text: `with done as (update lsh.index set relation = 'pg_class' where name = 'doc' returning 1) select 1 / count(*) from done`,
    may: [],
  },
  { what: 'drop the index', text: `select lsh.drop_index('doc')`, may: ['owner'] },
  {
    what: 'create a family for the table',
    text: `select lsh.create_family('another', 'app.doc', 'v', bits => 64)`,
    may: ['owner'],
  },
  {
    what: 'index the table',
    text: `select lsh.create_index('app.doc', 'v', 'own', 'another')`,
    may: ['owner'],
  },
  {
    what: 'drop the family of an index',
    text: `select lsh.drop_index('doc'), lsh.drop_family('own')`,
    may: ['owner'],
  },
  {
    what: 'let others index',
    text: `select lsh.grant_create('${roles.stranger}')`,
    may: [],
  },
]

describe.each(RIGHTS)('the right to $what', ({ text, may }) => {
  it.each(Object.keys(roles) as Role[])(
    'is granted or refused to the %s as listed',
    async (role) => {
      const done = await asRole(database, roles[role], (ask) => undone(ask, text))
      expect({ role, text, done }).toEqual({
        role,
        text,
        done: may.includes(role) ? true : expect.stringMatching(/^(42501|22012|LSH01)/),
      })
    },
  )
})

it('docs/operations.md has the same table of rights as this test', async () => {
  const page = await readFile('docs/operations.md', 'utf8')
  const [head, , ...lines] = /^\|\s+\| owner .*\n(\|.*\n)+/m.exec(page)![0].trim().split('\n')
  const cells = (line: string) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
  const named = cells(head!).slice(1)
  const said = lines.flatMap((line) => {
    const [whats = '', ...marks] = cells(line)
    const may = named.filter((_, i) => marks[i] === 'yes')
    return whats.split(', ').map((what) => ({ what, may }))
  })
  const byName = (a: { what: string }, b: { what: string }) => a.what.localeCompare(b.what)
  expect(said.sort(byName)).toEqual(RIGHTS.map(({ what, may }) => ({ what, may })).sort(byName))
})

describe('a family', () => {
  it('cannot be read by registering an index that uses it', async () => {
    await query(`select lsh.grant_create('${roles.stranger}')`)
    await query(`create schema theirs authorization ${roles.stranger}`)
    const [{ id }] = (await query(`select id from lsh.family where name = 'own'`)) as [
      { id: number },
    ]
    await asRole(database, roles.stranger, async (ask) => {
      await ask('create table theirs.doc (id int primary key, v vector(3))')
      await ask('create table theirs.codes (key int)')
      await expect(
        ask(
          `insert into lsh.index (name, relation, codes, key_column, vector_column, bound, key_number, key_index,
             vector_number, dims, family_id, maintain, probes, candidates, security)
           values ('theirs', 'theirs.doc', 'theirs.codes', 'id', 'v', 0, 1, 0, 2, 3, ${id}, 'loader', 1, 1, 'open')`,
        ),
      ).rejects.toMatchObject({ code: '42501' })
      await expect(ask(`select lsh.create_index('theirs.doc', 'v', 'own')`)).rejects.toMatchObject({
        code: 'LSH01',
      })
      expect(await ask('select * from lsh.family')).toEqual([])
      await expect(
        ask(`select lsh_internal.parameters(${id}, gen_random_uuid())`),
      ).rejects.toMatchObject({ code: '42501' })
    })
  })

  it('can be searched by every role if public is granted searches', async () => {
    await asRole(database, roles.owner, (ask) => ask(`select lsh.grant_search('doc', 'public')`))
    await asRole(database, roles.stranger, async (ask) => {
      expect(await ask(`select * from lsh.search('doc', '[1,2,3]', k => 4)`)).toHaveLength(4)
    })
    await asRole(database, roles.owner, (ask) => ask(`select lsh.revoke_search('doc', 'public')`))
  })
})
