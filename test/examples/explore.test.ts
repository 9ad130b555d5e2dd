import { sql, type Kysely } from 'kysely'
import { openDatabase, type Database } from 'pg-lsh'
import { beforeAll, describe, expect, it } from 'vitest'
import { explore, type Tables } from '../../examples/explore.js'
import { codeFromText } from '../../src/core/code.js'
import { vectorDistance } from '../../src/core/vector.js'
import { useTestDatabase } from '../database.js'
import { makeIndex, makeSpace, type MadeItem } from '../store/codes/made-space.js'

const database = useTestDatabase()
let db: Kysely<Database & Tables>
let items: MadeItem[]
let shown: Map<string, readonly object[]>
let query: MadeItem

beforeAll(async () => {
  db = await openDatabase<Tables>({ pool: database.store.pool })
  items = await makeSpace(database.store, { space: 'ct_shallow', patients: 8, dims: 5 })
  await makeIndex(database.store, 'ct_shallow')
  query = items[34]!
  shown = new Map()
  await explore(db, query.item, (title, rows) => shown.set(title, rows))
})

describe('explore', () => {
  it('reports the slice, its neighbours and figures in this order', () => {
    expect([...shown.keys()]).toEqual([
      'The slice',
      'nearest',
      'nearestExact',
      'compareWithExact',
      'Bits that differ, by distance',
    ])
    expect(shown.get('The slice')).toMatchObject([{ item_id: query.item, dataset: 'made' }])
  })

  it('reports the true neighbours beside those of the search', () => {
    const expected = items
      .filter(({ patient }) => patient !== query.patient)
      .map(({ item, vector }) => ({
        item_id: item,
        distance: vectorDistance(vector, query.vector),
      }))
      .sort((a, b) => a.distance - b.distance || a.item_id - b.item_id)
      .slice(0, 5)
    const exact = shown.get('nearestExact') as { item_id: number; distance: number }[]
    expect(exact.map(({ item_id }) => item_id)).toEqual(expected.map(({ item_id }) => item_id))
    expect(exact[0]!.distance).toBeCloseTo(expected[0]!.distance, 5)
    expect(shown.get('nearest')).toHaveLength(5)
  })

  it('reports figures that agree with each other', () => {
    const [figures] = shown.get('compareWithExact') as Record<string, number>[]
    const { k, overlap, dice, jaccard, recall } = figures!
    expect(k).toBe(20)
    expect(dice).toBeCloseTo(overlap! / 20, 10)
    expect(jaccard).toBeCloseTo(overlap! / (40 - overlap!), 10)
    expect(recall).toBeGreaterThan(0.5)
    expect(figures).not.toHaveProperty('found')
  })

  it('reports the mean number of differing bits in eight bands of distance, as computed by loops', async () => {
    const { rows } = await sql<{ key: number; text: string }>`
      select key, code::text as text from lsh_index.ct_shallow`.execute(db)
    const codes = new Map(rows.map(({ key, text }) => [key, codeFromText(text)]))
    const own = codes.get(query.item)!
    const others = items
      .filter(({ item }) => item !== query.item)
      .map(({ item, vector }) => ({
        distance: vectorDistance(vector, query.vector),
        bits: own.hamming(codes.get(item)!),
      }))
      .sort((a, b) => a.distance - b.distance)
    // ntile gives the first bands one row more if the rows cannot be divided evenly.
    const [size, more] = [Math.floor(others.length / 8), others.length % 8]
    const expected = Array.from({ length: 8 }, (_, band) => {
      const from = band * size + Math.min(band, more)
      const members = others.slice(from, from + size + (band < more ? 1 : 0))
      return {
        band: band + 1,
        nearest: expect.closeTo(members[0]!.distance, 4),
        farthest: expect.closeTo(members.at(-1)!.distance, 4),
        bits: expect.closeTo(members.reduce((sum, { bits }) => sum + bits, 0) / members.length, 6),
      }
    })
    const curve = shown.get('Bits that differ, by distance') as { bits: number }[]
    expect(curve).toEqual(expected)
    expect(curve[0]!.bits).toBeLessThan(curve[7]!.bits)
  })

  it('refuses a slice that does not exist', async () => {
    await expect(explore(db, 999_999, () => undefined)).rejects.toThrow('no result')
  })
})
