import { describe, expect, inject, it } from 'vitest'
import { openStore } from '../../src/store/connection/connect.js'
import { migrate } from '../../src/store/schema/migrate.js'
import { openTestDatabase, useTestDatabase, type TestDatabase } from '../database.js'
import { planOf, rowsOf, valueOf } from './asking.js'
import { addTable, hashTable, lattice, search } from './hashed-table.js'
import { schemaText } from './schema-text.js'

const database = useTestDatabase()
const query = <T>(text: string, values: unknown[] = []) => rowsOf<T>(database.store, text, values)

interface Definition {
  name: string
  volatility: 'i' | 's' | 'v'
  language: string
  standard: boolean
  settings: string[] | null
  comment: string | null
}

function functions(): Promise<Definition[]> {
  return query<Definition>(
    `select nspname || '.' || proname as name, provolatile as volatility, lanname as language,
       prosqlbody is not null as standard, proconfig as settings,
       obj_description(pg_proc.oid, 'pg_proc') as comment
     from pg_proc
       join pg_namespace on pg_namespace.oid = pronamespace
       join pg_language on pg_language.oid = prolang
     where nspname in ('lsh', 'lsh_internal', 'cbir')
     order by 1`,
  )
}

const isPublic = ({ name }: Definition) => !/^lsh_internal\.|\._/.test(name)
/** Whether a function changes something, by its name. */
const acts = ({ name }: Definition) =>
  /\._?(add|begin|bind|build|check|compact|copy|create|delete|distribute|drop|end|fill|follow|forget|give|grant|guard|hand|has_twins|held|keep|lock|maintain|mend|open|refresh|refuse|reindex|revoke|sample_recall|seal|set|switch|tune|undistribute|unguard|verify)(_|$)/.test(
    name,
  )

async function inDatabase(work: (other: TestDatabase) => Promise<void>): Promise<void> {
  const other = await openTestDatabase()
  try {
    await work(other)
  } finally {
    await other.close()
  }
}

describe('the functions of the extension', () => {
  it('include lsh.search and cbir.similar_slices', async () => {
    const names = (await functions()).filter(isPublic).map(({ name }) => name)
    expect(names).toContain('lsh.search')
    expect(names).toContain('cbir.similar_slices')
    expect(names.length).toBeGreaterThan(15)
  })

  it('have a comment of one sentence if they are public', async () => {
    for (const { name, comment } of (await functions()).filter(isPublic)) {
      expect({ name, comment }).toEqual({ name, comment: expect.stringMatching(/^\S.{15,}\.$/) })
    }
  })

  it('are volatile exactly if they change something', async () => {
    const all = await functions()
    // cost_of runs "explain", which a stable function cannot.
    const volatile = (one: Definition) =>
      one.volatility === 'v' && one.name !== 'lsh_internal.cost_of'
    expect(all.filter(volatile).filter((one) => !acts(one))).toEqual([])
    expect(all.filter(acts).filter((one) => !volatile(one))).toEqual([])
    expect(all.filter(acts).length).toBeGreaterThan(6)
  })

  it('do not depend on the search path of the caller', async () => {
    const exposed = (await functions()).filter(
      ({ standard, settings }) =>
        !standard && !settings?.some((setting) => setting.startsWith('search_path=pg_catalog')),
    )
    // Polymorphic functions cannot have a standard body, and a procedure that commits cannot have a setting;
    // all names in them are qualified.
    expect(exposed.map(({ name }) => name)).toEqual(
      [
        'lsh_internal.distinct',
        'lsh_internal.overlap',
        'lsh.build_index',
        'lsh.dice',
        'lsh.jaccard',
      ].filter((name) => exposed.some((one) => one.name === name)),
    )
  })

  it('include lsh.hamming in a form that the planner can inline', async () => {
    const found = (await functions()).find((one) => one.name === 'lsh.hamming')
    expect(found).toMatchObject({
      volatility: 'i',
      language: 'sql',
      standard: true,
      settings: null,
    })
  })
})

describe('the comments of the extension', () => {
  it('have at most 200 characters', async () => {
    const long = await query(
      `select pg_describe_object(classoid, objoid, objsubid) as object, length(description)
       from pg_description
       where length(description) > 200
         and (classoid, objoid) in (
           select 'pg_namespace'::regclass, oid from pg_namespace where nspname ~ '^(lsh|cbir|space)'
           union all
           select 'pg_proc'::regclass, oid from pg_proc where pronamespace::regnamespace::text ~ '^(lsh|cbir|space)'
           union all
           select 'pg_class'::regclass, oid from pg_class where relnamespace::regnamespace::text ~ '^(lsh|cbir|space)'
           union all
           select 'pg_type'::regclass, oid from pg_type where typnamespace::regnamespace::text ~ '^(lsh|cbir|space)')`,
    )
    expect(long).toEqual([])
  })
})

describe('the tables of the extension', () => {
  it('all have a comment', async () => {
    const silent = await query(
      `select relname from pg_class join pg_namespace on pg_namespace.oid = relnamespace
       where nspname in ('lsh', 'cbir') and relkind in ('r', 'v')
         and obj_description(pg_class.oid, 'pg_class') is null`,
    )
    expect(silent).toEqual([])
  })

  it('have an index for each foreign key with "on delete cascade"', async () => {
    const plan = await planOf(database.store, 'select from lsh.index where family_id = 1')
    expect(plan).toContain('lsh.index')
    const bare = await query(
      `select conrelid::regclass::text as "table", conname
       from pg_constraint
         join pg_namespace on pg_namespace.oid = connamespace
       where contype = 'f' and confdeltype = 'c' and nspname in ('lsh', 'cbir')
         and not exists (
           select from pg_index
           where indrelid = conrelid and indkey[0] = conkey[1])`,
    )
    expect(bare).toEqual([])
  })
})

describe('the schema', () => {
  it('equals the snapshot on every engine', async () => {
    await expect(await schemaText(database.store)).toMatchFileSnapshot('./snapshots/schema.sql')
  })

  it('is the same after it is removed and installed again', async () => {
    await inDatabase(async ({ store }) => {
      const before = await schemaText(store)
      expect((await migrate(store, { direction: 'down' })).applied).toEqual([
        '0002_cbir',
        '0001_lsh',
      ])
      expect(
        await rowsOf(
          store,
          `select nspname from pg_namespace where nspname in ('lsh', 'lsh_internal', 'lsh_index', 'cbir', 'space')`,
        ),
      ).toEqual([])
      expect(await migrate(store)).toEqual({ applied: ['0001_lsh', '0002_cbir'], installed: true })
      expect(await schemaText(store)).toBe(before)
      await addTable(store, 'item', lattice({ rows: 30, dims: 4, seed: 1 }))
      await hashTable(store, 'item')
      expect(await search(store, 'item', [1, 2, 3, 4])).toHaveLength(10)
    })
  })

  it('is removed with all indexes, but without the tables of users', async () => {
    await inDatabase(async ({ store }) => {
      await addTable(store, 'item', lattice({ rows: 30, dims: 4, seed: 1 }))
      await hashTable(store, 'item')
      await rowsOf(store, `select cbir.create_space('space_of_parts', 4, parts => '[]')`)
      await migrate(store, { direction: 'down' })
      await rowsOf(store, `insert into item values (100, '', '[9,9,9,9]')`)
      expect(await valueOf(store, 'select count(*)::int from item')).toBe(31)
      await migrate(store)
      await hashTable(store, 'item')
      expect(await search(store, 'item', [9, 9, 9, 9], 'k => 1')).toMatchObject([{ key: '100' }])
    })
  })

  it('is not changed by a second migrate', async () => {
    const rows = `select 'function' as kind, oid::int, xmin::text from pg_proc
                  where pronamespace in ('lsh'::regnamespace, 'cbir'::regnamespace)
                  union all
                  select 'relation', oid::int, xmin::text from pg_class
                  where relnamespace in ('lsh'::regnamespace, 'cbir'::regnamespace)
                  order by 1, 2`
    const before = await query(rows)
    expect(await migrate(database.store)).toEqual({ applied: [], installed: false })
    expect(await query(rows)).toEqual(before)
    expect(before.length).toBeGreaterThan(40)
  })

  it('is restored over the functions of another version while indexes are in use', async () => {
    await inDatabase(async ({ store }) => {
      await addTable(store, 'item', lattice({ rows: 30, dims: 4, seed: 1 }))
      await hashTable(store, 'item')
      const before = await schemaText(store)
      const found = await search(store, 'item', [1, 2, 3, 4])
      await rowsOf(store, `comment on schema lsh is 'sql 0123'`)
      await rowsOf(store, `comment on function lsh.search is 'Something else.'`)
      await rowsOf(
        store,
        `create function lsh.search(index text, query vector, k text) returns int language sql return 1`,
      )
      await rowsOf(store, `create function cbir.gone() returns int language sql return 1`)
      expect(await migrate(store)).toEqual({ applied: [], installed: true })
      expect(await schemaText(store)).toBe(before)
      expect(await search(store, 'item', [1, 2, 3, 4])).toEqual(found)
    })
  })

  it('returns vectors as Float32Array on the connection that installed pgvector', async () => {
    await inDatabase(async ({ store }) => {
      await migrate(store, { direction: 'down' })
      await rowsOf(store, 'drop extension vector')
      await migrate(store)
      expect(await valueOf(store, `select '[1,2.5]'::vector`)).toEqual(Float32Array.of(1, 2.5))
    })
  })

  describe.skipIf(inject('engine') === 'embedded')(
    'is installed once by three concurrent migrates',
    () => {
      it.each([
        { how: 'where pgvector is there', prepare: 'select 1' },
        { how: 'where pgvector is not', prepare: 'drop extension vector' },
      ])('$how', async ({ prepare }) => {
        await inDatabase(async ({ place, store }) => {
          const before = await schemaText(store)
          for (let round = 0; round < 3; round++) {
            await migrate(store, { direction: 'down' })
            await rowsOf(store, prepare)
            const stores = await Promise.all([1, 2, 3].map(() => openStore(place)))
            try {
              const reports = await Promise.all(stores.map((one) => migrate(one)))
              const applied = reports.flatMap((report) => report.applied)
              expect(applied.sort()).toEqual(['0001_lsh', '0002_cbir'])
            } finally {
              for (const one of stores) await one.close()
            }
            expect(await schemaText(store)).toBe(before)
          }
        })
      })
    },
  )
})
