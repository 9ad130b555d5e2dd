import {
  CamelCasePlugin,
  DeduplicateJoinsPlugin,
  HandleEmptyInListsPlugin,
  ParseJSONResultsPlugin,
  replaceWithNoncontingentExpression,
  type Kysely,
} from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { compareWithExact } from '../../src/compare/compare-with-exact.js'
import { hashQuery } from '../../src/search/hash-query.js'
import { nearest, nearestEach, nearestExact } from '../../src/search/nearest.js'
import { search as searchIndex } from '../../src/search/vector-search.js'
import { openIndex } from '../../src/search/open-index.js'
import type { Database } from '../../src/store/connection/database.js'
import type { Vector } from '../../src/store/connection/columns.js'
import { readFamily } from '../../src/store/codes/families.js'
import { useTestDatabase } from '../database.js'
import { clumps, thrownBy } from '../hash/sample.js'
import { addTable } from '../sql/hashed-table.js'
import { rowsOf } from '../sql/asking.js'

const dims = 4
const database = useTestDatabase()

interface Document {
  id: number
  note: string | null
  v: Vector<typeof dims>
}
type Tables = Database & {
  document: Document
  'app.document': Document
  'app.note': { id: number }
}
let db: Kysely<Tables>

beforeAll(async () => {
  const { store } = database
  await rowsOf(store, 'create schema app')
  // The table document on the search path holds other rows than app.document.
  for (const [name, seed] of [
    ['document', 1],
    ['app.document', 2],
  ] as const) {
    await addTable(store, name, clumps({ dims, rows: 300, seed }))
    await rowsOf(store, `select lsh.create_family($1, $2::regclass, 'v', bits => 64)`, [
      `of ${name}`,
      name,
    ])
    await rowsOf(store, `select lsh.create_index($1::regclass, 'v', $2, $3)`, [
      name,
      `of ${name}`,
      name.replace('.', '_'),
    ])
  }
  await rowsOf(store, 'create table app.note as select id from app.document where id % 2 = 0')
  db = store.db.withTables<{
    document: Document
    'app.document': Document
    note: { id: number }
  }>() as never
})

const to = Float32Array.of(0.1, 0.4, -0.2, 0.3)
const search = { to, k: 5, key: 'id' } as const

describe('withSchema', () => {
  it('selects the schema of the table in every kind of search', async () => {
    const there = db.withSchema('app')
    const expected = await nearest(db, 'app.document', search).select('near.id').execute()
    const elsewhere = await nearest(db, 'document', search).select('near.id').execute()
    expect(expected).not.toEqual(elsewhere)
    expect(await nearest(there, 'document', search).select('near.id').execute()).toEqual(expected)
    const index = await openIndex(there, 'app_document')
    const asked = { ...search, to: hashQuery(index, to) }
    expect(await nearest(there, 'document', asked).select('near.id').execute()).toEqual(expected)
    const exact = await nearestExact(there, 'document', search).select('near.id').execute()
    expect(exact).toEqual(
      await nearestExact(db, 'app.document', search).select('near.id').execute(),
    )
    const each = nearestEach(there, 'document', { ...search, to: [to] }).select('near.id')
    expect(await each.execute()).toEqual(expected)
    const compared = await compareWithExact(there, nearest(there, 'document', search))
    expect(compared?.found.map(({ key }) => ({ id: key }))).toEqual(expected)
  })

  it('applies to conditions and joins, also in a transaction', async () => {
    const expected = await nearest(db, 'app.document', search)
      .innerJoin('app.note', 'app.note.id', 'near.id')
      .where('app.note.id', '>', 10)
      .select('near.id')
      .execute()
    expect(expected).toHaveLength(5)
    const found = await db.transaction().execute((transaction) =>
      nearest(
        transaction.withSchema('app') as never as Kysely<Tables & { note: { id: number } }>,
        'document',
        search,
      )
        .innerJoin('note', 'note.id', 'near.id')
        .where('note.id', '>', 10)
        .select('near.id')
        .execute(),
    )
    expect(found).toEqual(expected)
  })

  it('does not change the schema of objects of the extension, nor does CamelCasePlugin rename them', async () => {
    const ask = (of: Kysely<Tables>) =>
      searchIndex(of, to, { index: 'app_document', k: 3 }).execute()
    expect(await ask(db.withSchema('app'))).toEqual(await ask(db))
    const family = (of: Kysely<Tables>) => readFamily(of, 'of document')
    expect(await family(db.withSchema('app'))).toEqual(await family(db))
    expect(await family(db.withPlugin(new CamelCasePlugin()))).toEqual(await family(db))
  })

  it('does not change a table name that has a schema', async () => {
    const there = db.withSchema('nowhere')
    const expected = await nearest(db, 'app.document', search).select('near.id').execute()
    expect(await nearest(there, 'app.document', search).select('near.id').execute()).toEqual(
      expected,
    )
  })
})

describe('other plugins of Kysely', () => {
  it('are refused with a hint if they rename the table or the key', () => {
    const renamed = db.withPlugin(new CamelCasePlugin()) as never as Kysely<{
      myDocument: Document
      document: Document & { rowId: number }
    }>
    for (const [run, what] of [
      [() => nearest(renamed, 'myDocument', search), 'table "myDocument"'],
      [() => nearest(renamed, 'document', { ...search, key: 'rowId' }), 'key "rowId"'],
    ] as const)
      expect(thrownBy(run)).toMatchObject({
        code: 'bad_usage',
        message: `a plugin renames ${what}`,
        hint: expect.stringContaining('withoutPlugins()') as string,
      })
  })

  it('do not change the rows found', async () => {
    const find = (of: Kysely<Tables>) =>
      nearest(of, 'document', search).where('near.id', '>', 3).select('near.id').execute()
    const expected = await find(db)
    for (const plugin of [
      new CamelCasePlugin(),
      new DeduplicateJoinsPlugin(),
      new ParseJSONResultsPlugin(),
      new HandleEmptyInListsPlugin({ strategy: replaceWithNoncontingentExpression }),
    ])
      expect(await find(db.withPlugin(plugin)), plugin.constructor.name).toEqual(expected)
  })
})
