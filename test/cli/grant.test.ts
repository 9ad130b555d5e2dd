import { beforeAll, describe, expect, inject, it } from 'vitest'
import { grantReader, revokeReader } from '../../src/store/connection/readers.js'
import { createIndex } from '../../src/store/codes/create-index.js'
import { useTestDatabase } from '../database.js'
import { asRole, undone, useRoles } from '../sql/roles.js'
import { makeSpace } from '../store/codes/made-space.js'
import { failureOf } from './in-process.js'
import { cli, resultOf, useCli } from './run.js'

describe.runIf(inject('engine') === 'embedded')('pg-lsh grant reader', () => {
  it.each([['grant'], ['revoke']])(
    'rejects %s on an embedded database, which has no roles',
    async (verb) => {
      expect(await failureOf([verb, 'reader', 'analyst', '--db', 'never-made'])).toMatchObject({
        name: 'LshError',
        code: 'bad_usage',
        message: expect.stringMatching(/an embedded database has only one user/) as string,
        hint: expect.stringContaining('--db postgres://') as string,
      })
    },
  )
})

describe.runIf(inject('engine') === 'server')('pg-lsh grant reader on a server', () => {
  useCli()
  const database = useTestDatabase()
  const roles = useRoles(database, ['reader', 'stranger', 'owner'])
  const ask = async <T extends object>(text: string) =>
    (await database.store.pool.query<T>(text)).rows
  const run = (...args: string[]) => cli(args, { place: database.place })

  /** What a role may do: true, or the message with which it is refused. */
  const mayDo = (role: string, text: string) =>
    asRole(database, role, (query) => undone(query, text))
  const search = `select * from cbir.similar_slices(1, 'made', k => 1)`

  beforeAll(async () => {
    await makeSpace(database.store, { patients: 4 })
    await createIndex(database.store, 'made')
    await ask('create table doc (id int primary key, v vector(3))')
    await ask(`insert into doc select i, array[sin(i), cos(i), i % 7]::vector
      from generate_series(1, 100) as i`)
    await ask(`select lsh.create_family('doc', 'doc', 'v', bits => 64, kind => 'sign')`)
    await ask(`select lsh.create_index('doc', 'v', 'doc')`)
  })

  it('allows a role to read and search but not to change anything, until it is revoked', async () => {
    const role = roles.reader
    expect(await mayDo(role, search)).toMatch(/^42501/)
    const granted = await run('grant', 'reader', role, '--json')
    expect(granted.code).toBe(0)
    expect(resultOf(granted)).toEqual({
      role,
      created: false,
      schemas: ['cbir', 'space'],
      tables: expect.any(Number) as number,
      spaces: ['made'],
      indexes: ['made'],
    })
    expect(granted.stderr).toMatch(
      /may read the \d+ tables and views of schema cbir, spaces made, indexes made/,
    )
    expect(await mayDo(role, search)).toBe(true)
    expect(await mayDo(role, 'select * from cbir.plans')).toBe(true)
    expect(await mayDo(role, `update cbir.plan set site = 'x'`)).toMatch(/^42501/)
    expect(await mayDo(role, 'delete from space.made')).toMatch(/^42501/)
    expect(await mayDo(role, 'select id from doc')).toMatch(/^42501/)
    expect(await mayDo(roles.stranger, search)).toMatch(/^42501/)
    expect((await run('revoke', 'reader', role)).code).toBe(0)
    expect(await mayDo(role, search)).toMatch(/^42501/)
  })

  it('allows the role to search the index of another table if it is named', async () => {
    const role = roles.reader
    expect((await run('grant', 'reader', role, '--index', 'doc', '--quiet')).code).toBe(0)
    expect(await mayDo(role, 'select id, v from doc')).toBe(true)
    expect((await run('revoke', 'reader', role, '--index', 'doc', '--quiet')).code).toBe(0)
    expect(await mayDo(role, 'select id, v from doc')).toMatch(/^42501/)
    const unknown = await run('grant', 'reader', role, '--index', 'dco')
    expect(unknown.code).toBe(1)
    expect(unknown.stderr).toMatch(/index "dco" does not exist.*\nhint: Did you mean "doc"\?/)
    // With an unknown index nothing at all is granted.
    expect(await mayDo(role, search)).toMatch(/^42501/)
  })

  it('suggests the nearest role for an unknown one, and creates none', async () => {
    const name = `${roles.reader}x`
    for (const verb of ['grant', 'revoke']) {
      const { code, stderr } = await run(verb, 'reader', name)
      expect(code).toBe(1)
      expect(stderr).toContain(`error: role "${name}" does not exist\n`)
      expect(stderr).toContain(`hint: Did you mean "${roles.reader}"?`)
    }
    expect(await ask(`select from pg_roles where rolname = '${name}'`)).toEqual([])
  })

  it('creates a role with --create that has no password and may not log in', async () => {
    const name = `${roles.reader} "made"`
    const quoted = `"${name.replaceAll('"', '""')}"`
    try {
      const made = await run('grant', 'reader', name, '--create', '--json')
      expect(resultOf(made)).toMatchObject({ role: name, created: true })
      expect(made.stderr).toContain('may not log in yet')
      const [row] = await ask<object>(
        `select rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolpassword is null as bare
         from pg_authid where rolname = '${name}'`,
      )
      expect(row).toEqual({
        rolcanlogin: false,
        rolsuper: false,
        rolcreaterole: false,
        rolcreatedb: false,
        bare: true,
      })
      expect(await mayDo(quoted, search)).toBe(true)
      expect(resultOf(await run('grant', 'reader', name, '--create', '--json'))).toMatchObject({
        created: false,
      })
    } finally {
      await ask(`drop owned by ${quoted}; drop role ${quoted}`)
    }
  })

  it('creates no role if the grants are refused', async () => {
    const name = `${roles.reader}_lost`
    const refused = grantReader(database.store, name, { create: true, indexes: ['none'] })
    await expect(refused).rejects.toMatchObject({ code: 'LSH01' })
    expect(await ask(`select from pg_roles where rolname = '${name}'`)).toEqual([])
  })

  it('warns about a role with further privileges, or without the privilege to connect', async () => {
    const warnings: string[] = []
    const onWarning = (message: string) => void warnings.push(message)
    const [me] = await ask<{ name: string }>('select current_user::text as name')
    await grantReader(database.store, me?.name ?? '', { onWarning })
    expect(warnings).toEqual([expect.stringMatching(/may change what it reads$/)])
    const [{ name = '' } = {}] = await ask<{ name?: string }>('select current_database() as name')
    await ask(`revoke connect on database "${name}" from public`)
    await grantReader(database.store, roles.reader, { onWarning })
    await ask(`grant connect on database "${name}" to public`)
    expect(warnings[1]).toMatch(/may not connect/)
    await revokeReader(database.store, roles.reader)
  })

  it('is refused to a role that does not own the schema, and names the owner', async () => {
    const url = new URL(database.place)
    url.searchParams.set('options', `-c role=${roles.stranger}`)
    const { code, stderr } = await cli(['grant', 'reader', roles.reader], { place: url.toString() })
    expect(code).toBe(1)
    expect(stderr).toMatch(/must be owner of schema cbir.*\nhint: Let role "\S+" run this/)
  })
})
