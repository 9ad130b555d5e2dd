import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { vectorDistance } from '../../src/core/vector.js'
import { hashQuery } from '../../src/search/hash-query.js'
import { nearest, nearestExact } from '../../src/search/nearest.js'
import { openIndex } from '../../src/search/open-index.js'
import { prepareNearest } from '../../src/search/prepare-nearest.js'
import { openVectors } from '../../src/ingest/vectors/vector-file.js'
import { createFamilyOf } from '../../src/store/codes/create-family.js'
import type { Vector } from '../../src/store/connection/columns.js'
import { fillIndex } from '../../src/store/codes/fill-index.js'
import { loadVectors } from '../../src/store/vectors/load-vectors.js'
import { vectorText } from '../../src/store/connection/types.js'
import { useTestDatabase } from '../database.js'
import { clumps } from '../hash/sample.js'
import { temporaryFolder } from '../ingest/fixtures.js'
import { npyBytes } from '../ingest/vectors/npy-bytes.js'

interface HalfTable {
  id: number
  v: Vector<8>
}

const dims = 8
const vectors = clumps({ dims, rows: 300, seed: 31 })
const queries = clumps({ dims, rows: 5, seed: 32 })
const database = useTestDatabase()
const tables = () => database.store.db.withTables<{ half: HalfTable }>()
/** All rows are candidates. */
const everything = { candidates: 1000, probes: 65536 }
let halves: Float32Array[]

beforeAll(async () => {
  const { store } = database
  await store.pool.query(`create table half (id int primary key, v halfvec(${dims}))`)
  await store.pool.query(
    `insert into half select number, v::vector from unnest($1::text[]) with ordinality as item (v, number)`,
    [vectors.map(vectorText)],
  )
  const { rows } = await store.pool.query<{ v: Float32Array }>('select v from half order by id')
  halves = rows.map(({ v }) => v)
})

/** Numbers, from 1, of the k rows nearest to a query. */
function bruteForce(query: Float32Array, k: number): number[] {
  return halves
    .map((half, i) => ({ id: i + 1, distance: vectorDistance(query, half) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, k)
    .map(({ id }) => id)
}

describe('a table with a halfvec column, in the client', () => {
  it('returns its vectors as Float32Array, rounded to half precision', () => {
    expect(halves).toHaveLength(vectors.length)
    for (const [i, half] of halves.entries()) {
      expect(half).toBeInstanceOf(Float32Array)
      for (const [j, value] of half.entries())
        expect(Math.abs(value - (vectors[i]?.[j] ?? NaN))).toBeLessThanOrEqual(
          2 ** -11 * Math.abs(value) + 2 ** -25,
        )
    }
  })

  it.each(['drawn', 'learned'])(
    'can have a family that is %s, and an index filled by COPY',
    async (how) => {
      const { store } = database
      const options = how === 'learned' ? { buckets: 'voronoi' as const } : {}
      await createFamilyOf(
        store,
        { relation: 'half', column: 'v' },
        { name: how, bits: 96, ...options },
      )
      await store.pool.query(
        `select lsh.create_index('half', 'v', $1, name => $1, build => 'later')`,
        [how],
      )
      expect(await fillIndex(store, how)).toBe(vectors.length)
      const { rows } = await store.pool.query('select * from lsh.verify_index($1)', [how])
      expect(rows).toEqual([])
    },
  )

  it('is searched by nearest, which returns the stored vectors', async () => {
    for (const to of queries) {
      const found = await nearest(tables(), 'half', {
        to,
        key: 'id',
        k: 6,
        index: 'drawn',
        ...everything,
      })
        .selectAll()
        .orderBy('distance')
        .execute()
      expect(found.map(({ id }) => id)).toEqual(bruteForce(to, 6))
      expect(found[0]?.v).toEqual(halves[(found[0]?.id ?? 0) - 1])
      const exact = await nearestExact(tables(), 'half', { to, key: 'id', k: 6, index: 'drawn' })
        .select('id')
        .orderBy('distance')
        .execute()
      expect(exact.map(({ id }) => id)).toEqual(bruteForce(to, 6))
    }
  })

  it('is searched through an open index, which does not round queries', async () => {
    const { store } = database
    const index = await openIndex(store.db, 'drawn')
    const ask = prepareNearest(index, { k: 6, ...everything })
    for (const query of queries) {
      const { rows } = await store.pool.query<{ key: number; distance: number }>(ask(query))
      expect(rows.map(({ key }) => key)).toEqual(bruteForce(query, 6))
      expect(rows[0]?.distance).toBeCloseTo(
        vectorDistance(query, halves[(rows[0]?.key ?? 0) - 1] as Float32Array),
        5,
      )
      const hashed = await nearest(tables(), 'half', {
        to: hashQuery(index, query),
        key: 'id',
        k: 6,
        ...everything,
      })
        .select('id')
        .orderBy('distance')
        .execute()
      expect(hashed.map(({ id }) => id)).toEqual(bruteForce(query, 6))
    }
  })

  it('is written through a cast, and its triggers update the codes', async () => {
    const { store } = database
    const written = vectors[7] as Float32Array
    await tables()
      .insertInto('half')
      .values({ id: 1000, v: sql<Float32Array>`${written}::vector` })
      .execute()
    await tables().updateTable('half').set({ id: 1001 }).where('id', '=', 1000).execute()
    const row = await tables().selectFrom('half').select('v').where('id', '=', 1001).execute()
    expect(row).toEqual([{ v: halves[7] }])
    const { rows } = await store.pool.query(`select * from lsh.verify_index('drawn')`)
    expect(rows).toEqual([])
    await tables().deleteFrom('half').where('id', '=', 1001).execute()
  })

  it('is refused by loadVectors with a hint that says what to do', async () => {
    const path = join(await temporaryFolder(), 'x.npy')
    await writeFile(path, npyBytes(vectors[0] as Float32Array, [1, dims]))
    await expect(
      loadVectors(database.store, 'half', await openVectors(path), { vector: 'v' }),
    ).rejects.toMatchObject({
      code: 'bad_usage',
      message: expect.stringMatching(/"v" of half is of type halfvec/),
      hint: expect.stringMatching(/insert into half select/),
    })
  })
})
