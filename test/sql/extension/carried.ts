/** Tests of copied databases, for each way to install. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrate } from '../../../src/store/schema/migrate.js'
import { rowsOf, valueOf, type Asked } from '../asking.js'
import { schemaText } from '../schema-text.js'
import type { Way } from './dumping.js'
import { dropDatabases, emptyDatabase, machine, run, within, withExtension } from './server.js'
import { fill, findings, write } from './using.js'

const INSTALLED: Record<string, (place: string) => Promise<unknown>> = {
  'the extension': (place: string) =>
    withExtension(() => run(place, 'create extension pg_lsh cascade')),
  '"pg-lsh migrate"': (place: string) => within(place, (store) => migrate(store)),
}

/** Results of searches of both indexes. */
async function found(asked: Asked): Promise<unknown> {
  return [await findings(asked), await findings(asked, 'policed')]
}

/** Rights and policies of all tables, as text. */
const rights = (asked: Asked) =>
  rowsOf(
    asked,
    `select relname, array(select acl::text from unnest(relacl) as acl order by 1) as acl, relrowsecurity, array(
       select format('%s %s', polname, pg_get_expr(polqual, polrelid)) from pg_policy where polrelid = pg_class.oid order by 1) as policies
     from pg_class where relnamespace in ('lsh'::regnamespace, 'lsh_index'::regnamespace, 'public'::regnamespace)
       and relkind = 'r' and relname <> 'pg_lsh_migration'
     order by relnamespace::regnamespace::text, relname`,
  )

/** Declares tests that a database is the same after each of these ways to copy it. */
export function carries(ways: readonly Way[]): void {
  describe.skipIf(machine === null).each(Object.entries(INSTALLED))(
    'a database with indexes, installed by %s',
    (_, install) => {
      let place: string
      let before: { found: unknown; schema: string; rights: unknown }

      beforeAll(async () => {
        place = await emptyDatabase()
        await install(place)
        await within(place, async (store) => {
          await fill(store)
          await fill(store, 'policed')
          await rowsOf(store, 'alter table policed enable row level security')
          await rowsOf(store, 'create policy even on policed for select using (id % 2 = 0)')
          await rowsOf(store, `select lsh.grant_search('policed', 'public')`)
          before = {
            found: await found(store),
            schema: await schemaText(store),
            rights: await rights(store),
          }
        })
      })
      afterAll(dropDatabases)

      it.each(ways.map((way) => [way.name, way] as const))(
        'is the same after %s',
        async (_name, way) => {
          const to = await withExtension(() => way.carry(place))
          await within(to, async (store) => {
            expect(await found(store)).toEqual(before.found)
            expect(named(await schemaText(store))).toBe(named(before.schema))
            expect(await rights(store)).toEqual(before.rights)
            expect(await write(store)).toEqual([])
            expect(await write(store, 'policed')).toEqual([])
            await rowsOf(store, `select lsh.mend_index(name) from lsh.index`)
            expect(
              await valueOf(
                store,
                `select lsh.create_index('document', 'embedding', 'document', name => 'second')`,
              ),
            ).toBe('second')
          })
        },
      )
    },
  )
}

/** Removes table numbers from the names of keys and indexes of code tables. */
const named = (schema: string) => schema.replace(/"(key|bucket) \d+"/g, '"$1"')
