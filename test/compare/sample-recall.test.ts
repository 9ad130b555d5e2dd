import { sql, type Kysely } from 'kysely'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { compareWithExact } from '../../src/compare/compare-with-exact.js'
import { sampleRecall } from '../../src/compare/sample-recall.js'
import { nearest } from '../../src/search/nearest.js'
import type { Database, Features } from '../../src/store/connection/database.js'
import { inTransaction, useTestDatabase } from '../database.js'
import { rowsOf, valueOf } from '../sql/asking.js'
import { asRole, useRoles } from '../sql/roles.js'
import { makeIndex, makeSpace, type MadeItem } from '../store/codes/made-space.js'

const database = useTestDatabase()
const { tenant, stranger } = useRoles(database, ['tenant', 'stranger'])
let db: Kysely<Database & { 'space.made': Features<8> }>
let items: MadeItem[]

beforeAll(async () => {
  db = database.store.db
  items = await makeSpace(database.store)
  await makeIndex(database.store)
})

const kept = () => rowsOf(database.store, 'select index_id, k, recall from lsh.recall_sample')
const forget = () => rowsOf(database.store, 'delete from lsh.recall_sample')
/** Parameters of a search that misses rows: one bucket, and hardly more candidates than results. */
const hasty = (item: number, k = 5) =>
  nearest(db, 'space.made', { to: { item }, k, probes: 1, candidates: k })

describe('sampleRecall', () => {
  it('returns and stores the recall that compareWithExact measures', async () => {
    const wanted: (number | undefined)[] = []
    const found: (number | null)[] = []
    for (const { item } of items.slice(0, 12)) {
      wanted.push((await compareWithExact(db, hasty(item)))?.recall)
      found.push(await sampleRecall(db, hasty(item), { share: 1 }))
    }
    expect(found).toEqual(wanted)
    expect(Math.min(...found.map(Number))).toBeLessThan(1)
    expect((await kept()).map((row) => (row as { recall: number }).recall).sort()).toEqual(
      [...found].sort(),
    )
    const [view] = await db.selectFrom('lsh.sampled_recall').selectAll().execute()
    const mean = found.reduce<number>((sum, one) => sum + Number(one), 0) / found.length
    expect(view).toMatchObject({
      index: 'made',
      k: 5,
      searches: '12',
      complete: expect.any(Number),
    })
    expect(view!.recall).toBeCloseTo(mean, 12)
    expect(view!.least).toBe(Math.min(...found.map(Number)))
    await forget()
  })

  it('searches among the rows that conditions select', async () => {
    const { item } = items[0]!
    const few = hasty(item, 3).where(
      'near.item_id',
      'in',
      items.slice(20, 22).map((one) => one.item),
    )
    expect(await sampleRecall(db, few, { share: 1 })).toBe(1)
    const none = hasty(item).where('near.item_id', '<', 0)
    expect(await sampleRecall(db, none, { share: 1 })).toBeNull()
    expect(await kept()).toHaveLength(1)
    await forget()
  })

  it('sends no query unless the call is part of the sample, whose share is 0 by default', async () => {
    const asked = vi.spyOn(database.store.pool, 'connect')
    const query = hasty(items[0]!.item)
    for (let i = 0; i < 1000; i++) expect(await sampleRecall(db, query)).toBeNull()
    expect(asked).not.toHaveBeenCalled()
    const random = vi.spyOn(Math, 'random').mockReturnValueOnce(0.001).mockReturnValueOnce(0.0009)
    expect(await sampleRecall(db, query, { share: 0.001 })).toBeNull()
    expect(await sampleRecall(db, query, { share: 0.001 })).not.toBeNull()
    random.mockRestore()
    asked.mockRestore()
    expect(await kept()).toHaveLength(1)
    await forget()
  })

  it('refuses an invalid share, and a query that does not come from nearest', async () => {
    const wrong = sampleRecall(db, hasty(1), { share: 2 })
    await expect(wrong).rejects.toMatchObject({ code: 'bad_usage', hint: /0\.001/ as never })
    const other = db.selectFrom('lsh.index').selectAll()
    await expect(sampleRecall(db, other)).rejects.toMatchObject({ code: 'bad_usage' })
  })
})

describe('lsh.sample_recall', () => {
  const sample = (item: number | string) =>
    `select lsh.sample_recall(null::space.made, item => '${item}', k => 5, probes => 1, candidates => 5) as recall`

  it('samples a share of the searches of a statement', async () => {
    await rowsOf(
      database.store,
      `select lsh.sample_recall(null::space.made, query => embedding, k => 3) from space.made where item_id % 10 = 0`,
    )
    expect(await kept()).toHaveLength(12)
    await forget()
  })

  it('returns the recall in a read-only transaction without storing it', async () => {
    const { item } = items[0]!
    await inTransaction(database.store, async ({ db: reading }) => {
      await sql`set transaction read only`.execute(reading)
      const { rows } = await sql<{ recall: number }>`${sql.raw(sample(item))}`.execute(reading)
      expect(rows[0]!.recall).toBeGreaterThanOrEqual(0)
    })
    expect(await kept()).toEqual([])
  })

  it('shows samples only to the owner, and stores no query', async () => {
    const { item } = items[0]!
    const relation = `'space.made'::regclass`
    await rowsOf(database.store, `select lsh.grant_search('made', '${tenant}')`)
    await rowsOf(database.store, `grant usage on schema space to ${tenant}, ${stranger}`)
    await rowsOf(database.store, 'alter table space.made enable row level security')
    await rowsOf(
      database.store,
      `create policy few on space.made to ${tenant} using (item_id % 2 = ${item % 2})`,
    )
    await asRole(database, tenant, async (ask) => {
      const [made] = await ask<{ recall: number }>(sample(item))
      expect(made!.recall).toBeGreaterThanOrEqual(0)
      expect(await ask('select * from lsh.recall_sample')).toEqual([])
      expect(await ask('select * from lsh.sampled_recall')).toEqual([])
      await expect(ask(`delete from lsh.recall_sample`)).rejects.toMatchObject({ code: '42501' })
      await expect(
        ask(`insert into lsh.recall_sample (index_id, family_id, k, recall, sampled_at)
             select id, family_id, 1, 1, now() from lsh.index where relation = ${relation}`),
      ).rejects.toMatchObject({ code: '42501' })
      // A row that policies hide cannot be a query either.
      const hidden = items.find((one) => one.item % 2 !== item % 2)!
      await expect(ask(sample(hidden.item))).rejects.toMatchObject({ code: 'P0002' })
    })
    await asRole(database, stranger, async (ask) => {
      await expect(ask(sample(item))).rejects.toMatchObject({ code: '42501' })
      await expect(
        ask(`insert into lsh.recall_sample (index_id, family_id, k, recall)
             select id, family_id, 1, 1 from lsh.index where relation = ${relation}`),
      ).rejects.toMatchObject({ code: '42501' })
    })
    expect(await kept()).toHaveLength(1)
    const columns = await rowsOf<{ name: string }>(
      database.store,
      `select attname as name from pg_attribute where attrelid = 'lsh.recall_sample'::regclass and attnum > 0 order by attnum`,
    )
    const names = ['index_id', 'family_id', 'sampled_at', 'k', 'recall', 'id']
    expect(columns.map(({ name }) => name)).toEqual(names)
  })

  it('is deleted after 90 days by lsh.maintain, and together with its index', async () => {
    await rowsOf(
      database.store,
      `update lsh.recall_sample set sampled_at = now() - interval '91 days'`,
    )
    await rowsOf(database.store, sample(items[0]!.item))
    await rowsOf(database.store, `select * from lsh.maintain('made', sample => 5)`)
    expect(await kept()).toHaveLength(1)
    await rowsOf(database.store, `select lsh.drop_index('made')`)
    expect(await valueOf(database.store, 'select count(*)::int from lsh.recall_sample')).toBe(0)
  })
})
