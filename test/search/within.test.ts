import { beforeAll, describe, expect, it } from 'vitest'
import { pairs } from '../../src/search/pairs.js'
import { within } from '../../src/search/within.js'
import { vectorDistance } from '../../src/core/vector.js'
import { encodeField } from '../../src/store/connection/copy-format.js'
import { useTestDatabase } from '../database.js'
import { makeIndex, makeSpace, type MadeItem } from '../store/codes/made-space.js'

const database = useTestDatabase()
let items: MadeItem[]

beforeAll(async () => {
  items = await makeSpace(database.store, { patients: 10, slices: 10, dims: 6 })
  await makeIndex(database.store, 'made', { bits: 64, bucketBits: 3 })
})

const oneLine = (text: string) => text.replace(/\s+/g, ' ')

describe('within', () => {
  it('compiles to one call with parameters', () => {
    const { vector } = items[3]!
    const options = { index: 'made', radius: 2, maxRows: 5, exclude: [3] }
    const compiled = within(database.store.db, vector, options).compile()
    expect(oneLine(compiled.sql)).toBe(
      'select * from lsh.within($1::text, $2, $3::float8, max_rows => $4::int, exclude => $5::text[]) as "found"',
    )
    expect(compiled.parameters).toEqual(['made', encodeField('vector', vector), 2, 5, ['3']])
  })

  it('finds the same rows as brute force', async () => {
    const { vector } = items[3]!
    const rows = await within(database.store.db, vector, { index: 'made', radius: 2.5 }).execute()
    const expected = items.filter((other) => vectorDistance(vector, other.vector) <= 2.5)
    expect(rows.map(({ key }) => Number(key)).sort((a, b) => a - b)).toEqual(
      expected.map(({ item }) => item).sort((a, b) => a - b),
    )
  })
})

describe('pairs', () => {
  it('finds the same rows as brute force', async () => {
    const rows = await pairs(database.store.db, { index: 'made', radius: 1.5 }).execute()
    const expected = items.flatMap((a) =>
      items
        .filter((b) => a.item < b.item && vectorDistance(a.vector, b.vector) <= 1.5)
        .map((b) => `${a.item} ${b.item}`),
    )
    expect(rows.map(({ a, b }) => `${a} ${b}`).sort()).toEqual(expected.sort())
  })

  it('finds the nearest of each row', async () => {
    const rows = await pairs(database.store.db, { index: 'made', k: 1 }).execute()
    expect(rows.map(({ a }) => Number(a)).sort((a, b) => a - b)).toEqual(
      items.map(({ item }) => item).sort((a, b) => a - b),
    )
    const near = items.flatMap((a) => {
      const others = items.filter(({ item }) => item !== a.item)
      const least = Math.min(...others.map(({ vector }) => vectorDistance(a.vector, vector)))
      const found = rows.find((row) => Number(row.a) === a.item)
      return found && found.distance < least + 1e-5 ? [a] : []
    })
    expect(near.length / items.length).toBeGreaterThan(0.95)
  })

  it('refuses a radius and k together', () => {
    expect(() => pairs(database.store.db, { index: 'made', k: 1, radius: 1 })).toThrow(
      /not by both/,
    )
  })
})

describe.each([-1, Number.NaN, '1', null])('a radius of %s', (radius) => {
  it('is refused before the database is asked', () => {
    const { db } = database.store
    const options = { index: 'made', radius: radius as number }
    expect(() => within(db, [1, 2, 3, 4, 5, 6], options)).toThrow(/the radius is not a distance/)
    expect(() => pairs(db, options)).toThrow(/the radius is not a distance/)
  })
})
