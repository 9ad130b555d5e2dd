import { sql, type Kysely } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'
import { vectorDistance } from '../../src/core/vector.js'
import { hashQuery } from '../../src/search/hash-query.js'
import { nearest } from '../../src/search/nearest.js'
import { openIndex, type OpenIndex } from '../../src/search/open-index.js'
import { createFamilyOf } from '../../src/store/codes/create-family.js'
import type { Database } from '../../src/store/connection/database.js'
import type { Vector } from '../../src/store/connection/columns.js'
import { fillIndex } from '../../src/store/codes/fill-index.js'
import { useTestDatabase } from '../database.js'
import { clumps } from '../hash/sample.js'

const dims = 24
const rows = 20_000
const k = 10
const vectors = clumps({ dims, rows: rows + 20, seed: 41 })
const queries = vectors.splice(rows)
/** A number from 0 to 999 that does not depend on the vector. */
const partOf = (id: number) => (id * 7919 + Math.floor(id / 1000)) % 1000

type Tables = Record<'public.thing', { id: number; v: Vector<24> }> &
  Record<'public.about', { thing: number; part: number }>
const database = useTestDatabase()
let db: Kysely<Database & Tables>
let index: OpenIndex

beforeAll(async () => {
  const { store } = database
  db = store.db.withTables<Tables>()
  await store.pool.query(`create table thing (id int primary key, v vector(${dims}) not null)`)
  await store.pool.query('create table about (thing int primary key, part int not null)')
  await store.transaction(async (transaction) => {
    const things = { table: 'thing', columns: { id: 'int4', v: 'vector' } } as const
    await transaction.copy(
      things,
      vectors.map((vector, id) => [id, vector]),
    )
    const about = { table: 'about', columns: { thing: 'int4', part: 'int4' } } as const
    await transaction.copy(
      about,
      vectors.map((_, id) => [id, partOf(id)]),
    )
  })
  await createFamilyOf(
    store,
    { relation: 'thing', column: 'v' },
    { name: 'thing', kind: 'sign', buckets: 'voronoi', bits: 256 },
  )
  await sql`select lsh.create_index('thing', 'v', 'thing', build => 'later')`.execute(db)
  await fillIndex(store, 'thing')
  await store.pool.query('analyze')
  index = await openIndex(store.db, 'thing')
})

describe.each([1, 10, 100, 500])('a condition that %i rows in a thousand pass', (share) => {
  it.each(['hashed here', 'hashed in the database'])(
    'returns k rows with a recall of at least 0.95, for a query %s',
    async (where) => {
      let hits = 0
      for (const vector of queries) {
        const to = where === 'hashed here' ? hashQuery(index, vector) : vector
        const found = await nearest(db, 'public.thing', { to, k, key: 'id', stage: 'buckets' })
          .innerJoin('public.about as about', 'about.thing', 'near.id')
          .where('about.part', '<', share)
          .select(['near.id', 'near.distance', 'about.part'])
          .execute()
        expect(found).toHaveLength(k)
        expect(found.every(({ part }) => part < share)).toBe(true)
        const truth = vectors
          .flatMap((other, id) => (partOf(id) < share ? [vectorDistance(vector, other)] : []))
          .sort((a, b) => a - b)
        hits += found.filter(({ distance }) => distance <= truth[k - 1]! * (1 + 1e-6)).length
      }
      expect(hits / k / queries.length).toBeGreaterThanOrEqual(0.95)
    },
  )
})
