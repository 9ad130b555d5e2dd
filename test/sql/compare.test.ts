import { beforeAll, describe, expect, it } from 'vitest'
import { vectorDistance } from '../../src/core/vector.js'
import { useTestDatabase } from '../database.js'
import { expectRefusal, rowsOf, valueOf } from './asking.js'
import { addTable, hashTable, lattice } from './hashed-table.js'

interface Compared {
  query: string
  k: number
  overlap: number
  dice: number
  jaccard: number
  recall: number
  code_loss: number
  bucket_loss: number
  visited_share: number
}

interface Coded {
  key: number
  bucket: number
  code: string
}

const database = useTestDatabase()
const query = <T>(text: string, values: unknown[] = []) => rowsOf<T>(database.store, text, values)

/** Few values for many rows, so that vectors, distances and codes are often equal. */
const vectors = lattice({ rows: 120, dims: 4, seed: 3, span: 3 })
const asked = [1, 2, 3, 40, 77, 120]
const ks = [1, 5, 20]
let coded: Coded[]

beforeAll(async () => {
  await addTable(database.store, 'item', vectors)
  await hashTable(database.store, 'item', { bits: 24, bucketBits: 3, probes: 4, candidates: 30 })
  coded = await query<Coded>('select key, bucket, code::text from lsh_index.item order by key')
})

const vectorOf = (key: number) => vectors[key - 1] as Float32Array
const hammingOf = (a: string, b: string) => Array.from(a).filter((bit, i) => bit !== b[i]).length

/** Buckets that a search visits: `probes` of them, then four times as many until they hold `enough` rows. */
async function visitedBuckets(key: number, probes: number, enough: number): Promise<Set<number>> {
  const order = await valueOf<number[]>(
    database.store,
    `select lsh.probes('item', v, 8) from item where id = ${key}`,
  )
  for (let visited = probes; ; visited *= 4) {
    const buckets = new Set(order.slice(0, visited))
    const rows = coded.filter((row) => row.key !== key && buckets.has(row.bucket))
    if (rows.length >= enough || visited >= order.length) return buckets
  }
}

/** The rows of lsh.compare, computed from the definitions: a hit is no farther than the k-th true neighbour. */
async function oracle(key: number, probes: number, candidates: number): Promise<Compared[]> {
  const own = coded[key - 1] as Coded
  const most = Math.max(...ks)
  const rows = coded
    .filter((row) => row.key !== key)
    .map((row) => ({
      ...row,
      distance: vectorDistance(vectorOf(row.key), vectorOf(key)),
      hamming: hammingOf(row.code, own.code),
    }))
  const exact = [...rows].sort((a, b) => a.distance - b.distance || a.key - b.key)
  const byCode = [...rows].sort((a, b) => a.hamming - b.hamming || a.key - b.key)
  const buckets = await visitedBuckets(key, probes, most)
  const found = byCode
    .filter((row) => buckets.has(row.bucket))
    .slice(0, Math.max(candidates, most))
    .sort((a, b) => a.distance - b.distance || a.key - b.key)
    .slice(0, most)
  return ks.map((k) => {
    const size = Math.min(k, rows.length)
    const edge = exact[size - 1]?.distance ?? 0
    const hits = (list: readonly { distance: number }[]) =>
      Math.min(size, list.filter(({ distance }) => distance <= edge).length)
    const overlap = hits(byCode.slice(0, k))
    const scanned = hits(byCode.slice(0, Math.max(candidates, most)))
    const recall = hits(found.slice(0, k)) / size
    return {
      query: String(key),
      k,
      overlap,
      dice: (2 * overlap) / (2 * size),
      jaccard: overlap / (2 * size - overlap),
      recall,
      code_loss: 1 - scanned / size,
      bucket_loss: scanned / size - recall,
      visited_share: coded.filter((row) => buckets.has(row.bucket)).length / coded.length,
    }
  })
}

function expectClose(compared: readonly Compared[], expected: readonly Compared[]): void {
  const rounded = (rows: readonly Compared[]) =>
    rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]: [string, string | number]) => [
          name,
          typeof value === 'number' ? Math.round(value * 1e9) / 1e9 + 0 : value,
        ]),
      ),
    )
  expect(rounded(compared)).toEqual(rounded(expected))
}

function compare(keys: readonly number[], options: string): Promise<Compared[]> {
  return query<Compared>(
    `select * from lsh.compare('item', $1::text[], ks => $2::int[]${options && `, ${options}`})`,
    [keys.map(String), ks],
  )
}

describe('lsh.compare', () => {
  it.each([
    { probes: 1, candidates: 1 },
    { probes: 1, candidates: 120 },
    { probes: 4, candidates: 30 },
    { probes: 8, candidates: 20 },
    { probes: 8, candidates: 120 },
  ])(
    'returns the figures of the definitions, $probes probes and $candidates candidates',
    async (how) => {
      const { probes, candidates } = how
      const compared = await compare(asked, `probes => ${probes}, candidates => ${candidates}`)
      const expected = await Promise.all(asked.map((key) => oracle(key, probes, candidates)))
      expectClose(compared, expected.flat())
    },
  )

  it('reports losses of both kinds for the data of this test', async () => {
    const compared = await compare(asked, 'probes => 1, candidates => 1')
    expect(compared.some((row) => row.code_loss > 0)).toBe(true)
    const narrow = await compare(asked, 'probes => 1, candidates => 120')
    expect(narrow.every((row) => row.code_loss === 0)).toBe(true)
    expect(narrow.some((row) => row.visited_share < 1)).toBe(true)
    const small = await query<Compared>(
      `select * from lsh.compare('item', '{1,2,3,4,5,6,7,8}', '{5}', 120, 1)`,
    )
    expect(small.some((row) => row.bucket_loss > 0)).toBe(true)
  })

  it('uses the probes and candidates of the index by default', async () => {
    const expected = await Promise.all(asked.map((key) => oracle(key, 4, 30)))
    expectClose(await compare(asked, ''), expected.flat())
  })

  it('splits missing recall into loss by codes and loss by buckets', async () => {
    for (const row of await compare(asked, 'probes => 1')) {
      expect(row.recall + row.code_loss + row.bucket_loss).toBeCloseTo(1, 12)
      expect(row.jaccard).toBeCloseTo(row.dice / (2 - row.dice), 12)
    }
  })

  it('reports a recall of 1 if all buckets are visited and all codes are candidates', async () => {
    for (const row of await compare(asked, 'probes => 8, candidates => 120')) {
      expect(row).toMatchObject({ recall: 1, code_loss: 0, bucket_loss: 0, visited_share: 1 })
    }
  })

  it('compares with all other rows when k exceeds their number', async () => {
    const [row] = await query<Compared>(`select * from lsh.compare('item', '{1}', ks => '{1000}')`)
    expect(row).toMatchObject({ k: 1000, overlap: 119, dice: 1, jaccard: 1, recall: 1 })
  })

  it('returns rows in the order of the queries, then by k', async () => {
    const rows = await query<Compared>(
      `select query, k from lsh.compare('item', '{77,3}', ks => '{10,1}')`,
    )
    expect(rows.map(({ query: key, k }) => [key, k])).toEqual([
      ['77', 1],
      ['77', 10],
      ['3', 1],
      ['3', 10],
    ])
  })

  it('returns no rows without queries, or for the only row of a table', async () => {
    expect(await query(`select * from lsh.compare('item', '{}')`)).toEqual([])
    await query('create table lone (id int primary key, v vector(4))')
    await query(`select lsh.create_index('lone', 'v', 'item')`)
    await query(`insert into lone values (1, '[1,2,3,4]')`)
    expect(await query(`select * from lsh.compare('lone', '{1}')`)).toEqual([])
  })

  it.each([
    { what: 'a k of 0', args: `'item', '{1}', ks => '{10,0}'`, code: '22023' },
    { what: 'a k that is null', args: `'item', '{1}', ks => '{10,null}'`, code: '22023' },
    { what: 'no ks', args: `'item', '{1}', ks => '{}'`, code: '22023' },
    { what: 'ks that are null', args: `'item', '{1}', ks => null`, code: '22023' },
    // Regression test: 0 probes must fail rather than loop forever.
    { what: '0 probes', args: `'item', '{1}', ks => '{1}', probes => 0`, code: '22023' },
    { what: '-1 probes', args: `'item', '{1}', probes => -1`, code: '22023' },
    {
      what: 'no candidates of codes that estimate nothing',
      args: `'item', '{1}', candidates => 0`,
      code: '0A000',
    },
    { what: 'an unknown query', args: `'item', '{1,999}'`, code: 'P0002' },
    { what: 'a query that is null', args: `'item', '{null}'`, code: 'P0002' },
    { what: 'an unknown index', args: `'nope', '{1}'`, code: 'LSH01' },
  ])('refuses $what', async ({ args, code }) => {
    await expectRefusal(database.store, `select * from lsh.compare(${args})`, code)
  })

  it('refuses a query whose vector is null', async () => {
    await query('insert into item values (500, null, null)')
    await expectRefusal(
      database.store,
      `select * from lsh.compare('item', '{500}')`,
      'P0002',
      '500',
    )
    await query('delete from item where id = 500')
  })
})
