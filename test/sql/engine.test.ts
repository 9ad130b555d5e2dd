import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { random } from '../../src/core/random.js'
import { useTestDatabase } from '../database.js'
import { clumps } from '../hash/sample.js'
import { addTable, bruteForce, search, searchExact } from './hashed-table.js'
import { rowsOf, warningsOf } from './asking.js'

const database = useTestDatabase()
const dims = 12
const vectors = clumps({ dims, rows: 500, seed: 21 })
const query = <Row extends object>(text: string, values: unknown[] = []) =>
  rowsOf<Row>(database.store, text, values)
const keys = (rows: readonly { key: string }[]) => rows.map(({ key }) => key)

beforeAll(async () => {
  await addTable(database.store, 'doc', vectors)
  await query(`alter table doc add column site text, add column age int`)
  await query(
    `update doc set site = case id % 3 when 0 then 'head' when 1 then 'neck' end, age = id % 90`,
  )
  await query(
    `select lsh.create_family('doc', 'doc', 'v', bits => 128, kind => 'sign', bucket_bits => 5)`,
  )
  await query(`select lsh.create_index('doc', 'v', 'doc', probes => 8, candidates => 50)`)
})

describe('lsh.search', () => {
  it.each([
    [`{"site": "head"}`, (id: number) => id % 3 === 0],
    [`{"site": null}`, (id: number) => id % 3 === 2],
    [`{"age": [1, 2, 3]}`, (id: number) => [1, 2, 3].includes(id % 90)],
    [`{"age": {"gte": 10, "lt": 12}}`, (id: number) => [10, 11].includes(id % 90)],
    [`{"age": {"ne": 5}, "site": "neck"}`, (id: number) => id % 90 !== 5 && id % 3 === 1],
    [`{"id": {"gt": 499}}`, (id: number) => id > 499],
  ])('returns the nearest k rows that pass the filter %s', async (filter, passes) => {
    const hidden = vectors.map((_, i) => i + 1).filter((id) => !passes(id))
    const expected = bruteForce(vectors, vectors[7]!, 10, hidden)
    for (const stage of ['buckets', 'scan', 'exact']) {
      const found = await search(
        database.store,
        'doc',
        vectors[7]!,
        `filter => '${filter}', stage => '${stage}'`,
      )
      expect(keys(found), stage).toEqual(keys(expected))
    }
    expect(
      keys(await searchExact(database.store, 'doc', vectors[7]!, `filter => '${filter}'`)),
    ).toEqual(keys(expected))
  })

  it('returns only allowed keys', async () => {
    const found = await search(database.store, 'doc', vectors[0]!, `allowed => '{5,6,499}'`)
    expect(keys(found).sort()).toEqual(['499', '5', '6'])
    expect(await search(database.store, 'doc', vectors[0]!, `allowed => '{}'`)).toEqual([])
  })

  it('returns no rows if none pass the filter', async () => {
    expect(await search(database.store, 'doc', vectors[0]!, `filter => '{"age": -1}'`)).toEqual([])
  })

  it('treats text in a filter as a value, never as SQL', async () => {
    for (const text of fc.sample(fc.string(), { seed: 3, numRuns: 50 })) {
      const value = text.replaceAll('\0', '')
      const found = await query(`select * from lsh.search('doc', $1::text::vector, filter => $2)`, [
        `[${vectors[0]!.join(',')}]`,
        JSON.stringify({ site: `${value}' or true --` }),
      ])
      expect(found).toEqual([])
    }
  })

  it.each([
    [`filter => '{"nope": 1}'`, '42703'],
    [`filter => '{"age": {"near": 1}}'`, '22023'],
    [`filter => '[1]'`, '22023'],
    [`filter => '{"age": "young"}'`, '22P02'],
    [`stage => 'guess'`, '22023'],
    [`stage => 'hnsw'`, '55000'],
    [`ranking => 'colour'`, '22023'],
  ])('refuses %s', async (options, code) => {
    await expect(search(database.store, 'doc', vectors[0]!, options)).rejects.toMatchObject({
      code,
    })
  })

  it('can take its candidates from an HNSW graph over the codes', async () => {
    await query(`create index doc_graph on lsh_index.doc using hnsw (code bit_hamming_ops)`)
    const found = await search(
      database.store,
      'doc',
      vectors[3]!,
      `stage => 'hnsw', candidates => 100`,
    )
    const hits = keys(bruteForce(vectors, vectors[3]!, 10)).filter((key) =>
      keys(found).includes(key),
    )
    expect(hits.length).toBeGreaterThanOrEqual(9)
    await query(`drop index lsh_index.doc_graph`)
  })

  it('loses no neighbour when probes increase and all codes may be candidates', async () => {
    for (const vector of vectors.slice(0, 10)) {
      let before: string[] = []
      // If the visited buckets hold fewer than k rows, the search visits four times as many.
      for (const probes of [1, 4, 16, 31]) {
        const found = keys(
          await search(database.store, 'doc', vector, `probes => ${probes}, candidates => 500`),
        )
        const truth = keys(bruteForce(vectors, vector, 10))
        const hits = truth.filter((key) => found.includes(key))
        expect(hits).toEqual(expect.arrayContaining(before))
        before = hits
      }
    }
  })
})

describe('keys', () => {
  it.each([
    ['bigint', `id + 10000000000`],
    ['uuid', `md5(id::text)::uuid`],
    ['text', `'row ' || id`],
  ])('of type %s are stored, updated and returned by searches', async (type, expression) => {
    const table = `keyed_${type}`
    await query(`create table ${table} (key ${type} primary key, v vector(${dims}))`)
    await query(`insert into ${table} select ${expression}, v from doc where id <= 100`)
    await query(`select lsh.create_index('${table}', 'v', 'doc')`)
    await query(`delete from ${table} where key = (select ${expression} from doc where id = 5)`)
    expect(await query(`select * from lsh.verify_index('${table}')`)).toEqual([])
    const [first] = await search(database.store, table, vectors[6]!, `stage => 'buckets'`)
    const [expected] = await query<{ key: string }>(
      `select (${expression})::text as key from doc where id = 7`,
    )
    expect(first?.key).toBe(expected?.key)
  })
})

describe('an index that is built later', () => {
  it('is filled in batches, resumes after an interruption, and returns exact results meanwhile', async () => {
    const { store } = database
    await query(`select lsh.create_index('doc', 'v', 'doc', 'later', build => 'later')`)
    expect((await query(`select state from lsh.index where name = 'later'`))[0]).toEqual({
      state: 'building',
    })
    // The state that a build leaves if it is stopped after its first batch.
    await query(`select lsh_internal.build_batch('later', 200)`)
    expect((await query(`select done::int from lsh.index_progress`))[0]).toEqual({ done: 200 })
    await query(`update doc set v = (select v from doc where id = 400) where id in (10, 450)`)
    await query(`delete from doc where id = 300`)
    const found = await search(store, 'later', vectors[399]!, 'k => 3')
    expect(keys(found)).toEqual(['10', '400', '450'])
    await query(`call lsh.build_index('later', 100)`)
    expect(await query(`select * from lsh.index_progress`)).toEqual([])
    expect(await query(`select * from lsh.verify_index('later')`)).toEqual([])
    await expect(query(`call lsh.build_index('later')`)).rejects.toMatchObject({ code: '55000' })
  })

  it('can be given another family by lsh.reindex', async () => {
    await query(`select lsh.create_family('doc_kernel', 'doc', 'v', bits => 64, kind => 'kernel')`)
    expect(await query(`select lsh.reindex('later', 'doc_kernel') as name`)).toEqual([
      { name: 'later' },
    ])
    const [stats] = await query(`select family, kind, bits, state from lsh.index_stats('later')`)
    expect(stats).toEqual({ family: 'doc_kernel', kind: 'kernel', bits: 64, state: 'ready' })
    expect(await query(`select * from lsh.verify_index('later')`)).toEqual([])
    await query(`select lsh.drop_index('later')`)
  })
})

describe('lsh.verify_index', () => {
  it('lists the problem of each key, and repairs all of them', async () => {
    await query(
      `select lsh.create_family('other', 'doc', 'v', bits => 128, seed => 2, kind => 'sign', bucket_bits => 5)`,
    )
    await query(`delete from lsh_index.doc where key = 1`)
    await query(`update lsh_index.doc set code = ~code where key = 2`)
    await query(
      `insert into lsh_index.doc (bucket, key, code) select bucket, 9999, code from lsh_index.doc limit 1`,
    )
    await query(
      `update lsh_index.doc set (bucket, code) = (select hashed.bucket, hashed.code
         from lsh.family, doc, lsh_internal.hashed(family.id, family.token, doc.v) as hashed
         where family.name = 'other' and doc.id = 3)
       where key = 3`,
    )
    const problems = [
      { key: '1', problem: 'missing' },
      { key: '2', problem: 'stale' },
      { key: '3', problem: 'wrong family' },
      { key: '9999', problem: 'orphaned' },
    ]
    expect(await query(`select * from lsh.verify_index('doc') order by key`)).toEqual(problems)
    await query(`select * from lsh.verify_index('doc', repair => true)`)
    expect(await query(`select * from lsh.verify_index('doc')`)).toEqual([])
  })

  it('finds nothing after random inserts, updates, deletes and reindexing', async () => {
    await query(`create table busy as select id, v from doc`)
    await query(`alter table busy add primary key (id)`)
    await query(`select lsh.create_index('busy', 'v', 'doc')`)
    const operation = fc.oneof(
      fc
        .nat(900)
        .map(
          (id) =>
            `insert into busy select ${id}, v from doc where id = ${1 + (id % 200)} on conflict do nothing`,
        ),
      fc
        .nat(900)
        .map(
          (id) =>
            `update busy set v = (select v from doc where id = ${1 + (id % 200)}) where id % 37 = ${id % 37}`,
        ),
      fc.nat(900).map((id) => `update busy set id = id + 1000 where id = ${id}`),
      fc.nat(900).map((id) => `delete from busy where id = ${id}`),
      fc.nat(36).map((id) => `update busy set v = null where id % 101 = ${id}`),
      fc.constant(`select lsh.reindex('busy', 'other')`),
      fc.constant(`select lsh.reindex('busy', 'doc')`),
    )
    for (const text of fc.sample(operation, { seed: 5, numRuns: 300 })) await query(text)
    expect(await query(`select * from lsh.verify_index('busy')`)).toEqual([])
  })
})

describe('lsh.tune and lsh.explain_search', () => {
  it('store the cheapest setting that reaches the recall, and report the work of a search', async () => {
    const tried = await query<{
      probes: number
      candidates: number
      reached: number
      chosen: boolean
    }>(`select * from lsh.tune('doc', 0.9, sample => 20)`)
    const chosen = tried.find((one) => one.chosen)
    expect(chosen?.reached).toBeGreaterThanOrEqual(0.9)
    const [index] = await query(`select probes, candidates from lsh.index where name = 'doc'`)
    expect(index).toEqual({ probes: chosen?.probes, candidates: chosen?.candidates })
    const [explained] = await query(
      `select chosen_stage, chosen_ranking, buckets, visited, reranked, exhausted, search_ms >= 0 as timed
       from lsh.explain_search('doc', (select v from doc where id = 5), stage => 'buckets', probes => 4, candidates => 12)`,
    )
    expect(explained).toMatchObject({
      chosen_stage: 'buckets',
      chosen_ranking: 'estimate',
      buckets: 4,
      reranked: 12,
      exhausted: false,
      timed: true,
    })
  })

  it('refuse a recall above 1', async () => {
    await expect(query(`select lsh.tune('doc', 1.5)`)).rejects.toMatchObject({ code: '22023' })
  })
})

describe('lsh.expected_hamming', () => {
  beforeAll(async () => {
    const source = random(4)
    const cloud = Array.from({ length: 200 }, () =>
      Float32Array.from({ length: 32 }, () => source.normal()),
    )
    await addTable(database.store, 'cloud', cloud)
  })

  it.each([
    ['kernel', 'doc', 0.01],
    ['cosine', 'doc', 0.01],
    // These formulas assume normally distributed projections and vectors of similar length.
    ['sign', 'cloud', 0.02],
    ['qary', 'cloud', 0.02],
  ])(
    'is the mean share of bits in which codes of kind %s differ',
    async (kind, table, tolerance) => {
      const name = `curve_${kind}`
      await warningsOf(
        database.store,
        `select lsh.create_family('${name}', '${table}', 'v', bits => 2048, kind => '${kind}')`,
      )
      const [row] = await query<{ measured: number; expected: number }>(
        `select avg(lsh.hamming(lsh.encode(family.name, a.v), lsh.encode(family.name, b.v))::float8 / family.bits) as measured,
         avg(lsh.expected_hamming(family.kind, l2_distance(a.v, b.v), family.bandwidth,
           (family.calibration ->> 'mean_distance')::float8, family.levels)) as expected
       from lsh.family
         cross join ${table} as a
         join ${table} as b on b.id = a.id + 1
       where family.name = $1 and a.id < 60`,
        [name],
      )
      expect(Math.abs(row!.measured - row!.expected)).toBeLessThan(tolerance)
    },
  )
})
