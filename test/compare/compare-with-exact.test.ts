import { beforeAll, describe, expect, it } from 'vitest'
import { compareSpace } from '../../src/compare/compare-space.js'
import { compareWithExact } from '../../src/compare/compare-with-exact.js'
import { nearest } from '../../src/search/nearest.js'
import type { Database, Features } from '../../src/store/connection/database.js'
import { useTestDatabase } from '../database.js'
import { makeIndex, makeSpace, type MadeItem } from '../store/codes/made-space.js'

const database = useTestDatabase()
type Tables = Database & { 'space.made': Features<6> }
let items: MadeItem[]

beforeAll(async () => {
  items = await makeSpace(database.store, { patients: 12, slices: 12, dims: 6 })
  await makeIndex(database.store, 'made', { bits: 64, bucketBits: 3 })
})

const open = () => database.store.db.withTables<Pick<Tables, 'space.made'>>()

describe('compareWithExact', () => {
  it('returns the figures of lsh.compare, and the results of both searches', async () => {
    const settings = { k: 8, candidates: 12, probes: 2 }
    for (const { item } of items.filter((_, i) => i % 23 === 0)) {
      const compared = await compareWithExact(
        open(),
        nearest(open(), 'space.made', { to: { item }, ...settings }),
      )
      const [{ item_id, milliseconds, ...figures }] = (await compareSpace(
        database.store,
        'made',
        [item],
        settings,
      )) as [Awaited<ReturnType<typeof compareSpace>>[0]]
      expect(compared).toMatchObject(figures)
      expect(item_id).toBe(item)
      expect(milliseconds).toBeGreaterThan(0)
      expect(compared!.found).toHaveLength(8)
      const exact = new Set(compared!.exact.map(({ key }) => key))
      const hits = compared!.found.filter(({ key }) => exact.has(key)).length
      expect(compared!.recall).toBeCloseTo(hits / 8, 10)
      expect(compared!.dice).toBeCloseTo(compared!.overlap / 8, 10)
      expect(compared!.jaccard).toBeCloseTo(compared!.overlap / (16 - compared!.overlap), 10)
    }
  })

  it('compares among the rows that pass the conditions', async () => {
    const [first] = items
    const compared = await compareWithExact(
      open(),
      nearest(open(), 'space.made', { to: first!.vector, k: 6, candidates: 8, probes: 1 })
        .innerJoin('cbir.slices as slice', 'slice.item_id', 'near.item_id')
        .where('slice.index', '<', 4),
    )
    const allowed = await open()
      .selectFrom('cbir.slices')
      .select('item_id')
      .where('index', '<', 4)
      .execute()
    const keys = new Set(allowed.map((row) => row.item_id))
    expect(compared!.exact).toHaveLength(6)
    expect([...compared!.exact, ...compared!.found].every(({ key }) => keys.has(Number(key)))).toBe(
      true,
    )
    // So few rows pass that the search reads all of them.
    expect(compared).toMatchObject({
      k: 6,
      recall: 1,
      code_loss: 0,
      bucket_loss: 0,
      visited_share: 0,
    })
  })

  it('treats joins without conditions as conditions, and counts each row once', async () => {
    const { vector } = items[5]!
    const compared = await compareWithExact(
      open(),
      nearest(open(), 'space.made', { to: vector, k: 4 }).innerJoin(
        'cbir.slices as slice',
        (join) => join.onRef('slice.item_id', '>=', 'near.item_id').on('slice.index', '=', 3),
      ),
    )
    expect(new Set(compared!.found.map(({ key }) => key)).size).toBe(4)
    expect(compared!.found).toHaveLength(4)
    expect(compared!.exact).toHaveLength(4)
  })

  it('returns null if no row passes, and refuses conditions on the distance', async () => {
    const query = nearest(open(), 'space.made', { to: items[0]!.vector })
    expect(await compareWithExact(open(), query.where('near.item_id', '<', 0))).toBeNull()
    for (const wrong of [
      query.where('near.distance', '<', 1),
      open().selectFrom('cbir.item').select('id'),
    ])
      await expect(compareWithExact(open(), wrong)).rejects.toMatchObject({ code: 'bad_usage' })
  })
})
