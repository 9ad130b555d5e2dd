import { beforeAll, describe, expect, it } from 'vitest'
import { margins } from '../../src/hash/encode.js'
import type { HashFamily } from '../../src/hash/family.js'
import { probes } from '../../src/hash/probes.js'
import { queryHasher, type Members } from '../../src/hash/query-hasher.js'
import { asymmetricHamming, describeQuery } from '../../src/hash/query.js'
import { createFamilyOf } from '../../src/store/codes/create-family.js'
import type { CreateFamilyOptions } from '../../src/store/codes/create-index.js'
import { readFamily } from '../../src/store/codes/families.js'
import { vectorText } from '../../src/store/connection/types.js'
import { useTestDatabase } from '../database.js'
import { clumps, encodeAll, endToEnd } from '../hash/sample.js'
import { expectRefusal } from './asking.js'
import { codesOutOfStep } from './hashed-table.js'
import { FAMILY_KINDS, KINDS } from '../../src/hash/kinds.js'

const dims = 24
const rows = 600
const vectors = clumps({ dims, rows, seed: 11 })
const database = useTestDatabase()

/** pgvector sums in 4-byte floats: rounding may flip a bit whose margin is smaller than this. */
const tolerance = 1e-4

/** Expects equality up to rounding. The absolute term covers a vector at the centre of its cell, whose rest is 0. */
function expectNear(actual: number, expected: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-4 * Math.abs(expected) + 1e-6)
}

interface Encoded {
  code: string
  bucket: number
  norm: number | null
  scale: number | null
  probes: number[]
  query: string
  planes: string[]
  step: number
  size: number
}

/** The kind by which the rest of a query is computed: for scalar as for sign, the same in every cell. */
const restOf = `case family.kind when 'scalar' then 'sign' else family.kind end`

/** The description of a query, for any kind. */
const described = `
  select * from lsh_internal.described(family.id, rest.v) where family.kind <> 'scalar'
  union all
  select * from lsh_internal.described_finely(family.id, rest.v) where family.kind = 'scalar'`

const families: Record<string, CreateFamilyOptions> = {
  kernel: { kind: 'kernel', bits: 100 },
  cosine: { kind: 'cosine', bits: 64 },
  sign: { kind: 'sign', bits: 100 },
  itq: { kind: 'itq', bits: 20 },
  qary: { kind: 'qary', bits: 100, levels: 4 },
  qary_3: { kind: 'qary', bits: 64, levels: 3 },
  kernel_cells: { kind: 'kernel', bits: 64, buckets: 'voronoi' },
  sign_cells: { kind: 'sign', bits: 64, buckets: 'voronoi' },
  residual: { kind: 'residual', bits: 64 },
  scalar: { kind: 'scalar', bits: 90 },
  scalar_few: { kind: 'scalar', bits: 16 },
}

beforeAll(async () => {
  const { pool } = database.store
  await pool.query(`create table item (id int primary key, v vector(${dims}))`)
  await pool.query(
    `insert into item select * from unnest($1::int[], $2::text[]::vector[]) as item`,
    [vectors.map((_, i) => i), vectors.map(vectorText)],
  )
})

describe('kinds of families', () => {
  it('are all covered by the families of this test', () => {
    const missing = FAMILY_KINDS.filter((kind) =>
      Object.values(families).every((options) => options.kind !== kind),
    )
    expect(missing, 'add a family of each of these kinds to the list above').toEqual([])
  })

  it('have the same facts in SQL as in TypeScript', async () => {
    const { rows } = await database.store.pool.query(
      `select kind, lsh_internal.learned(kind) as learned, lsh_internal.estimates(kind) as estimates,
        lsh_internal.within_cells(kind) as "withinCells", lsh_internal.query_planes(kind) as planes
      from unnest($1::text[]) as kind`,
      [FAMILY_KINDS],
    )
    const facts = FAMILY_KINDS.map((kind) => {
      const { learned, estimates, withinCells, planes } = KINDS[kind]
      return { kind, learned, estimates, withinCells, planes }
    })
    expect(rows).toEqual(facts)
  })

  it('with a bandwidth misfit if the neighbour radius is not within 0.6 to 1.45 kernel widths', async () => {
    const { rows } = await database.store.pool.query<{ kind: string; scale: number }>(
      `select kind, scale from unnest($1::text[]) as kind, unnest('{0.5, 0.6, 1, 1.45, 1.5}'::float8[]) as scale
      where lsh_internal.misfits(kind, scale) order by kind, scale`,
      [FAMILY_KINDS],
    )
    expect(rows).toEqual(
      ['cosine', 'kernel'].flatMap((kind) => [
        { kind, scale: 0.5 },
        { kind, scale: 1.5 },
      ]),
    )
  })
})

describe.each(Object.entries(families))('the family %s', (name, options) => {
  let family: HashFamily
  let encoded: Encoded[]

  beforeAll(async () => {
    const { store } = database
    await createFamilyOf(store, { relation: 'item', column: 'v' }, { ...options, name })
    family = await readFamily(store.db, name)
    const result = await store.pool.query<Encoded>(
      `select hashed.code::text, hashed.bucket, hashed.norm, hashed.scale, lsh.probes($1, item.v, 12) as probes,
         described.code::text as query, described.planes::text[] as planes, described.step, described.size
       from item
         cross join (select * from lsh.family where name = $1) as family
         cross join lateral lsh_internal.hashed(family.id, family.token, item.v) as hashed
         cross join lateral (
           select lsh_internal.rest(
             family.id, ${restOf}, lsh_internal.difference(item.v, family.center), hashed.bucket) as v
         ) as rest
         cross join lateral (${described}) as described
       order by item.id`,
      [name],
    )
    encoded = result.rows
    await store.pool.query(`select lsh.create_index('item', 'v', $1, name => $1)`, [name])
  })

  it('has the same codes, norms and scales in TypeScript and SQL, except for bits on their threshold', () => {
    const here = encodeAll(family, endToEnd(vectors))
    vectors.forEach((vector, row) => {
      const there = encoded[row]!
      const digits = here.codes[row]!.toString()
      margins(family, vector).forEach((margin, bit) => {
        if (digits[bit] !== there.code[bit]) expect(Math.abs(margin)).toBeLessThan(tolerance)
      })
      if (options.kind !== 'scalar') expect(there.query).toBe(there.code)
      for (const [real, stored] of [
        [here.norms, there.norm],
        [here.scales, there.scale],
      ] as const) {
        if (real) expectNear(stored!, real[row]!)
        else expect(stored).toBeNull()
      }
    })
  })

  it('has the same buckets and probes in TypeScript and SQL, except for vectors on an edge', () => {
    const { buckets } = encodeAll(family, endToEnd(vectors))
    const differing = vectors.filter((vector, row) => {
      const there = encoded[row]!
      const here = probes(family, vector, 12)
      // Only a query searches all groups of cells, so it may find a nearer cell than the row did.
      if (family.bucket.kind !== 'voronoi') {
        expect(here[0]).toBe(buckets[row])
        expect(there.probes[0]).toBe(there.bucket)
      }
      return (
        there.bucket !== buckets[row] || there.probes.some((probe, place) => probe !== here[place])
      )
    })
    expect(differing.length).toBeLessThan(rows / 100)
  })

  it('describes queries alike in TypeScript and SQL', () => {
    const differing = vectors.filter((vector, row) => {
      const here = describeQuery(family, vector)
      const there = encoded[row]!
      expectNear(there.step, here.step)
      expectNear(there.size, here.size)
      const heights = (planes: readonly string[], bit: number) =>
        planes.reduce((sum, plane, power) => sum + Number(plane[bit]) * 2 ** power, 0)
      const own = here.planes.map(String)
      return Array.from({ length: family.bits }, (_, bit) => bit).some(
        (bit) =>
          Math.abs(heights(own, bit) - heights(there.planes, bit)) >
          (here.planes.length > 3 ? 1 : 0),
      )
    })
    // A margin halfway between two steps may be rounded either way.
    expect(differing.length).toBeLessThan(rows / 10)
  })

  it('lists probes in an order that does not depend on their number', () => {
    for (const vector of vectors.slice(0, 20)) {
      const all = [...probes(family, vector, 10_000)]
      expect(new Set(all).size).toBe(all.length)
      for (const n of [1, 5, 17, 64]) {
        expect([...probes(family, vector, n)]).toEqual(all.slice(0, n))
      }
    }
  })

  it('finds at least 85 of 100 true neighbours in every stage and by every ranking', async () => {
    const { store } = database
    const rankings = [
      ...(KINDS[family.kind].withinCells ? [] : ['hamming', 'asymmetric']),
      ...(encoded[0]!.norm === null ? [] : ['estimate']),
    ]
    for (const stage of ['buckets', 'scan', 'exact']) {
      for (const ranking of rankings) {
        const { rows: found } = await store.pool.query<{ hits: number }>(
          `select count(*)::int as hits
           from item
             cross join lateral lsh.search($1, item.v, stage => $2, ranking => $3, candidates => 100) as found
             join lateral lsh.search_exact($1, item.v) as exact on exact.key = found.key
           where item.id < 10`,
          [name, stage, ranking],
        )
        expect(found[0]!.hits, `${stage} by ${ranking}`).toBeGreaterThanOrEqual(
          stage === 'exact' ? 100 : 85,
        )
      }
    }
  })

  it('gets codes from triggers that equal those computed by SQL', async () => {
    const { store } = database
    await store.pool.query(`update item set v = v where id < 10`)
    expect(await codesOutOfStep(store, name, 'select id as key, v from item')).toEqual([])
    const { rows: wrong } = await store.pool.query(`select * from lsh.verify_index($1)`, [name])
    expect(wrong).toEqual([])
  })

  it('has the same asymmetric Hamming distances in TypeScript and SQL', async () => {
    const query = describeQuery(family, vectors[0]!)
    const { codes } = encodeAll(family, endToEnd(vectors))
    const { rows: there } = await database.store.pool.query<{ sum: number }>(
      `select described.step * (
           select sum(2 ^ (plane.power - 1) * bit_count((hashed.code # described.code) & plane.bits))
           from unnest(described.planes) with ordinality as plane (bits, power)) as sum
       from item as asked
         cross join item
         cross join (select * from lsh.family where name = $1) as family
         cross join lateral lsh_internal.hashed(family.id, family.token, asked.v) as own
         cross join lateral (
           select lsh_internal.rest(
             family.id, ${restOf}, lsh_internal.difference(asked.v, family.center), own.bucket) as v
         ) as rest
         cross join lateral (${described}) as described
         cross join lateral lsh_internal.hashed(family.id, family.token, item.v) as hashed
       where asked.id = 0 and item.id < 100
       order by item.id`,
      [name],
    )
    there.forEach(({ sum }, row) => {
      const here = asymmetricHamming(query, codes[row]!)
      // A margin that rounds differently changes the sum by one step.
      expect(Math.abs(sum - here)).toBeLessThanOrEqual(4 * query.step)
    })
  })
})

it('refuses to rank scalar codes by margins', async () => {
  const text = `select * from lsh.search('scalar', (select v from item where id = 3), ranking => 'asymmetric')`
  await expectRefusal(database.store, text, '22023')
})

describe('residual codes ranked by margins', () => {
  it('find more of the nearest rows with as many candidates', async () => {
    const recallOf = async (ranking: string) => {
      const { rows: compared } = await database.store.pool.query<{ recall: number }>(
        `select recall from lsh.compare('residual', array(select (3 * i)::text from generate_series(1, 40) as i),
           ks => '{10}', candidates => 10, probes => 65536, stage => 'buckets', ranking => $1)`,
        [ranking],
      )
      return compared.reduce((sum, { recall }) => sum + recall, 0) / compared.length
    }
    const [margins, estimate] = [await recallOf('asymmetric'), await recallOf('estimate')]
    expect(margins).toBeGreaterThan(estimate + 0.02)
  })

  it('have the same margins in SQL as in TypeScript', async () => {
    const { store } = database
    const family = await readFamily(store.db, 'residual')
    const { buckets, by } = queryHasher(family, { finely: true })(vectors[0]!, 4)
    const { margins = [] } = by as Members
    const { rows: there } = await store.pool.query<{ planes: string[]; steps: number[] }>(
      `select planes::text[], steps from lsh.family
         cross join lateral lsh_internal.hashed_query(family.id, family.token, $1, 4, finely => true) as asked
       where family.name = 'residual'`,
      [vectorText(vectors[0]!)],
    )
    const { planes, steps } = there[0]!
    expect(steps).toHaveLength(buckets.length)
    margins.forEach((member, place) => {
      expect(steps[place]).toBeCloseTo(member.step, 5)
      const heightsOf = (bitOf: (power: number, bit: number) => boolean) =>
        Array.from({ length: family.bits }, (_, bit) =>
          [0, 1, 2].reduce((sum, power) => sum + (bitOf(power, bit) ? 2 ** power : 0), 0),
        )
      const here = heightsOf(
        (power, bit) => (member.planes[power]!.bytes[bit >> 3]! & (0x80 >> (bit & 7))) !== 0,
      )
      const heights = heightsOf(
        (power, bit) => planes[power * buckets.length + place]![bit] === '1',
      )
      // A margin that rounds differently lies one step away.
      const apart = heights.filter((height, bit) => Math.abs(height - here[bit]!) > 0)
      expect(apart.length).toBeLessThanOrEqual(2)
      expect(heights.some((height) => height > 4)).toBe(true)
    })
  })
})

describe.each(['residual', 'scalar'])(
  '%s codes, which can be compared only by estimates,',
  (kind) => {
    const x = `(select v from item where id = 3)`
    it.each([
      { what: 'are not ranked by Hamming distance', option: `ranking => 'hamming'`, code: '22023' },
      { what: 'have no graph', option: `stage => 'hnsw'`, code: '0A000' },
    ])('$what', async ({ option, code }) => {
      const text = `select * from lsh.search('${kind}', ${x}, ${option})`
      await expectRefusal(database.store, text, code)
    })

    it('are refused by lsh.create_family, since they are learned', async () => {
      const text = `select lsh.create_family('drawn', 'item', 'v', kind => '${kind}')`
      await expectRefusal(database.store, text, '0A000')
    })

    it('have the same norm in SQL for a row at the centre of its cell', async () => {
      const { store } = database
      const family = await readFamily(store.db, kind)
      const own = family.center.map((value, d) => value + family.bucket.weight[d]!)
      const here = encodeAll(family, own)
      const { rows: there } = await store.pool.query<{ norm: number; code: string }>(
        `select hashed.norm, hashed.code::text from lsh.family
         cross join lateral lsh_internal.hashed(family.id, family.token, $2) as hashed
       where family.name = $1`,
        [kind, vectorText(own)],
      )
      expect(Math.abs(there[0]!.norm - here.norms![0]!)).toBeLessThan(1e-4 * (1 + here.norms![0]!))
    })

    it('have a recall of 1 if all codes are candidates and all buckets visited', async () => {
      const { rows: compared } = await database.store.pool.query<{ recall: number }>(
        `select recall from lsh.compare('${kind}', '{1,2,3}', candidates => ${rows}, probes => 65536)`,
      )
      expect(compared.map(({ recall }) => recall)).toEqual([1, 1, 1])
    })
  },
)
