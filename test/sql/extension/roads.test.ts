import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { extensionFiles } from '../../../scripts/extension/files.mjs'
import { migrate } from '../../../src/store/schema/migrate.js'
import { rowsOf, type Asked } from '../asking.js'
import { schemaText } from '../schema-text.js'
import {
  dropDatabases,
  emptyDatabase,
  machine,
  nameOf,
  run,
  within,
  withExtension,
  before16,
  filesHere,
} from './server.js'
import { pgTle } from './pg-tle.js'
import { fill, findings, write } from './using.js'

const SCHEMAS = ['lsh', 'lsh_internal', 'lsh_index']
const server = describe.skipIf(machine === null)

/** Descriptions of the objects that belong to the extension. */
const members = (asked: Asked) =>
  rowsOf(
    asked,
    `select pg_describe_object(classid, objid, 0) as member
     from pg_depend
     where refclassid = 'pg_extension'::regclass and deptype = 'e'
       and refobjid = (select oid from pg_extension where extname = 'pg_lsh')
     order by 1`,
  )

/** Scripts of a future version. */
const { 'pg_lsh.control': _, ...NEXT } = filesHere({ version: '0.1.1-next' })
const VECTOR = 'create extension vector'
const CREATE = 'create extension pg_lsh'

afterAll(dropDatabases)

server('every way to install', () => {
  let migrated: string
  let expected: string
  let role: string

  beforeAll(async () => {
    migrated = await emptyDatabase()
    await within(migrated, async (store) => {
      await migrate(store)
      expected = await schemaText(store, SCHEMAS)
    })
    role = `lsh_test_owner_${nameOf(migrated).slice(-8)}`
    await run(migrated, `create role ${role}`)
    return async () => {
      await dropDatabases()
      await run(process.env.PG_LSH_TEST_URL ?? '', `drop role ${role}`)
    }
  })

  it.each([
    { what: 'by a superuser', prepare: [VECTOR] },
    {
      what: 'with pgvector elsewhere',
      prepare: ['create schema "Odd ext"', `${VECTOR} schema "Odd ext"`],
      vectorSchema: '"Odd ext"',
    },
    { what: 'by a role with the right to create schemas', prepare: [VECTOR], owner: true },
  ])(
    'creates the same objects: create extension $what',
    async ({ prepare, owner = false, vectorSchema = 'public' }) => {
      const place = await emptyDatabase()
      await withExtension(async () => {
        await run(place, ...prepare)
        if (owner) await run(place, `grant create on database ${nameOf(place)} to ${role}`)
        await run(place, ...(owner ? [`set role ${role}`] : []), CREATE)
      }, filesHere({ vectorSchema }))
      await within(place, async (store) => {
        const text = await schemaText(store, SCHEMAS)
        expect(text.replaceAll('"Odd ext".', '')).toBe(expected)
        if (owner)
          expect(
            await rowsOf(
              store,
              `select distinct pg_get_userbyid(proowner) as owner from pg_proc where pronamespace in ('lsh'::regnamespace, 'lsh_internal'::regnamespace)`,
            ),
          ).toEqual([{ owner: role }])
      })
    },
  )

  it('creates the same objects: pg_tle, by a role that is not a superuser', async () => {
    const place = await emptyDatabase()
    await run(place, VECTOR, ...pgTle, `grant create on database ${nameOf(place)} to ${role}`)
    await run(
      place,
      `grant usage on schema pgtle to ${role}`,
      `set role ${role}`,
      extensionFiles()['pg_lsh.tle.sql'] ?? '',
      `select pgtle.created('pg_lsh', '0.1.0')`,
    )
    await within(place, async (store) => {
      expect(await schemaText(store, SCHEMAS)).toBe(expected)
      await fill(store)
      expect(await write(store)).toEqual([])
    })
  })

  it('creates the same objects: "pg-lsh migrate", then adopted by the extension', async () => {
    const [place, fresh] = [await emptyDatabase(), await emptyDatabase()]
    await within(place, async (store) => {
      await migrate(store)
      await fill(store)
      await rowsOf(store, `select lsh.grant_create('${role}')`)
      const before = await findings(store)
      await rowsOf(store, 'drop schema cbir cascade')
      await rowsOf(store, 'drop schema space cascade')
      await withExtension(async () => {
        await run(fresh, `${CREATE} cascade`)
        await run(place, `${CREATE} version 'unpackaged'`, 'alter extension pg_lsh update')
      })
      expect(await findings(store)).toEqual(before)
      expect(await write(store)).toEqual([])
      const adopted = await members(store)
      await rowsOf(store, `select lsh.drop_index('document'), lsh.drop_family('document')`)
      expect(await schemaText(store, SCHEMAS)).toBe(expected)
      await within(fresh, async (other) => expect(adopted).toEqual(await members(other)))
      expect(await rowsOf(store, `select to_regclass('pg_lsh_migration') as accounts`)).toEqual([
        { accounts: null },
      ])
    })
  })

  it('refuses "create extension" after "pg-lsh migrate", with a hint on both ways out', async () => {
    await withExtension(async () => {
      await expect(run(migrated, CREATE)).rejects.toMatchObject({
        code: '42710',
        hint: expect.stringMatching(/"pg-lsh migrate".*'unpackaged'/),
      })
      await expect(
        run(migrated, `begin`, `${CREATE} version 'unpackaged'`, 'alter extension pg_lsh update'),
      ).rejects.toMatchObject({ code: '2BP01', hint: expect.stringContaining('drop schema cbir') })
    })
  })

  it('refuses "create extension" if a schema of the same name exists', async () => {
    const place = await emptyDatabase()
    await withExtension(async () => {
      await run(place, VECTOR, 'create schema lsh_index')
      await expect(run(place, CREATE)).rejects.toMatchObject({ code: '42P06' })
      await expect(run(place, `${CREATE} version 'unpackaged'`)).rejects.toMatchObject({
        code: '42704',
        hint: expect.stringContaining('create extension pg_lsh'),
      })
    })
  })

  it('refuses "pg-lsh migrate", up and down, after "create extension"', async () => {
    const place = await emptyDatabase()
    await withExtension(() => run(place, `${CREATE} cascade`))
    await within(place, async (store) => {
      await expect(migrate(store)).rejects.toMatchObject({
        code: 'database',
        hint: expect.stringContaining('alter extension pg_lsh update'),
      })
      await expect(migrate(store, { direction: 'down' })).rejects.toMatchObject({
        hint: expect.stringContaining('drop extension pg_lsh'),
      })
    })
  })
})

server('the extension', () => {
  it('does not own code tables or other objects created at run time', async () => {
    const place = await emptyDatabase()
    await withExtension(() => run(place, `${CREATE} cascade`))
    await within(place, async (store) => {
      const before = await members(store)
      await fill(store)
      await rowsOf(store, `select lsh.reindex('document', 'document')`)
      await rowsOf(store, `select lsh.mend_index('document')`)
      expect(await members(store)).toEqual(before)
      expect(before).not.toContainEqual({ member: expect.stringContaining('document') })
    })
  })

  it('cannot be dropped while it has indexes, and with cascade leaves only the tables of users', async () => {
    const place = await emptyDatabase()
    await withExtension(() => run(place, `${CREATE} cascade`))
    await within(place, async (store) => {
      await fill(store)
      await expect(rowsOf(store, 'drop extension pg_lsh')).rejects.toMatchObject({ code: '2BP01' })
      await rowsOf(store, 'drop extension pg_lsh cascade')
      await rowsOf(store, `insert into document values (1000, 'after', '[1,2,3]')`)
      expect(
        await rowsOf(
          store,
          `select nspname from pg_namespace where nspname ~ '^(lsh|cbir|space)'
           union all select evtname from pg_event_trigger
           union all select tgname from pg_trigger where not tgisinternal`,
        ),
      ).toEqual([])
    })
  })

  it.skipIf(before16)('prevents a move of pgvector to another schema', async () => {
    const place = await emptyDatabase()
    await withExtension(() => run(place, `${CREATE} cascade`, 'create schema other'))
    await expect(run(place, 'alter extension vector set schema other')).rejects.toThrow(
      /other extensions prevent it/,
    )
  })

  it('can be updated to a newer version, which keeps indexes and drops removed functions', async () => {
    const place = await emptyDatabase()
    const fresh = await emptyDatabase()
    await withExtension(async () => {
      await run(place, `${CREATE} version '0.1.0' cascade`)
      await within(place, async (store) => {
        await fill(store)
        const before = await findings(store)
        await run(
          place,
          `create function lsh.gone() returns int language sql return 1`,
          'alter extension pg_lsh add function lsh.gone()',
          `alter extension pg_lsh update to '0.1.1-next'`,
        )
        expect(await findings(store)).toEqual(before)
        expect(await write(store)).toEqual([])
        await rowsOf(store, `select lsh.drop_index('document'), lsh.drop_family('document')`)
        await run(fresh, `${CREATE} version '0.1.1-next' cascade`)
        await within(fresh, async (other) => {
          expect(await schemaText(store, SCHEMAS)).toBe(await schemaText(other, SCHEMAS))
          expect(await members(store)).toEqual(await members(other))
        })
      })
    }, NEXT)
  })
})

describe('the files of the extension', () => {
  it('have no placeholders on PostgreSQL 15, which cannot replace them', () => {
    const files = extensionFiles({ vectorSchema: 'ext' })
    for (const [name, text] of Object.entries(files))
      if (!name.endsWith('.tle.sql'))
        expect([name, text]).toEqual([name, expect.not.stringMatching(/@vector@|@extschema/)])
    expect(files['pg_lsh.control']).not.toContain('no_relocate')
  })

  it('have the version of the package, and an update script from each release', () => {
    const files = Object.keys(extensionFiles({ version: '9.9.9' }))
    expect(files).toEqual(
      expect.arrayContaining([
        'pg_lsh--9.9.9.sql',
        'pg_lsh--0.1.0--9.9.9.sql',
        'Makefile',
        'META.json',
      ]),
    )
  })
})
