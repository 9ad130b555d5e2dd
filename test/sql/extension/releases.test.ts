/**
 * Every release that is out comes up to this version by either road. Where a test here fails because a migration was
 * edited before its release, run `npm run freeze` again; a migration of a release that is out is never edited.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { migrate } from '../../../src/store/schema/migrate.js'
import { rowsOf } from '../asking.js'
import { schemaText } from '../schema-text.js'
import {
  dropDatabases,
  before16,
  emptyDatabase,
  filesHere,
  machine,
  program,
  run,
  within,
  withExtension,
} from './server.js'
import { allFindings, KINDS, write } from './using.js'
import { releases } from './version.js'

afterAll(dropDatabases)

function kept(version: string, name: string): string {
  const path = fileURLToPath(new URL(`releases/${version}/${name}.gz`, import.meta.url))
  const text = gunzipSync(readFileSync(path)).toString()
  if (!before16) return text
  // What was kept by 17 names a setting and a placeholder that 15 does not know.
  return text
    .replace(/^SET transaction_timeout .*\n/m, '')
    .replaceAll('@extschema:vector@', () => 'public')
}

/** Drops what `npm run freeze` has made, so that catalogues of code tables are the same. */
const DROPPED = ['document', ...KINDS].map((name) => `lsh.drop_index('${name}')`).join(', ')

describe.skipIf(machine === null).each(releases())('release $version', ({ version }) => {
  const newest = `${version}-next`
  const scripts = filesHere({ version: newest })

  it('comes up by "pg-lsh migrate", with the same catalogue, rows and codes', async () => {
    const [place, fresh] = [await emptyDatabase(), await emptyDatabase()]
    await program('psql', ['-q', '-X', '-v', 'ON_ERROR_STOP=1', place], {
      input: kept(version, 'migrated.sql'),
    })
    const before = JSON.parse(kept(version, 'migrated.json')) as unknown
    await within(place, async (store) => {
      await migrate(store)
      expect(await allFindings(store)).toEqual(before)
      expect(await write(store)).toEqual([])
      expect(await rowsOf(store, 'select plan from cbir.slices order by plan')).toHaveLength(2)
      await rowsOf(store, `select ${DROPPED}`)
      await within(fresh, async (other) => {
        await migrate(other)
        expect(await schemaText(store)).toBe(await schemaText(other))
      })
    })
  })

  it('comes up by "alter extension pg_lsh update", with the same catalogue, rows and codes', async () => {
    const [place, fresh] = [await emptyDatabase(), await emptyDatabase()]
    const before = JSON.parse(kept(version, 'extension.json')) as unknown
    const frozen = {
      ...scripts,
      [`pg_lsh--${version}.sql`]: kept(version, `pg_lsh--${version}.sql`),
    }
    const control = (scripts['pg_lsh.control'] ?? '').replace(newest, version)
    await withExtension(
      async () => {
        await program('psql', ['-q', '-X', '-v', 'ON_ERROR_STOP=1', place], {
          input: kept(version, 'extension.sql'),
        })
        await run(place, `alter extension pg_lsh update to '${newest}'`)
        await run(fresh, `create extension pg_lsh version '${newest}' cascade`)
      },
      { ...frozen, 'pg_lsh.control': control },
    )
    await within(place, async (store) => {
      expect(await allFindings(store)).toEqual(before)
      expect(await write(store)).toEqual([])
      await rowsOf(store, `select ${DROPPED}`)
      await within(fresh, async (other) =>
        expect(await schemaText(store)).toBe(await schemaText(other)),
      )
    })
  })
})
