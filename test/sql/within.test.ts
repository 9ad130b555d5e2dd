import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { random } from '../../src/core/random.js'
import { createFamilyOf } from '../../src/store/codes/create-family.js'
import type { CreateFamilyOptions } from '../../src/store/codes/create-index.js'
import { vectorText } from '../../src/store/connection/types.js'
import { inTransaction, useTestDatabase } from '../database.js'
import { clumps } from '../hash/sample.js'
import { expectRefusal, rowsOf, valueOf } from './asking.js'
import { addTable, lattice } from './hashed-table.js'
import { asRole, useRoles } from './roles.js'

const dims = 24
const database = useTestDatabase()
const { reader } = useRoles(database, ['reader'])
const query = <T>(text: string, values: unknown[] = []) => rowsOf<T>(database.store, text, values)

/** Clusters, near duplicates, and a few outliers. */
const clustered = clumps({ dims, rows: 500, seed: 3 })
const copies = clustered.slice(0, 40).map((vector, i) => vector.map((value) => value + i * 1e-4))
const far = lattice({ rows: 20, dims, seed: 4, span: 900 })
const tables = {
  clustered: [...clustered, ...copies, ...far],
  lattice: lattice({ rows: 400, dims, seed: 5, span: 2 }),
}

const families: Record<string, CreateFamilyOptions> = {
  kernel: { kind: 'kernel', bits: 64 },
  cosine: { kind: 'cosine', bits: 64 },
  qary: { kind: 'qary', bits: 64 },
  sign: { kind: 'sign', bits: 100 },
  short: { kind: 'sign', bits: 16 },
  itq: { kind: 'itq', bits: 20 },
  sign_cells: { kind: 'sign', bits: 64, buckets: 'voronoi' },
  residual: { kind: 'residual', bits: 64 },
  residual_short: { kind: 'residual', bits: 16 },
}

const indexes = Object.keys(tables).flatMap((table) =>
  Object.entries(families).map(([kind, options]) => ({ table, name: `${table}_${kind}`, options })),
)

beforeAll(async () => {
  const { store } = database
  for (const [table, vectors] of Object.entries(tables)) {
    await addTable(store, table, vectors)
    await query(`update ${table} set note = case when id % 3 = 0 then 'third' end`)
  }
  for (const { table, name, options } of indexes) {
    await createFamilyOf(store, { relation: table, column: 'v' }, { ...options, name })
    await query('select lsh.create_index($1::regclass, $2, $3, name => $3)', [table, 'v', name])
  }
  await query(`update lsh.index set stage = 'buckets'`)
  await query('analyze')
})

const truth = (table: string, vector: string, radius: number, condition = 'true') =>
  query<{ key: string; distance: number }>(
    `select id::text as key, v <-> $1::text::vector as distance from ${table}
     where v <-> $1::text::vector <= $2 and ${condition} order by 2, id`,
    [vector, radius],
  )

const within = (index: string, vector: string, radius: number, options = '') =>
  query<{ key: string; distance: number }>(
    `select * from lsh.within($1, $2::text::vector, $3${options && `, ${options}`})`,
    [index, vector, radius],
  )

/** A row of the table, shifted by a random distance. */
const asked = (table: keyof typeof tables) =>
  fc
    .record({
      row: fc.nat(tables[table].length - 1),
      seed: fc.nat(1000),
      shift: fc.constantFrom(0, 1e-3, 0.3, 3, 100),
    })
    .map(({ row, seed, shift }) => {
      const source = random(seed)
      return vectorText(tables[table][row]!.map((value) => value + shift * source.normal()))
    })

describe('lsh.within', () => {
  it.each(indexes)(
    'finds exactly the same rows as brute force with index $name',
    async ({ table, name }) => {
      await fc.assert(
        fc.asyncProperty(
          asked(table as keyof typeof tables),
          fc.constantFrom(1, 2, 10, 60, 300),
          async (vector, rank) => {
            // The radius is the distance of a row: bounds must not lose rows at exactly this distance.
            const radius = await valueOf<number>(
              database.store,
              `select v <-> $1::text::vector from ${table} order by 1 limit 1 offset $2`,
              [vector, rank - 1],
            )
            expect(await within(name, vector, radius)).toEqual(await truth(table, vector, radius))
          },
        ),
        { seed: 1, numRuns: 12 },
      )
    },
  )

  it.each(['clustered_residual', 'clustered_sign', 'clustered_kernel'])(
    'accepts the conditions of lsh.search, with index %s',
    async (index) => {
      const vector = vectorText(clustered[7]!)
      const radius = 8
      const all = await truth('clustered', vector, radius)
      expect(all.length).toBeGreaterThan(30)
      const third = await truth('clustered', vector, radius, `note = 'third'`)
      expect(await within(index, vector, radius, `filter => '{"note": "third"}'`)).toEqual(third)
      expect(await within(index, vector, radius, 'max_rows => 5')).toEqual(all.slice(0, 5))
      expect(await within(index, vector, radius, `exclude => '{8,9}'`)).toEqual(
        all.filter(({ key }) => key !== '8' && key !== '9'),
      )
      expect(await within(index, vector, radius, `allowed => '{8,9,18}'`)).toEqual(
        all.filter(({ key }) => ['8', '9', '18'].includes(key)),
      )
      expect(await within(index, vector, 0)).toEqual(await truth('clustered', vector, 0))
      expect(await within(index, vector, Infinity)).toHaveLength(tables.clustered.length)
    },
  )

  it('skips buckets out of reach and does not read rows that their codes rule out', async () => {
    const vector = vectorText(clustered[7]!)
    const explain = (index: string, radius: number) =>
      query<Record<string, number>>(
        `select proof, codes, in_reach, verified, rows from lsh.explain_within($1, $2::text::vector, $3)`,
        [index, vector, radius],
      )
    const [near] = await explain('clustered_residual', 0.5)
    expect(near).toMatchObject({ proof: 'bounds', codes: tables.clustered.length })
    expect(near!.in_reach).toBeLessThan(near!.codes! / 4)
    expect(near!.verified).toBeLessThanOrEqual(near!.in_reach!)
    expect(near!.rows).toBe((await truth('clustered', vector, 0.5)).length)
    const [sign] = await explain('clustered_sign', 1)
    expect(sign!.verified).toBeLessThan(sign!.in_reach!)
    const [kernel] = await explain('clustered_kernel', 0.5)
    expect(kernel).toMatchObject({ proof: 'table', in_reach: null, rows: near!.rows })
  })

  it('reads the whole table while the index is suspect, or if the query vector is very long', async () => {
    const vector = vectorText(clustered[7]!)
    const all = await truth('clustered', vector, 8)
    await inTransaction(database.store, async (transaction) => {
      await rowsOf(transaction, `update lsh.index set state = 'suspect' where name = $1`, [
        'clustered_residual',
      ])
      await rowsOf(transaction, 'delete from lsh_index.clustered_residual')
      const found = await rowsOf(
        transaction,
        `select * from lsh.within('clustered_residual', '${vector}', 8)`,
      )
      expect(found).toEqual(all)
    })
    const [long] = await query<{ proof: string }>(
      `select proof from lsh.explain_within('clustered_residual', $1::text::vector, 1)`,
      [vectorText(new Float32Array(dims).fill(1e17))],
    )
    expect(long).toEqual({ proof: 'table' })
  })

  it('finds only rows that row-level security lets the role see', async () => {
    const vector = vectorText(clustered[7]!)
    await query('alter table clustered enable row level security')
    await query(`create policy third on clustered to ${reader} using (id % 3 = 0)`)
    for (const index of ['clustered_residual', 'clustered_kernel']) {
      await query(`select lsh.grant_search($1, $2)`, [index, reader])
      const found = await asRole(database, reader, (ask) =>
        ask(`select * from lsh.within('${index}', '${vector}', 8)`),
      )
      expect(found).toEqual(await truth('clustered', vector, 8, 'id % 3 = 0'))
    }
  })

  it.each([
    ['null', '22023', /at least 0/],
    ['-1', '22023', /not -1/],
    [`'NaN'`, '22023', /not NaN/],
  ])('refuses a radius of %s', async (radius, code, message) => {
    const vector = vectorText(clustered[7]!)
    const text = `select * from lsh.within('clustered_residual', '${vector}', ${radius})`
    await expectRefusal(database.store, text, code, message)
  })

  it('refuses a max_rows of 0 and a vector of another dimension', async () => {
    const vector = vectorText(clustered[7]!)
    const text = `select * from lsh.within('clustered_residual', '${vector}', 1, max_rows => 0)`
    await expectRefusal(database.store, text, '22023', /max_rows/)
    const short = `select * from lsh.within('clustered_residual', '[1,2]', 1)`
    await expectRefusal(database.store, short, 'LSH02', /dimensions/)
  })
})

describe('directions of the kinds that preserve lengths', () => {
  it.each(['sign', 'short', 'itq', 'sign_cells', 'residual', 'residual_short'])(
    'are orthonormal in blocks: %s',
    async (kind) => {
      const [worst] = await query<{ off: number }>(
        `select max(abs((a.weight <#> b.weight) + (a.ordinal = b.ordinal)::int)) as off
         from lsh.family
           join lsh.projection as a on a.family_id = family.id and a.purpose = 'code'
           join lsh.projection as b on b.family_id = family.id and b.purpose = 'code'
             and b.ordinal / family.dims = a.ordinal / family.dims
         where family.name = $1`,
        [`clustered_${kind}`],
      )
      expect(worst!.off).toBeLessThan(1e-5)
    },
  )
})
