import fc from 'fast-check'
import { sql, type Kysely } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { compareWithExact } from '../../src/compare/compare-with-exact.js'
import { encodeQuery } from '../../src/search/encode-query.js'
import { hashQuery } from '../../src/search/hash-query.js'
import { nearest, nearestEach } from '../../src/search/nearest.js'
import { openIndex, type OpenIndex } from '../../src/search/open-index.js'
import { similarSlices } from '../../src/search/similar-slices.js'
import { search } from '../../src/search/vector-search.js'
import type { Database, Features } from '../../src/store/connection/database.js'
import type { Vector } from '../../src/store/connection/columns.js'
import { LshError } from '../../src/core/errors.js'
import { isPgError } from '../../src/store/connection/errors.js'
import { useTestDatabase } from '../database.js'
import { makeIndex, makeSpace, type MadeItem } from '../store/codes/made-space.js'

type Tables = Database & { 'space.made': Features<8> } & Record<
    'public.named',
    { name: string; v: Vector<8> }
  >
const database = useTestDatabase()
let db: Kysely<Tables>
let items: MadeItem[]
let index: OpenIndex

/** Text that would have an effect if it were run as SQL. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "'",
        '"',
        "''",
        ';',
        '--',
        '/*',
        '*/',
        '$1',
        '$$',
        '\\',
        "E'\\'",
        '%',
        '%I',
        '?',
        '::',
        '{"a": 1}',
        "'; drop schema cbir cascade; --",
        "' or true --",
        '"; delete from cbir.item; --',
        ' union select checksum from cbir.plan',
        'pg_sleep(9)',
        '){}',
        '\n',
      ),
      fc.string({ maxLength: 6 }),
    ),
    { minLength: 1, maxLength: 5 },
  )
  // Text in PostgreSQL cannot hold a zero byte.
  .map((parts) => parts.join('').replaceAll('\0', ''))
const seeded = { seed: 29, numRuns: 60 }

beforeAll(async () => {
  items = await makeSpace(database.store, { patients: 6 })
  await makeIndex(database.store)
  db = database.store.db.withTables<Pick<Tables, 'space.made' | 'public.named'>>()
  index = await openIndex(database.store.db, 'made')
  await sql`create table named (name text primary key, v vector(8) not null)`.execute(db)
  await sql`select lsh.create_family('named', 'space.made', 'embedding', bits => 32)`.execute(db)
  await sql`select lsh.create_index('named', 'v', 'named')`.execute(db)
})

/** Digests of the rows, and numbers of relations and functions. */
async function state(): Promise<unknown> {
  const { rows } = await sql`
    select (select md5(string_agg(item::text, '|' order by id)) from cbir.item) as items,
      (select md5(string_agg(patient::text, '|' order by id)) from cbir.patient) as patients,
      (select md5(string_agg(made::text, '|' order by item_id)) from space.made) as features,
      (select md5(string_agg(made::text, '|' order by key)) from lsh_index.made) as codes,
      (select count(*)::int from pg_class) as relations, (select count(*)::int from pg_proc) as functions`.execute(
    db,
  )
  return rows[0]
}

/** Awaits work that may fail, but only with an error of this package or of the data, never a syntax error. */
async function refusedAtMost(work: Promise<unknown>): Promise<void> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error === undefined) return
  const code = (error as { code?: string }).code
  if (isPgError(error))
    expect(['LSH01', 'LSH02', 'LSH03', 'P0002', '22P02', '22023', '22003']).toContain(code)
  else expect(['LSH01', 'bad_usage', 'bad_input']).toContain(code)
}

describe('hostile text', () => {
  it('matches no row and changes nothing when it is the value of a condition', async () => {
    const before = await state()
    const property = fc.asyncProperty(hostile, async (text) => {
      for (const to of [{ item: items[3]!.item }, hashQuery(index, items[3]!.vector)]) {
        const found = nearest(db, 'space.made', { to, k: 3, excludeSamePatient: false })
          .innerJoin('cbir.slices as slice', 'slice.item_id', 'near.item_id')
          .where((eb) =>
            eb.or([eb('slice.dataset', '=', text), eb('slice.patient', 'in', [text, `${text}x`])]),
          )
          .select('near.item_id')
        expect(await found.execute()).toEqual([])
      }
    })
    await fc.assert(property, seeded)
    expect(await state()).toEqual(before)
  })

  it('is stored and found unchanged as a data set, a label and a key', async () => {
    const property = fc.asyncProperty(hostile, hostile, async (text, label) => {
      const rollback = new Error('rolled back on purpose')
      const work = db.transaction().execute(async (transaction) => {
        const { item } = items[7]!
        await transaction
          .updateTable('cbir.item')
          .set({ dataset: text, label })
          .where('id', '=', item)
          .execute()
        const found = await nearest(transaction, 'space.made', {
          to: { item: items[3]!.item },
          k: 3,
        })
          .innerJoin('cbir.item as item', 'item.id', 'near.item_id')
          .where('item.dataset', '=', text)
          .where('item.label', '=', label)
          .select('near.item_id')
          .execute()
        expect(found).toEqual(items[7]!.patient === items[3]!.patient ? [] : [{ item_id: item }])
        const rows = [text, `${text}'`, `"${text}`].map((name, i) => ({
          name,
          v: items[i]!.vector,
        }))
        await transaction.insertInto('public.named').values(rows).execute()
        const query = { to: { item: text }, key: 'name', exclude: [`${text}'`] } as const
        const near = await nearest(transaction, 'public.named', query).select('near.name').execute()
        expect(near).toEqual([{ name: `"${text}` }])
        throw rollback
      })
      await work.catch((error: unknown) => {
        if (error !== rollback) throw error
      })
    })
    await fc.assert(property, seeded)
  })

  it('is harmless as the name of a space, an index or an item', async () => {
    const before = await state()
    const { vector } = items[3]!
    const named = hostile.filter((text) => text !== '')
    const property = fc.asyncProperty(named, async (text) => {
      const to = { item: items[3]!.item }
      const misnamed = db as unknown as Kysely<Record<string, Features<8>>>
      await refusedAtMost(search(db, vector, { index: text }).execute())
      await refusedAtMost(similarSlices(db, 1, { space: text }).execute())
      await refusedAtMost(encodeQuery(db, text, { rows: 1, columns: 1, ct: new Int16Array(1) }))
      await refusedAtMost(openIndex(db, text))
      await refusedAtMost(nearest(db, 'space.made', { to, index: text }).selectAll().execute())
      await refusedAtMost(compareWithExact(db, nearest(db, 'space.made', { to, index: text })))
      const item = text as unknown as number
      await refusedAtMost(nearest(db, 'space.made', { to: { item } }).selectAll().execute())
      await refusedAtMost(
        nearestEach(db, 'space.made', { to: { items: [item] } })
          .selectAll()
          .execute(),
      )
      await refusedAtMost(
        nearest(db, 'space.made', { to, exclude: [item] })
          .selectAll()
          .execute(),
      )
      const stage = text as 'scan'
      expect(() => nearest(db, 'space.made', { to, stage })).toThrow(LshError)
      // A table of a hostile name fails like any other table that does not exist.
      const strange = nearest(misnamed, `space.${text}`, { to }).selectAll().execute()
      const error: unknown = await strange.catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(Error)
    })
    await fc.assert(property, { ...seeded, numRuns: 25 })
    expect(await state()).toEqual(before)
  })
})
