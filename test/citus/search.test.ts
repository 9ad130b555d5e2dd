import { sql, type Kysely } from 'kysely'
import pg from 'pg'
import { beforeAll, expect, it } from 'vitest'
import { compareWithExact } from '../../src/compare/compare-with-exact.js'

import { hashQuery } from '../../src/search/hash-query.js'
import { nearest, nearestEach, nearestExact } from '../../src/search/nearest.js'
import { openIndex } from '../../src/search/open-index.js'
import type { Neighbour } from '../../src/search/neighbour.js'
import { prepareNearest } from '../../src/search/prepare-nearest.js'
import { search, searchExact } from '../../src/search/vector-search.js'
import { within } from '../../src/search/within.js'
import { createFamilyOf } from '../../src/store/codes/create-family.js'
import type { Database } from '../../src/store/connection/database.js'
import type { Vector } from '../../src/store/connection/columns.js'
import { distributeTables } from '../../src/store/codes/distribute.js'
import { fillIndex } from '../../src/store/codes/fill-index.js'
import { vectorText } from '../../src/store/connection/types.js'
import { clumps } from '../hash/sample.js'
import { describeOnCitus, useCluster } from './cluster.js'
import type { FamilyKind } from '../../src/hash/kinds.js'

const dims = 24
const rows = 9000
const vectors = clumps({ dims, rows, seed: 41 })
const queries = clumps({ dims, rows: 100, seed: 42 })
const kinds: readonly [FamilyKind, object][] = [
  ['kernel', {}],
  ['sign', { buckets: 'voronoi' }],
  ['residual', {}],
]
const shards = 4

interface Table {
  id: number
  language: string
  v: Vector<typeof dims>
}
type Tables = Record<`citus_${string}`, Table>

describeOnCitus('searches of tables that Citus distributes', () => {
  const cluster = useCluster([...kinds.map(([kind]) => `citus_${kind}`), 'citus_language'])
  let db: Kysely<Database & Tables>
  /** Answers from before the tables were distributed. */
  const before = new Map<string, string>()
  const conditionsBefore = new Map<string, readonly number[]>()

  /** Distances of a search with a condition by the settings of the index, for each kind. */
  const conditionDistances = async () => {
    const found = new Map<string, readonly number[]>()
    for (const [kind] of kinds) {
      const near = await nearest(db, `citus_${kind}` as 'citus_kernel', {
        to: queries[0] as Float32Array,
        stage: 'buckets',
      })
        .where('near.language', '=', 'de')
        .select('near.distance')
        .execute()
      found.set(
        kind,
        near.map(({ distance }) => distance),
      )
    }
    return found
  }

  const asked = async () => {
    const answers = new Map<string, string>()
    for (const [kind] of kinds) {
      const index = `citus_${kind}`
      for (const [i, query] of queries.entries()) {
        const found = search(db, query, { index, k: 10, candidates: 60, probes: 8 })
        answers.set(`${kind} ${i}`, JSON.stringify(await found.execute()))
      }
      const to = queries[0] as Float32Array
      const table = index as 'citus_kernel'
      const ask = { to, stage: 'buckets' as const }
      const each = nearestEach(db, table, { ...ask, to: queries.slice(0, 3) })
      // The coordinator tests more rows for a condition than one server does, so only searches of all rows are equal.
      const all = { ...ask, candidates: rows, probes: 65_536 }
      const joined = nearest(db, table, all)
        .innerJoin('citus_language' as 'citus_kernel', (join) =>
          join.onRef('citus_language.language' as never, '=', 'near.language' as never),
        )
        .where('near.language', '=', 'de')
      const more: Record<string, () => Promise<unknown>> = {
        conditions: () =>
          nearest(db, table, all).where('near.language', '=', 'de').selectAll('near').execute(),
        joins: () => joined.select(['near.id', 'near.distance']).execute(),
        item: () =>
          nearest(db, table, { ...ask, to: { item: 7 }, exclude: [8, 9] })
            .selectAll()
            .execute(),
        exact: () => nearestExact(db, table, { to }).select(['near.id', 'near.distance']).execute(),
        each: () => each.select(['near.id', 'near.distance', 'near.query']).execute(),
        searchExact: () => searchExact(db, to, { index, exclude: [1] }).execute(),
        within: () => within(db, to, { index, radius: 5, maxRows: 40 }).execute(),
        filter: () =>
          cluster.rows(
            `select * from lsh.search($1, $2, 5, stage => 'buckets', candidates => 9000, probes => 65536, filter => '{"language": ["en", "fr"], "id": {"gte": 100}}')`,
            [index, vectorText(to)],
          ),
        compare: () =>
          cluster.rows(
            `select query, k, overlap, recall, visited_share from lsh.compare($1, '{1,2,3}', '{1,10}', probes => 8)`,
            [index],
          ),
        compareNearest: () => compareWithExact(db, nearest(db, table, ask)),
        explained: () =>
          cluster.rows(
            `select chosen_stage, buckets, visited, reranked, exhausted from lsh.explain_search($1, $2, stage => 'buckets')`,
            [index, vectorText(to)],
          ),
        stats: () =>
          cluster.rows(
            `select rows, codes, buckets_used, largest_bucket, skew, expected_visited from lsh.index_stats($1)`,
            [index],
          ),
      }
      for (const [name, run] of Object.entries(more))
        answers.set(`${kind} ${name}`, JSON.stringify(await run()))
    }
    return answers
  }

  beforeAll(async () => {
    const { store } = cluster
    db = store.db as unknown as typeof db
    await store.pool.query(
      `create table citus_language (id int primary key, language text not null, v vector(${dims}))`,
    )
    await store.pool.query(
      `insert into citus_language select i, (array['en', 'de', 'fr'])[i] from generate_series(1, 2) as i`,
    )
    for (const [kind, options] of kinds) {
      const table = `citus_${kind}`
      await store.pool.query(
        `create table ${table} (id int primary key, language text not null, v vector(${dims}) not null)`,
      )
      await store.pool.query(
        `insert into ${table} select * from unnest($1::int[], $2::text[], $3::text[]::vector[]) as row`,
        [
          vectors.map((_, i) => i),
          vectors.map((_, i) => ['en', 'de', 'fr'][Math.floor(i / 11) % 3]),
          vectors.map(vectorText),
        ],
      )
      await createFamilyOf(
        store,
        { relation: table, column: 'v' },
        { name: table, kind, bits: 128, ...options },
      )
      await store.pool.query(
        `select lsh.create_index($1::text::regclass, 'v', $1, maintain => 'loader')`,
        [table],
      )
      await fillIndex(store, table)
      await store.learnTypes()
    }
    for (const [name, answer] of await asked()) before.set(name, answer)
    for (const [kind, near] of await conditionDistances()) conditionsBefore.set(kind, near)
    const indexes = kinds.map(([kind]) => `citus_${kind}`)
    for await (const table of distributeTables(store, { indexes, shards }))
      expect(table.shards).toBe(shards)
  }, 300_000)

  it('return the same rows as before the tables were distributed', async () => {
    const after = await asked()
    const differing = [...before]
      .filter(([name, answer]) => after.get(name) !== answer)
      .map(([name]) => name)
    expect(before.size).toBeGreaterThan(300)
    expect(differing).toEqual([])
  }, 300_000)

  it('find rows that pass a condition and are at least as near as before', async () => {
    for (const [kind, near] of await conditionDistances()) {
      const old = conditionsBefore.get(kind) ?? []
      expect(near).toHaveLength(10)
      expect(old).toHaveLength(10)
      near.forEach((distance, i) => expect(distance).toBeLessThanOrEqual(old[i] ?? 0))
    }
  })

  it('read at most the limit from an index-only scan in one task for each shard', async () => {
    for (const [kind] of kinds) {
      const plan = await explained(`citus_${kind}`)
      expect(plan.match(/-> {2}Task$/gm)).toHaveLength(shards)
      expect(plan).not.toMatch(/Distributed Subplan/)
      expect(plan.match(/Index Only Scan using "bucket \d+_\d+" on citus_/g)).toHaveLength(shards)
      // The finer measure is computed above the sort, for the rows within the limit.
      for (const task of plan.split(/-> {2}Task\n/).slice(1))
        expect(task).toMatch(/^ +Node: .*\n +-> {2}Limit\n( +-> {2}Result\n)? +-> {2}Sort/)
      expect(plan).not.toMatch(/Seq Scan on citus_/)
    }
  })

  /** The plan of the statement that collects the candidates of a search. */
  async function explained(index: string): Promise<string> {
    const client = new pg.Client({ connectionString: cluster.url })
    const lines: string[] = []
    client.on('notice', ({ message }) => lines.push(message ?? ''))
    await client.connect()
    try {
      await client.query(`set citus.explain_all_tasks = on`)
      await client.query(`do $do$
        declare
          index lsh.index;
          family lsh.family;
          plan lsh_internal.plan;
          line text;
        begin
          select * into index from lsh.index as registered where name = '${index}';
          family := lsh_internal.family_of(index);
          plan := lsh_internal.plan_search(index, family, 10, 60, 8, '{}', null, null, null, null);
          for line in execute 'explain (costs off) ' || lsh_internal.shard_candidates(index, family,
            lsh_internal.hash_query(family, '${vectorText(queries[0] as Float32Array)}', plan), plan, 60)
          loop
            raise notice '%', line;
          end loop;
        end
        $do$`)
    } finally {
      await client.end()
    }
    return lines.join('\n')
  }

  it('work with prepared statements and with queries hashed in the client', async () => {
    for (const [kind] of kinds) {
      const index = await openIndex(cluster.store.db, `citus_${kind}`)
      expect(index.distributed).toBe(true)
      const prepared = prepareNearest(index, { k: 5 })
      for (const query of queries.slice(0, 7)) {
        const { rows: found } = await cluster.store.pool.query<Neighbour>(prepared(query))
        const hashed = await nearest(db, `citus_${kind}`, {
          to: hashQuery(index, query),
          k: 5,
          stage: 'buckets',
        })
          .select(['near.id as key', 'near.distance', 'near.hamming'])
          .execute()
        expect(hashed).toEqual(found)
        expect(found).toHaveLength(5)
      }
    }
  })

  it('see the changes of their own transaction, and can be joined with the table', async () => {
    await cluster.store
      .transaction(async ({ db: transaction }) => {
        await sql`delete from citus_kernel where id = 7`.execute(transaction)
        const { rows: found } = await sql<{ key: string }>`
          select found.key from lsh.search('citus_kernel', ${vectorText(vectors[7] as Float32Array)}, 3) as found
            join citus_kernel as row on row.id = found.key::int`.execute(transaction)
        expect(found).toHaveLength(3)
        expect(found.map(({ key }) => key)).not.toContain('7')
        throw new Error('rolled back on purpose')
      })
      .catch((error: unknown) => {
        if (!(error instanceof Error) || error.message !== 'rolled back on purpose') throw error
      })
  })

  it('refuse what distributed tables do not support, with a hint', async () => {
    const fails = (text: string) =>
      cluster.rows(text).then(
        () => 'nothing',
        (error: unknown) => `${String(error)}; ${(error as { hint?: string }).hint ?? ''}`,
      )
    expect(await fails(`select * from lsh.pairs('citus_sign', 1)`)).toMatch(
      /cannot search distributed index "citus_sign".*; Use lsh.within/,
    )
    expect(await fails(`select lsh.compact_index('citus_sign')`)).toMatch(
      /have no order; After "vacuum analyze/,
    )
    expect(
      await fails(
        `select * from lsh.search('citus_sign', array_fill(1, array[${dims}])::vector, stage => 'hnsw')`,
      ),
    ).toMatch(/graph/)
  })
})
