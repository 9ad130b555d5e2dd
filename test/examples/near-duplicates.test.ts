import type { Kysely } from 'kysely'
import { openDatabase, type Database } from 'pg-lsh'
import { beforeAll, describe, expect, it } from 'vitest'
import { nearDuplicates, type Pair, type Spaces } from '../../examples/near-duplicates.js'
import { vectorDistance } from '../../src/core/vector.js'
import { useTestDatabase } from '../database.js'
import { makeIndex, makeSpace, type MadeItem } from '../store/codes/made-space.js'

const database = useTestDatabase()
let db: Kysely<Database & Spaces>
let items: MadeItem[]

beforeAll(async () => {
  db = await openDatabase<Spaces>({ pool: database.store.pool })
  items = await makeSpace(database.store, { space: 'ct_shallow', patients: 9, slices: 7, dims: 4 })
  await makeIndex(database.store, 'ct_shallow')
  // The search reads all rows, as is the default for a table of this size.
  await db.updateTable('lsh.index').set({ stage: null, ranking: null }).execute()
})

/** Pairs of different patients by exhaustive computation of distances. */
function pairsByLoops(threshold: number): [number, number, number][] {
  return items.flatMap((one, i) =>
    items
      .slice(i + 1)
      .filter((other) => other.patient !== one.patient)
      .map((other): [number, number, number] => {
        return [one.item, other.item, vectorDistance(one.vector, other.vector)]
      })
      .filter(([, , distance]) => distance < threshold),
  )
}

async function found(options: Parameters<typeof nearDuplicates>[1]): Promise<Pair[]> {
  const pairs: Pair[] = []
  for await (const pair of nearDuplicates(db, options)) pairs.push(pair)
  return pairs
}

const keys = (pairs: Iterable<[number, number, ...unknown[]]>) =>
  Array.from(pairs, ([a, b]) => [Math.min(a, b), Math.max(a, b)].join()).sort()

describe('nearDuplicates', () => {
  it('finds each pair of an exhaustive search exactly once, for every batch size', async () => {
    const distances = pairsByLoops(Infinity).map(([, , distance]) => distance)
    const [last, next] = distances.sort((a, b) => a - b).slice(59)
    const threshold = (last! + next!) / 2
    const expected = pairsByLoops(threshold)
    expect(expected).toHaveLength(60)
    for (const batch of [1, 10, 1000]) {
      const pairs = await found({ threshold, k: 63, batch })
      expect(keys(pairs.map(({ item, other }) => [item, other]))).toEqual(keys(expected))
      for (const { item, other, distance, patient, other_patient } of pairs) {
        const [a, b] = [item, other].map((id) => items.find((one) => one.item === id)!)
        expect(distance).toBeCloseTo(vectorDistance(a!.vector, b!.vector), 5)
        expect(patient).not.toBe(other_patient)
      }
    }
  })

  it('finds a pair from one side if the other row has nearer neighbours', async () => {
    const nearest = pairsByLoops(Infinity).sort((a, b) => a[2] - b[2])
    const pairs = await found({ threshold: 1e9, k: 1 })
    expect(keys(pairs.map(({ item, other }) => [item, other]))).toContain(keys([nearest[0]!])[0])
    expect(pairs.length).toBeGreaterThan(items.length / 2 - 1)
    expect(pairs.length).toBeLessThanOrEqual(items.length)
  })

  it('reports progress, and finds nothing below the smallest distance', async () => {
    const told: number[] = []
    const onProgress = (done: number) => void told.push(done)
    expect(await found({ threshold: 0, batch: 25, onProgress })).toEqual([])
    expect(told).toEqual([25, 50, 63])
  })

  it('refuses a threshold that is not a distance', async () => {
    for (const threshold of [NaN, -1])
      await expect(found({ threshold })).rejects.toThrow('a threshold is a distance')
  })
})
