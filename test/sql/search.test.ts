import { beforeAll, describe, expect, inject, it } from 'vitest'
import { random } from '../../src/core/random.js'
import { vectorText } from '../../src/store/connection/types.js'
import { inTransaction, useTestDatabase } from '../database.js'
import { expectRefusal, rowsOf, valueOf } from './asking.js'
import { addTable, bruteForce, hashTable, lattice, search, searchExact } from './hashed-table.js'

const database = useTestDatabase()
const query = <T>(text: string, values: unknown[] = []) => rowsOf<T>(database.store, text, values)
const keysOf = (rows: readonly { key: string }[]) => rows.map(({ key }) => key)

/** Vectors with many equal distances, in 16 buckets. */
const vectors = lattice({ rows: 300, dims: 6, seed: 1 })
const queries = [...vectors.slice(0, 5), ...lattice({ rows: 15, dims: 6, seed: 2 })]
const everything = `candidates => ${vectors.length}, probes => 16`

beforeAll(async () => {
  await addTable(database.store, 'item', vectors)
  await hashTable(database.store, 'item', { bits: 128, bucketBits: 4, probes: 4 })
})

describe('lsh.search_exact', () => {
  it('is exact even if the table has an HNSW index', async () => {
    await inTransaction(database.store, async (transaction) => {
      const vectors = lattice({ rows: 400, dims: 6, seed: 21 })
      await addTable(transaction, 'approximate', vectors)
      await rowsOf(transaction, 'create index on approximate using hnsw (v vector_l2_ops)')
      await rowsOf(transaction, 'analyze approximate')
      await rowsOf(transaction, `select lsh.create_index('approximate', 'v', 'item')`)
      // With ef_search = 2 a scan of the HNSW index would end early.
      await rowsOf(transaction, 'set local hnsw.ef_search = 2')
      await rowsOf(transaction, 'set local enable_seqscan = off')
      const found = await rowsOf(
        transaction,
        `select * from lsh.search_exact('approximate', '${vectorText(vectors[0]!)}', k => 200)`,
      )
      expect(found).toHaveLength(200)
    })
  })

  it.each([1, 10, 300, 1000])('finds the same rows as brute force, k = %i', async (k) => {
    for (const one of queries) {
      expect(await searchExact(database.store, 'item', one, `k => ${k}`)).toEqual(
        bruteForce(vectors, one, k),
      )
    }
  })

  it('returns no excluded key', async () => {
    const exclude = [1, 2, 3, 50, 51]
    for (const one of queries) {
      const found = await searchExact(
        database.store,
        'item',
        one,
        `exclude => '{${exclude.join()}}'`,
      )
      expect(found).toEqual(bruteForce(vectors, one, 10, exclude))
    }
  })
})

describe('lsh.search', () => {
  it('is exact if all buckets are visited and all codes are candidates', async () => {
    for (const one of queries) {
      const found = await search(database.store, 'item', one, `k => 20, ${everything}`)
      expect(found.map(({ key, distance }) => ({ key, distance }))).toEqual(
        bruteForce(vectors, one, 20),
      )
    }
  })

  it('returns the Hamming distance between the code of each row and that of the query', async () => {
    const [one] = queries
    const found = await search(database.store, 'item', one!, 'k => 20')
    const codes = await query<{ key: string; hamming: number }>(
      `select key::text, lsh.hamming(code, lsh.encode('item', $1::text::vector)) as hamming
       from lsh_index.item`,
      [vectorText(one!)],
    )
    for (const { key, hamming } of found) expect(codes).toContainEqual({ key, hamming })
    expect(found[0]?.hamming).toBe(0)
    expect(new Set(found.map(({ hamming }) => hamming)).size).toBeGreaterThan(3)
  })

  it('orders rows by exact distance, ties by key as a number', async () => {
    for (const one of queries) {
      const found = await search(database.store, 'item', one, 'k => 50')
      const sorted = [...found].sort(
        (a, b) => a.distance - b.distance || Number(a.key) - Number(b.key),
      )
      expect(found).toEqual(sorted)
    }
  })

  it('returns equal rows in the order of their keys', async () => {
    const same = Array.from({ length: 120 }, (_, i) => Float32Array.of(1, 2, i % 30 === 7 ? 9 : 3))
    await addTable(database.store, 'equal', same)
    await hashTable(database.store, 'equal', { bucketBits: 2, candidates: 10 })
    const found = await search(database.store, 'equal', [1, 2, 3], 'k => 12')
    expect(keysOf(found)).toEqual(keysOf(bruteForce(same, [1, 2, 3], 12)))
    expect(keysOf(found)).toEqual(['1', '2', '3', '4', '5', '6', '7', '9', '10', '11', '12', '13'])
  })

  it('has a recall of at least 0.95 in clustered data with default settings', async () => {
    const source = random(17)
    const normals = (count: number) => Float32Array.from({ length: count }, () => source.normal())
    const centers = Array.from({ length: 50 }, () => normals(32))
    // Each cluster extends along three directions of its own, as features of similar images do.
    const spans = centers.map(() => Array.from({ length: 3 }, () => normals(32)))
    const draw = (i: number) => {
      const weights = normals(3)
      return (centers[i % 50] as Float32Array).map((value, d) =>
        Math.fround(
          3 * value + weights.reduce((sum, w, s) => sum + w * (spans[i % 50]?.[s]?.[d] ?? 0), 0),
        ),
      )
    }
    const clustered = Array.from({ length: 2000 }, (_, i) => draw(i))
    const asked = Array.from({ length: 100 }, (_, i) => draw(i))
    await addTable(database.store, 'clustered', clustered)
    await query(`select lsh.create_family('clustered', 'clustered', 'v')`)
    await query(`select lsh.create_index('clustered', 'v', 'clustered')`)
    let hits = 0
    for (const one of asked) {
      const edge = bruteForce(clustered, one, 10)[9]?.distance ?? 0
      const found = await search(database.store, 'clustered', one)
      expect(found).toHaveLength(10)
      // pgvector sums in 4-byte floats.
      hits += found.filter(({ distance }) => distance <= edge * (1 + 1e-6)).length
    }
    expect(hits / 1000).toBeGreaterThanOrEqual(0.95)
  })

  it('loses no neighbour when the number of candidates increases', async () => {
    for (const one of queries) {
      let before: number[] = []
      for (const candidates of [10, 15, 25, 50, 100, 300]) {
        const found = await search(database.store, 'item', one, `candidates => ${candidates}`)
        const distances = found.map(({ distance }) => distance)
        before.forEach((distance, i) => expect(distances[i]).toBeLessThanOrEqual(distance))
        before = distances
      }
      expect(before).toHaveLength(10)
    }
  })

  it('loses no neighbour when probes increase and all codes may be candidates', async () => {
    for (const one of queries) {
      // If the visited buckets hold fewer than k rows, the search visits four times as many.
      for (const [k, asked] of [
        [1, [1, 2, 3, 4, 5, 6, 8, 12, 16]],
        [40, [1, 4, 16]],
      ] as const) {
        let before: number[] = []
        for (const probes of asked) {
          const options = `k => ${k}, candidates => 300, probes => ${probes}`
          const found = await search(database.store, 'item', one, options)
          const distances = found.map(({ distance }) => distance)
          before.forEach((distance, i) =>
            expect(distances[i], options).toBeLessThanOrEqual(distance),
          )
          before = distances
        }
      }
    }
  })

  it('finds the same rows when the same bits of all codes are inverted', async () => {
    const found = await Promise.all(queries.map((one) => search(database.store, 'item', one)))
    await inTransaction(database.store, async (transaction) => {
      await rowsOf(transaction, 'alter table lsh.projection disable trigger all')
      // cos(a + pi) - t is -(cos(a) + t), which inverts the bit.
      await rowsOf(
        transaction,
        `update lsh.projection set phase = phase + pi(), threshold = -threshold
         where purpose = 'code' and ordinal % 3 = 0
           and family_id = (select id from lsh.family where name = 'item')`,
      )
      const changed = `select count(*)::int from lsh_index.item join item on id = key
                       where code <> lsh.encode('item', v)`
      expect(await valueOf(transaction, changed)).toBe(300)
      await rowsOf(
        transaction,
        `update lsh_index.item set code = code # left(repeat('100', 43), 128)::bit(128)`,
      )
      expect(await valueOf(transaction, changed)).toBe(0)
      for (const [i, one] of queries.entries()) {
        expect(await search(transaction, 'item', one)).toEqual(found[i])
      }
    })
  })
})

describe('lsh.search returns k rows if there are k', () => {
  const one = queries[7] as Float32Array

  it.each([1, 17, 250, 299, 300, 301, 5000])('for k = %i of 300', async (k) => {
    for (const options of ['', ', probes => 1', ', probes => 1, candidates => 1']) {
      const found = await search(database.store, 'item', one, `k => ${k}${options}`)
      expect(found).toHaveLength(Math.min(k, 300))
      expect(new Set(keysOf(found)).size).toBe(found.length)
    }
  })

  it('when all but k rows are excluded', async () => {
    const left = ['3', '77', '150', '299', '300']
    const exclude = vectors.map((_, i) => String(i + 1)).filter((key) => !left.includes(key))
    const found = await search(
      database.store,
      'item',
      one,
      `k => 5, probes => 1, candidates => 5, exclude => '{${exclude.join()}}'`,
    )
    expect(keysOf(found).sort()).toEqual(left.sort())
  })

  it('and none when all rows are excluded', async () => {
    const all = `exclude => (select array_agg(id::text) from item)`
    expect(await search(database.store, 'item', one, all)).toEqual([])
    expect(await searchExact(database.store, 'item', one, all)).toEqual([])
  })

  it('when excluded keys are missing, null, repeated or unknown', async () => {
    const expected = await search(database.store, 'item', one)
    const gone = expected[0]?.key ?? ''
    for (const exclude of [`'{}'`, 'null', `'{-1,99999}'`, `array[null]::text[]`]) {
      expect(await search(database.store, 'item', one, `exclude => ${exclude}`)).toEqual(expected)
    }
    const without = await search(database.store, 'item', one, `exclude => '{${gone},${gone},null}'`)
    expect(without).toHaveLength(10)
    expect(keysOf(without)).not.toContain(gone)
  })

  it('when all rows fall into one bucket', async () => {
    await query('create table crowded (id int primary key, v vector(6))')
    await query(`select lsh.create_index('crowded', 'v', 'item')`)
    await query(
      `insert into crowded select number, v from item cross join generate_series(1, 40) as number
       where id = 1`,
    )
    expect(await query('select distinct bucket from lsh_index.crowded')).toHaveLength(1)
    for (const asked of queries) {
      const found = await search(database.store, 'crowded', asked, 'k => 25, probes => 1')
      expect(keysOf(found)).toEqual(Array.from({ length: 25 }, (_, i) => String(i + 1)))
    }
  })

  it('and all rows of a table with one row or none', async () => {
    await query('create table few (id int primary key, v vector(6))')
    await query(`select lsh.create_index('few', 'v', 'item')`)
    expect(await search(database.store, 'few', one)).toEqual([])
    expect(await searchExact(database.store, 'few', one)).toEqual([])
    await query(`insert into few values (5, '[0,0,0,0,0,0]'), (6, null)`)
    for (const asked of queries) {
      expect(keysOf(await search(database.store, 'few', asked, 'probes => 1'))).toEqual(['5'])
      expect(keysOf(await searchExact(database.store, 'few', asked))).toEqual(['5'])
    }
  })
})

describe('a search refuses', () => {
  const x = `'[1,2,3,4,3,2]'`
  it.each([
    { what: 'a k that is null', args: `'item', ${x}, k => null`, code: '22023' },
    { what: 'k = 0', args: `'item', ${x}, k => 0`, code: '22023' },
    { what: 'k = -1', args: `'item', ${x}, k => -1`, code: '22023' },
    { what: 'a vector of another dimension', args: `'item', '[1,2]'`, code: 'LSH02' },
    { what: 'a vector that is null', args: `'item', null`, code: '22004' },
    { what: 'an unknown index', args: `'nope', ${x}`, code: 'LSH01' },
    { what: 'an index that is null', args: `null, ${x}`, code: 'LSH01' },
  ])('$what', async ({ args, code }) => {
    await expectRefusal(database.store, `select * from lsh.search(${args})`, code)
    await expectRefusal(database.store, `select * from lsh.search_exact(${args})`, code)
  })

  it.each(['candidates => -5', 'probes => 0', 'probes => -5'])('%s', async (option) => {
    const text = `select * from lsh.search('item', ${x}, ${option})`
    await expectRefusal(database.store, text, '22023')
  })

  it('an excluded key that is not valid for the type of the key', async () => {
    const text = `select * from lsh.search('item', ${x}, exclude => '{abc}')`
    await expect(query(text)).rejects.toMatchObject({ code: '22P02' })
  })
})

describe('a search works', () => {
  it('in a read-only transaction', async () => {
    const found = await search(database.store, 'item', queries[6]!, 'probes => 1')
    const exact = await searchExact(database.store, 'item', queries[6]!)
    await inTransaction(database.store, async (transaction) => {
      await rowsOf(transaction, 'set transaction read only')
      expect(await search(transaction, 'item', queries[6]!, 'probes => 1')).toEqual(found)
      expect(await searchExact(transaction, 'item', queries[6]!)).toEqual(exact)
      await expect(rowsOf(transaction, 'delete from item')).rejects.toMatchObject({ code: '25006' })
    })
  })

  it('with misleading objects on the search path of the caller', async () => {
    const [one] = queries
    const vector = `'${vectorText(one!)}'::public.vector`
    const calls = [
      `select * from lsh.search('item', ${vector}, k => 15)`,
      `select * from lsh.search_exact('item', ${vector}, k => 15)`,
      `select * from lsh.compare('item', '{1,2}', ks => '{5}')`,
      `select lsh.encode('item', ${vector})::text`,
      `select lsh.probes('item', ${vector}, 9)`,
      `select * from lsh.calibrate('public.item', 'v')`,
      `select lsh.family_checksum('item')`,
      `select lsh.hamming(b'1010', b'0110')`,
    ]
    const expected = await Promise.all(calls.map((call) => query(call)))
    await inTransaction(database.store, async (transaction) => {
      const run = (text: string) => rowsOf(transaction, text)
      await run('create schema evil')
      await run('create table evil.item (id int primary key, v public.vector(6))')
      await run('create table evil.family as select * from lsh.family where false')
      await run('create table evil.projection as select * from lsh.projection where false')
      await run('create temporary table item (id int primary key, v public.vector(6))')
      for (const [name, args, result] of [
        ['hamming', 'bit, bit', 'int'],
        ['bit_count', 'bit', 'bigint'],
        ['distance', 'public.vector, public.vector', 'float8'],
        ['inner_product', 'public.vector, public.vector', 'float8'],
        ['cos', 'float8', 'float8'],
        ['format', 'text, text', 'text'],
        ['greatest_of', 'int, int', 'int'],
        ['cardinality', 'text[]', 'int'],
        ['to_regclass', 'text', 'regclass'],
      ] as const) {
        await run(
          `create function evil.${name}(${args}) returns ${result} language plpgsql as
           $$ begin raise exception 'evil.${name} was called'; end $$`,
        )
      }
      for (const [operator, left, right, procedure] of [
        ['<->', 'public.vector', 'public.vector', 'distance'],
        ['#', 'bit', 'bit', 'hamming'],
        ['>', 'int', 'int', 'greatest_of'],
        ['=', 'int', 'int', 'greatest_of'],
      ] as const) {
        await run(
          `create operator evil.${operator} (function = evil.${procedure}, leftarg = ${left}, rightarg = ${right})`,
        )
      }
      await run('set local search_path = evil, pg_temp, pg_catalog, lsh, public')
      for (const [i, call] of calls.entries()) expect(await run(call)).toEqual(expected[i])
      await run(`insert into public.item values (1000, null, ${vector})`)
      const [nearest] = await run(`select key from lsh.search('item', ${vector}, exclude => '{1}')`)
      expect(nearest).toEqual({ key: '1000' })
    })
  })

  it.skipIf(inject('engine') === 'embedded')('after a statement timeout', async () => {
    const expected = await search(database.store, 'item', queries[8]!)
    const client = await database.store.pool.connect()
    try {
      await client.query(`set statement_timeout = '20ms'`)
      const all = `select * from lsh.compare('item', (select array_agg(id::text) from item))`
      await expect(client.query(all)).rejects.toMatchObject({ code: '57014' })
      await client.query('set statement_timeout = 0')
      const { rows } = await client.query(`select * from lsh.search('item', $1::text::vector)`, [
        vectorText(queries[8]!),
      ])
      expect(rows).toEqual(expected)
    } finally {
      await client.query('reset statement_timeout')
      client.release()
    }
  })
})
