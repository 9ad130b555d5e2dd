import { beforeAll, describe, expect, it } from 'vitest'
import { vectorDistance } from '../../src/core/vector.js'
import { compareSpace, type ComparedQuery } from '../../src/compare/compare-space.js'
import type { HashFamily } from '../../src/hash/family.js'
import { probes as bestBuckets } from '../../src/hash/probes.js'
import { readFamily } from '../../src/store/codes/families.js'
import { encodeAll, endToEnd } from '../hash/sample.js'
import { useTestDatabase } from '../database.js'
import { makeIndex, makeSpace, type MadeItem } from '../store/codes/made-space.js'

const database = useTestDatabase()
const k = 10
const candidates = 12
let items: MadeItem[]
let queries: number[]

beforeAll(async () => {
  items = await makeSpace(database.store, { patients: 20, slices: 10, dims: 6 })
  // Few bits and few candidates, so that the search misses neighbours.
  await makeIndex(database.store, 'made', { bits: 32, bucketBits: 4 })
  queries = items.filter((_, i) => i % 8 === 0).map(({ item }) => item)
})

/** All compared figures by exhaustive computation. */
function bruteForce(
  family: HashFamily,
  query: MadeItem,
  options: { samePatient: boolean; probes: number; only?: readonly MadeItem[] },
): Omit<ComparedQuery, 'milliseconds'> {
  const { codes, buckets } = encodeAll(family, endToEnd(items.map(({ vector }) => vector)))
  const own = codes[items.indexOf(query)] as (typeof codes)[number]
  const { only } = options
  const others = items
    .map(({ item, patient, vector }, i) => ({
      item,
      patient,
      bucket: buckets[i] as number,
      hamming: own.hamming(codes[i] as typeof own),
      distance: Math.fround(vectorDistance(query.vector, vector)),
    }))
    .filter(({ item }) => item !== query.item)
    .filter(({ item }) => only === undefined || only.some((one) => one.item === item))
    .filter(({ patient }) => options.samePatient || patient !== query.patient)
  const byDistance = [...others].sort((a, b) => a.distance - b.distance || a.item - b.item)
  const byHamming = [...others].sort((a, b) => a.hamming - b.hamming || a.item - b.item)
  const edge = (byDistance[k - 1] as { distance: number }).distance * (1 + 1e-6)
  const hits = (list: typeof others) => list.filter(({ distance }) => distance <= edge).length

  // Visit four times as many buckets until they contain k rows.
  let open: Set<number> | null = null
  for (let visited = options.probes; visited < 16 && open === null; visited *= 4) {
    const best = new Set(bestBuckets(family, query.vector, visited))
    if (others.filter(({ bucket }) => best.has(bucket)).length >= k) open = best
  }
  const looked = byHamming.filter(({ bucket }) => open === null || open.has(bucket))
  const found = looked
    .slice(0, candidates)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, k)
  const overlap = hits(byHamming.slice(0, k))
  const scanned = Math.min(k, hits(byHamming.slice(0, candidates)))
  return {
    item_id: query.item,
    k,
    overlap,
    dice: overlap / k,
    jaccard: overlap / (2 * k - overlap),
    recall: hits(found) / k,
    code_loss: 1 - scanned / k,
    bucket_loss: (scanned - hits(found)) / k,
    visited_share:
      buckets.filter((bucket) => open === null || open.has(bucket)).length / items.length,
  }
}

describe('compareSpace', () => {
  it.each([
    { samePatient: false, probes: 2 },
    { samePatient: true, probes: 2 },
    { samePatient: false, probes: 16 },
  ])('returns the figures of an exhaustive computation: %o', async ({ samePatient, probes }) => {
    const { store } = database
    const family = await readFamily(store.db, 'made')
    const compared = await compareSpace(store, 'made', queries, {
      k,
      candidates,
      probes,
      excludeSamePatient: !samePatient,
    })
    expect(compared.map(({ item_id }) => item_id)).toEqual(queries)
    for (const { milliseconds, ...figures } of compared) {
      const query = items.find(({ item }) => item === figures.item_id) as MadeItem
      const expected = bruteForce(family, query, { samePatient, probes })
      expect(figures).toEqual(
        Object.fromEntries(
          Object.entries(expected).map(([name, value]) => [name, expect.closeTo(value, 9)]),
        ),
      )
      expect(milliseconds).toBeGreaterThan(0)
    }
    // If all figures were equal, the comparison would prove nothing.
    expect(new Set(compared.map(({ dice }) => dice)).size).toBeGreaterThan(2)
    if (probes === 16) expect(compared.every((one) => one.visited_share === 1)).toBe(true)
    else expect(compared.some((one) => one.visited_share < 0.5)).toBe(true)
  })

  it('reports no loss if all rows are visited and re-ranked', async () => {
    const compared = await compareSpace(database.store, 'made', queries, {
      candidates: 1000,
      probes: 16,
    })
    for (const one of compared)
      expect(one).toMatchObject({ recall: 1, code_loss: 0, bucket_loss: 0, visited_share: 1 })
  })

  it('compares with the exact neighbours among other data sets only', async () => {
    const { store } = database
    const archive = new Set(items.map(({ patient }) => patient).filter((_, i) => i % 30 >= 10))
    const move = (dataset: string) =>
      store.db
        .updateTable('cbir.patient')
        .set({ dataset })
        .where('id', 'in', [...archive])
        .execute()
    await move('archive')
    try {
      const family = await readFamily(store.db, 'made')
      const asked = items.filter(({ patient }, i) => !archive.has(patient) && i % 4 === 0)
      const compared = await compareSpace(
        store,
        'made',
        asked.map(({ item }) => item),
        { k, candidates: 1000, probes: 16, against: ['archive'] },
      )
      expect(compared.map(({ item_id }) => item_id)).toEqual(asked.map(({ item }) => item))
      for (const { item_id, overlap, recall } of compared) {
        const query = items.find(({ item }) => item === item_id)!
        const only = items.filter((one) => one === query || archive.has(one.patient))
        const expected = bruteForce(family, query, { samePatient: false, probes: 16, only })
        expect({ overlap, recall }).toEqual({ overlap: expected.overlap, recall: 1 })
      }
      await expect(
        compareSpace(store, 'made', queries, { against: ['none'] }),
      ).rejects.toMatchObject({ code: 'LSH01' })
    } finally {
      await move('made')
    }
  })

  it('reports progress after each query, and stops between two', async () => {
    const controller = new AbortController()
    let told = 0
    const stopped = compareSpace(database.store, 'made', queries, {
      signal: controller.signal,
      onProgress: () => {
        if (++told === 3) controller.abort(new Error('stopped on purpose'))
      },
    })
    await expect(stopped).rejects.toThrow('stopped on purpose')
    expect(told).toBe(3)
  })

  it('refuses queries that leave nothing to compare', async () => {
    await expect(compareSpace(database.store, 'made', [])).rejects.toMatchObject({
      code: 'LSH03',
      hint: expect.stringMatching(/several patients/),
    })
  })
})
