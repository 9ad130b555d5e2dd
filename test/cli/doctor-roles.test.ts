import { beforeAll, describe, expect, inject, it } from 'vitest'
import { useTestDatabase } from '../database.js'
import { useRoles } from '../sql/roles.js'
import { cli, resultOf, useCli } from './run.js'

interface Doctor {
  findings: { check: string; found: string; ok: boolean; remedy: string }[]
}

const UNREADABLE = expect.stringMatching(/^not readable by this role/) as string

describe.runIf(inject('engine') === 'server')(
  'pg-lsh doctor, run by a role that only searches',
  () => {
    useCli()
    const database = useTestDatabase()
    const roles = useRoles(database, ['owner', 'reader', 'stranger', 'impostor'])
    const ask = (text: string) => database.store.pool.query(text)

    /** The URL of the database for a session of the role. */
    function placeOf(role: string): string {
      const url = new URL(database.place)
      url.searchParams.set('options', `-c role=${role}`)
      return url.toString()
    }

    async function doctor(role: string) {
      const run = await cli(['doctor', '--json'], { place: placeOf(role) })
      const { findings } = resultOf(run) as Doctor
      return { code: run.code, ill: findings.filter(({ ok }) => !ok), findings }
    }

    beforeAll(async () => {
      await ask('create table doc (id int primary key, v vector(3))')
      await ask(`insert into doc select i, array[sin(i), cos(i), i % 7]::vector
      from generate_series(1, 100) as i`)
      await ask(`alter table doc owner to ${roles.owner}`)
      await ask(`select lsh.create_family('doc', 'doc', 'v', bits => 64, kind => 'sign')`)
      await ask(`select lsh.create_index('doc', 'v', 'doc')`)
      await ask(`select lsh.grant_search('doc', '${roles.reader}')`)
    })

    it.each(['reader', 'stranger'] as const)(
      'reports no problem as %s, and says what the role may not read',
      async (name) => {
        const { code, ill, findings } = await doctor(roles[name])
        expect(ill).toEqual([])
        expect(code).toBe(0)
        for (const check of ['schema', 'data sets'])
          expect(findings).toContainEqual({ check, found: UNREADABLE, ok: true, remedy: '' })
      },
    )

    it('reads the migrations if the role may', async () => {
      await ask(`grant select on public.pg_lsh_migration to ${roles.owner}`)
      const { ill, findings } = await doctor(roles.owner)
      expect(ill).toEqual([])
      expect(findings.find(({ check }) => check === 'schema')?.found).toMatch(/^0002_cbir of 0002/)
    })

    it('reports an index with a disabled trigger', async () => {
      await ask('alter table doc disable trigger all')
      const { code, ill } = await doctor(roles.reader)
      await ask('alter table doc enable trigger all')
      expect(code).toBe(1)
      expect(ill).toContainEqual(
        expect.objectContaining({
          check: 'index doc',
          found: expect.stringMatching(/^trigger ".*" is disabled/) as string,
        }),
      )
    })

    it('names the role that must run migrate', async () => {
      await ask(`comment on schema lsh is 'older; sql 0'`)
      const { code, ill } = await doctor(roles.reader)
      expect(code).toBe(1)
      expect(ill.map(({ check }) => check)).toEqual(['schema', 'functions'])
      for (const { remedy } of ill)
        expect(remedy).toMatch(/^Let role ".+", which installed pg-lsh, run "pg-lsh migrate"\.$/)
      const refused = await cli(['migrate'], { place: placeOf(roles.reader) })
      expect(refused.code).toBe(1)
      expect(refused.stderr).toMatch(
        /schema "cbir" belongs to role .+\nhint: Let that role run "pg-lsh migrate"/,
      )
      expect((await cli(['migrate'], { place: database.place })).code).toBe(0)
    })

    it('does not trust a table that another role owns', async () => {
      await ask('alter table public.pg_lsh_migration rename to kept')
      await ask('create table public.pg_lsh_migration (id int, name text, run_on timestamptz)')
      await ask(`alter table public.pg_lsh_migration owner to ${roles.impostor}`)
      await ask(`grant select on public.pg_lsh_migration to public`)
      const { code, ill } = await doctor(roles.reader)
      await ask('drop table public.pg_lsh_migration')
      await ask('alter table public.kept rename to pg_lsh_migration')
      expect(code).toBe(1)
      expect(ill.map(({ found }) => found)).toEqual([
        '"public.pg_lsh_migration" belongs to another role',
      ])
    })
  },
)
