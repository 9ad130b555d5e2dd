import { beforeAll, describe, expect, it } from 'vitest'
import { vectorDistance } from '../../src/core/vector.js'
import { similarSlices } from '../../src/search/similar-slices.js'
import { useTestDatabase } from '../database.js'
import { makeIndex, makeSpace, type MadeItem } from '../store/codes/made-space.js'

const database = useTestDatabase()
let items: MadeItem[]

beforeAll(async () => {
  items = await makeSpace(database.store, { patients: 10, slices: 12, dims: 6 })
  await makeIndex(database.store, 'made', { bits: 128, bucketBits: 3 })
})

/** All rows are candidates, so the answer is exact. */
const exact = { candidates: 10_000, probes: 8 }

function neighbours(query: MadeItem, k: number, samePatient: boolean): number[] {
  return items
    .filter(({ item }) => item !== query.item)
    .filter(({ patient }) => samePatient || patient !== query.patient)
    .map(({ item, vector }) => ({ item, distance: vectorDistance(query.vector, vector) }))
    .sort((a, b) => a.distance - b.distance || a.item - b.item)
    .slice(0, k)
    .map(({ item }) => item)
}

describe('similarSlices', () => {
  it('compiles to one call with parameters', () => {
    const compiled = similarSlices(database.store.db, 7, {
      space: 'made',
      candidates: 50,
    }).compile()
    expect(compiled.sql.replace(/\s+/g, ' ')).toBe(
      'select * from cbir.similar_slices($1::int, $2::text, k => $3::int, ' +
        'exclude_same_patient => $4::boolean, candidates => $5::int, probes => $6::int, ' +
        'allowed => null, one_per_patient => $7::boolean) as "found"',
    )
    expect(compiled.parameters).toEqual([7, 'made', 10, true, 50, null, false])
  })

  it.each([false, true])(
    'finds the same slices as brute force, including those of the same patient: %s',
    async (samePatient) => {
      for (const query of items.filter((_, i) => i % 29 === 0)) {
        const rows = await similarSlices(database.store.db, query.item, {
          space: 'made',
          k: 15,
          excludeSamePatient: !samePatient,
          ...exact,
        }).execute()
        expect(rows.map(({ item_id }) => item_id)).toEqual(neighbours(query, 15, samePatient))
      }
    },
  )

  it('passes conditions on slices and plans to the search, and returns one slice of each patient', async () => {
    const { db } = database.store
    const { item, patient } = items[3] as MadeItem
    const rows = await similarSlices(db, item, {
      space: 'made',
      k: 5,
      onePerPatient: true,
      where: (slice) => slice.and([slice('slices', '>', 0), slice('index', '<', 2)]),
    }).execute()
    expect(rows.length).toBeGreaterThan(1)
    for (const row of rows) expect(row.index).toBeLessThan(2)
    expect(new Set(rows.map((row) => row.patient)).size).toBe(rows.length)
    expect(rows.map((row) => row.patient)).not.toContain(patient)
  })

  it('returns the patient, plan, position, distance and Hamming distance of each neighbour', async () => {
    const { db } = database.store
    const query = items[3] as MadeItem
    const [row] = await similarSlices(db, query.item, { space: 'made', k: 1, ...exact }).execute()
    const known = await db
      .selectFrom('cbir.slices')
      .select(['item_id', 'patient', 'plan', 'index', 'position_mm'])
      .where('item_id', '=', row?.item_id ?? 0)
      .executeTakeFirstOrThrow()
    const vector = items.find(({ item }) => item === row?.item_id)?.vector as Float32Array
    expect(row).toEqual({
      ...known,
      distance: expect.closeTo(vectorDistance(query.vector, vector), 5),
      hamming: expect.any(Number),
    })
  })

  it('returns every slice of other patients when k exceeds their number', async () => {
    const query = items[0] as MadeItem
    const rows = await similarSlices(database.store.db, query.item, {
      space: 'made',
      k: 1000,
    }).execute()
    expect(rows).toHaveLength(items.length - 12)
  })

  it('can be filtered, ordered and limited like any query', async () => {
    const { db } = database.store
    const query = items[50] as MadeItem
    const all = await similarSlices(db, query.item, { space: 'made', k: 30, ...exact }).execute()
    const wanted = all.filter(({ index }) => index >= 6).sort((a, b) => b.distance - a.distance)
    const rows = await similarSlices(db, query.item, { space: 'made', k: 30, ...exact })
      .where('found.index', '>=', 6)
      .orderBy('found.distance', 'desc')
      .limit(4)
      .execute()
    expect(rows).toEqual(wanted.slice(0, 4))
    expect(rows.length).toBe(4)
  })

  it.each([
    ['an item without features', 1_000_000, { space: 'made' }, 'P0002'],
    ['an unknown space', 1, { space: 'none' }, 'LSH01'],
  ])('refuses %s with SQLSTATE and hint', async (_, item, options, code) => {
    const asked = similarSlices(database.store.db, item, options)
    await expect(asked.execute()).rejects.toMatchObject({
      code,
      hint: expect.stringMatching(/\w/),
    })
  })
})
