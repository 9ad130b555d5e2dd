import { beforeAll, describe, expect, it } from 'vitest'
import { vectorDistance } from '../../src/core/vector.js'

import type { Neighbour } from '../../src/search/neighbour.js'
import { openIndex, type OpenIndex } from '../../src/search/open-index.js'
import { prepareNearest, type NearestOptions } from '../../src/search/prepare-nearest.js'
import { createFamilyOf } from '../../src/store/codes/create-family.js'
import { vectorText } from '../../src/store/connection/types.js'
import { useTestDatabase } from '../database.js'
import { clumps, thrownBy } from '../hash/sample.js'
import type { FamilyKind } from '../../src/hash/kinds.js'

const dims = 12
const rows = 400
const vectors = clumps({ dims, rows, seed: 21 })
const queries = clumps({ dims, rows: 20, seed: 22 })
const database = useTestDatabase()

beforeAll(async () => {
  const { pool } = database.store
  await pool.query(`create table "A table" ("the key" text primary key, v vector(${dims}))`)
  await pool.query(
    `insert into "A table" select * from unnest($1::text[], $2::text[]::vector[]) as item`,
    [vectors.map((_, i) => `row ${i}`), vectors.map(vectorText)],
  )
})

/** Keys of the k nearest rows, by brute force. */
function bruteForce(query: Float32Array, k: number): string[] {
  return vectors
    .map((vector, i) => ({ key: `row ${i}`, distance: vectorDistance(query, vector) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, k)
    .map(({ key }) => key)
}

describe.each<[string, { kind: FamilyKind; buckets?: 'voronoi' }]>([
  ['kernel', { kind: 'kernel' }],
  ['sign', { kind: 'sign' }],
  ['qary', { kind: 'qary' }],
  ['sign_cells', { kind: 'sign', buckets: 'voronoi' }],
  ['residual', { kind: 'residual' }],
  ['scalar', { kind: 'scalar' }],
])('prepareNearest with the family %s', (name, options) => {
  let index: OpenIndex

  beforeAll(async () => {
    const { store } = database
    const of = { relation: '"A table"', column: 'v' }
    await createFamilyOf(store, of, { ...options, name, bits: 96 })
    await store.pool.query(`select lsh.create_index('"A table"', 'v', $1, name => $1)`, [name])
    index = await openIndex(store.db, name)
  })

  async function ask(query: Float32Array, options: NearestOptions): Promise<Neighbour[]> {
    const { rows } = await database.store.pool.query<Neighbour>(
      prepareNearest(index, options)(query),
    )
    return rows
  }

  it('finds the true neighbours when all rows are candidates, and returns the Hamming distance', async () => {
    for (const query of queries.slice(0, 5)) {
      for (const options of [{ probes: 65536 }, { stage: 'scan' }] as const) {
        const found = await ask(query, { k: 7, candidates: rows, ...options })
        expect(found.map(({ key }) => key)).toEqual(bruteForce(query, 7))
        const { rows: there } = await database.store.pool.query(
          `select key, distance, hamming
           from lsh.search($1, $2, k => 7, stage => 'scan', candidates => ${rows})`,
          [name, vectorText(query)],
        )
        expect(found).toEqual(there)
      }
    }
  })

  it('finds nearly the same rows as lsh.search with the same settings', async () => {
    let shared = 0
    for (const query of queries) {
      const found = await ask(query, { probes: 4, candidates: 20 })
      expect(found).toHaveLength(10)
      const { rows: there } = await database.store.pool.query<{ key: string }>(
        `select key from lsh.search($1, $2, probes => 4, candidates => 20)`,
        [name, vectorText(query)],
      )
      const keys = new Set(there.map(({ key }) => key))
      shared += found.filter(({ key }) => keys.has(String(key))).length
    }
    // Rounding may flip a bit on its threshold or change the bucket of a vector on an edge.
    expect(shared).toBeGreaterThan(0.97 * 10 * queries.length)
  })

  it('returns k rows when the visited buckets hold fewer', async () => {
    const found = await ask(queries[0]!, { k: 200, candidates: 1, probes: 1 })
    expect(new Set(found.map(({ key }) => key)).size).toBe(200)
  })

  it('sends the same statement under the same name for every vector', () => {
    const nearest = prepareNearest(index)
    const [one, other] = [nearest(queries[0]!), nearest(queries[1]!)]
    expect(other.text).toBe(one.text)
    expect(other.name).toBe(one.name)
    expect(one.name).toMatch(/^lsh_[0-9a-f]{24}$/)
    expect(one.values).not.toEqual(other.values)
    expect(prepareNearest(index, { k: 3 })(queries[0]!).name).not.toBe(one.name)
  })

  it('refuses a vector of another dimension and a vector with NaN', () => {
    const nearest = prepareNearest(index)
    expect(thrownBy(() => nearest(new Float32Array(3)))).toMatchObject({ code: 'LSH02' })
    const vector = queries[0]!.slice()
    vector[4] = NaN
    expect(thrownBy(() => nearest(vector))).toMatchObject({ code: 'bad_input' })
  })
})

describe('openIndex and prepareNearest', () => {
  it('refuse an index that does not exist or is not built yet', async () => {
    await expect(openIndex(database.store.db, 'nope')).rejects.toMatchObject({ code: 'LSH01' })
    await database.store.pool.query(
      `select lsh.create_index('"A table"', 'v', 'kernel', name => 'unfinished', build => 'later')`,
    )
    await expect(openIndex(database.store.db, 'unfinished')).rejects.toMatchObject({
      code: 'LSH03',
    })
  })

  it.each([{ k: 0 }, { candidates: 1.5 }, { probes: -1 }])('refuse %j', async (options) => {
    const index = await openIndex(database.store.db, 'kernel')
    expect(thrownBy(() => prepareNearest(index, options))).toMatchObject({ code: 'bad_usage' })
  })
})
