import { beforeAll, describe, expect, it } from 'vitest'
import { vectorDistance } from '../../src/core/vector.js'
import { search, searchExact } from '../../src/search/vector-search.js'
import { encodeField } from '../../src/store/connection/copy-format.js'
import { useTestDatabase } from '../database.js'
import { makeIndex, makeSpace, type MadeItem } from '../store/codes/made-space.js'
import { thrownBy } from '../hash/sample.js'

const database = useTestDatabase()
let items: MadeItem[]

beforeAll(async () => {
  items = await makeSpace(database.store, { patients: 20, slices: 10, dims: 6 })
  await makeIndex(database.store, 'made', { bits: 128, bucketBits: 3 })
})

/** The k nearest items, by brute force. */
function nearest(query: Float32Array, k: number, exclude: readonly number[] = []) {
  return items
    .filter(({ item }) => !exclude.includes(item))
    .map(({ item, vector }) => ({ key: String(item), distance: vectorDistance(query, vector) }))
    .sort((a, b) => a.distance - b.distance || Number(a.key) - Number(b.key))
    .slice(0, k)
}

const query = Float32Array.of(1, -0.5, 2, 0, 0.25, 3)

describe('searchExact', () => {
  it('compiles to one call with parameters', () => {
    const compiled = searchExact(database.store.db, query, {
      index: 'made',
      k: 5,
      exclude: [3, 'a'],
    }).compile()
    expect(oneLine(compiled.sql)).toBe(
      'select * from lsh.search_exact($1::text, $2, k => $3::int, exclude => $4::text[]) as "found"',
    )
    expect(compiled.parameters).toEqual(['made', encodeField('vector', query), 5, ['3', 'a']])
  })

  it('finds the same rows as brute force', async () => {
    const rows = await searchExact(database.store.db, query, { index: 'made', k: 25 }).execute()
    const expected = nearest(query, 25)
    expect(rows.map(({ key }) => key)).toEqual(expected.map(({ key }) => key))
    rows.forEach(({ distance }, i) => {
      expect(distance).toBeCloseTo(expected[i]?.distance as number, 5)
    })
  })

  it('returns ten rows by default, and none that are excluded', async () => {
    const { db } = database.store
    const first = await searchExact(db, query, { index: 'made' }).execute()
    expect(first).toHaveLength(10)
    const exclude = first.slice(0, 4).map(({ key }) => key)
    const rest = await searchExact(db, query, { index: 'made', exclude }).execute()
    expect(rest.map(({ key }) => key)).toEqual(
      nearest(query, 10, exclude.map(Number)).map(({ key }) => key),
    )
  })
})

describe('search', () => {
  it('compiles to one call with parameters, null for settings that are left to the index', () => {
    const { db } = database.store
    const plain = search(db, query, { index: 'made' }).compile()
    expect(oneLine(plain.sql)).toBe(
      'select * from lsh.search($1::text, $2, k => $3::int, ' +
        'candidates => $4::int, probes => $5::int, exclude => $6::text[]) as "found"',
    )
    expect(plain.parameters).toEqual(['made', encodeField('vector', query), 10, null, null, []])
    const full = search(db, query, { index: 'made', k: 3, candidates: 50, probes: 2, exclude: [1] })
    expect(full.compile().parameters.slice(2)).toEqual([3, 50, 2, ['1']])
  })

  it('finds exactly the true neighbours when all codes are candidates', async () => {
    const { db } = database.store
    for (const { vector } of items.filter((_, i) => i % 37 === 0)) {
      const options = { index: 'made', k: 12, candidates: 10_000, probes: 8 }
      const rows = await search(db, vector, options).execute()
      expect(rows.map(({ key }) => key)).toEqual(nearest(vector, 12).map(({ key }) => key))
    }
  })

  it('finds a stored vector itself first, at distance 0 and Hamming distance 0', async () => {
    const { item, vector } = items[17] as MadeItem
    const [first] = await search(database.store.db, vector, { index: 'made', k: 1 }).execute()
    expect(first).toEqual({ key: String(item), distance: 0, hamming: 0, estimated: false })
  })

  it('has a recall at 10 of at least 0.9 over 40 seeded queries with the settings of the index', async () => {
    const { db } = database.store
    let hits = 0
    for (const { vector } of items.filter((_, i) => i % 5 === 0)) {
      const edge = (nearest(vector, 10)[9] as { distance: number }).distance
      const rows = await search(db, vector, { index: 'made' }).execute()
      expect(rows).toHaveLength(10)
      hits += rows.filter(({ distance }) => distance <= edge + 1e-5).length
    }
    expect(hits / 400).toBeGreaterThanOrEqual(0.9)
  })

  it('can be filtered, ordered, joined and limited like any query', async () => {
    const { db } = database.store
    const all = await search(db, query, { index: 'made', k: 20 }).execute()
    const some = await search(db, query, { index: 'made', k: 20 })
      .innerJoin('cbir.slice as slice', (join) =>
        join.on((eb) => eb(eb.cast<string>('slice.item_id', 'text'), '=', eb.ref('found.key'))),
      )
      .select('slice.index')
      .where('found.distance', '>', all[4]?.distance as number)
      .orderBy('found.distance', 'desc')
      .limit(3)
      .execute()
    expect(some.map(({ key }) => key)).toEqual(
      all
        .slice(-3)
        .reverse()
        .map(({ key }) => key),
    )
    expect(some.map(({ index }) => index).every(Number.isInteger)).toBe(true)
  })
})

describe('search and searchExact', () => {
  it.each([
    ['NaN', 2, Number.NaN],
    ['Infinity', 0, Infinity],
    ['-Infinity', 5, -Infinity],
  ])('refuse %s in element %i before they query the database', (text, at, value) => {
    const broken = query.slice()
    broken[at] = value
    for (const find of [search, searchExact]) {
      expect(thrownBy(() => find(database.store.db, broken, { index: 'made' }))).toMatchObject({
        name: 'LshError',
        code: 'bad_input',
        message: `element ${at} of the vector is ${text}`,
        hint: expect.stringContaining('finite'),
      })
    }
  })

  it('accept plain arrays and Float64Array', async () => {
    const { db } = database.store
    const options = { index: 'made', k: 4 }
    const typed = await search(db, query, options).execute()
    expect(await search(db, [...query], options).execute()).toEqual(typed)
    expect(await search(db, Float64Array.from(query), options).execute()).toEqual(typed)
  })

  it.each([
    ['another dimension', [1, 2], { index: 'made' }, 'LSH02'],
    ['an unknown index', [1, 2], { index: 'none' }, 'LSH01'],
  ])('refuse %s with SQLSTATE and hint', async (_, vector, options, code) => {
    for (const find of [search, searchExact]) {
      await expect(find(database.store.db, vector, options).execute()).rejects.toMatchObject({
        code,
        hint: expect.stringMatching(/\w/),
      })
    }
  })
})

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ')
}
