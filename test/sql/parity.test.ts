import { beforeAll, describe, expect, it } from 'vitest'
import { drawBuckets } from '../../src/hash/buckets.js'
import { calibrate } from '../../src/hash/calibrate.js'
import { bucketMargins, margins } from '../../src/hash/encode.js'
import { assertFamily } from '../../src/hash/assert-family.js'
import type { BucketDirections, HashFamily } from '../../src/hash/family.js'
import { drawKernel } from '../../src/hash/kernel.js'
import { probes } from '../../src/hash/probes.js'
import { readFamily } from '../../src/store/codes/families.js'
import { vectorText } from '../../src/store/connection/types.js'
import { useTestDatabase } from '../database.js'
import { clumps, encodeAll, endToEnd } from '../hash/sample.js'

const rows = 1000
const seed = 3
/** pgvector sums in 4-byte floats: rounding may flip a bit whose margin is smaller than this. */
const tolerance = 1e-5

const database = useTestDatabase()

interface Encoded {
  code: string
  bucket: number
  probes: number[]
}

describe.each([
  // Dimensions and bits that fill whole bytes and blocks, and some that do not.
  { dims: 3, bits: 100, bucketBits: 2, n: 4 },
  { dims: 64, bits: 256, bucketBits: 5, n: 32 },
  { dims: 150, bits: 512, bucketBits: 10, n: 40 },
])('TypeScript and SQL, $dims dimensions and $bits bits', ({ dims, bits, bucketBits, n }) => {
  const vectors = clumps({ dims, rows, seed: dims })
  const table = `item_${dims}`
  let family: HashFamily
  let sample: Float32Array[]
  let encoded: Encoded[]

  beforeAll(async () => {
    const { db, pool } = database.store
    await pool.query(`create table ${table} (id int primary key, embedding vector(${dims}))`)
    await pool.query(
      `insert into ${table} select * from unnest($1::int[], $2::text[]::vector[]) as item`,
      [vectors.map((_, i) => i), vectors.map(vectorText)],
    )
    await pool.query(
      `select lsh.create_family($1::text, '${table}', 'embedding',
         bits => $2, seed => $3, bucket_bits => $4, kind => 'kernel')`,
      [table, bits, seed, bucketBits],
    )
    family = await readFamily(db, table)
    const sampled = await pool.query<{ vector: Float32Array }>(
      `select vector
       from unnest(lsh_internal.sample('${table}', 'embedding', 2000, $1))
         with ordinality as sample (vector, number)
       order by number`,
      [seed],
    )
    sample = sampled.rows.map(({ vector }) => vector)
    const result = await pool.query<Encoded>(
      `select
         hashed.code::text,
         hashed.bucket,
         lsh_internal.probes(family.id, family.token, item.embedding, $1) as probes
       from ${table} as item
         cross join lsh.family
         cross join lateral lsh_internal.hashed(family.id, family.token, item.embedding) as hashed
       where family.name = $2
       order by item.id`,
      [n, table],
    )
    encoded = result.rows
  })

  it('draw the same code directions', () => {
    const { code, bandwidth } = family
    const drawn = drawKernel({ dims, bits, seed, bandwidth: bandwidth! })
    expect(drawn.phase).toEqual(code.phase)
    expect(drawn.threshold).toEqual(code.threshold)
    const wrong = drawn.weight.map((value, i) => Math.abs(value / code.weight[i]! - 1))
    expect(Math.max(...wrong)).toBeLessThan(1e-6)
  })

  it('draw the same bucket directions', () => {
    const drawn = drawBuckets(sample, family.center, bucketBits, seed)
    const stored = family.bucket as BucketDirections
    expect(furthest(drawn.weight, stored.weight)).toBeLessThan(1e-5)
    expect(furthest(drawn.threshold, stored.threshold)).toBeLessThan(1e-4)
  })

  it('calibrate to the same figures', async () => {
    const { rows: measured } = await database.store.pool.query<Record<string, number>>(
      `select sampled, radius, mean_distance as "meanDistance", contrast, bandwidth
       from lsh.calibrate('${table}', 'embedding', seed => $1)`,
      [seed],
    )
    const [there] = measured
    const here = calibrate(sample)
    expect(here.sampled).toBe(there?.sampled)
    for (const figure of ['radius', 'meanDistance', 'contrast', 'bandwidth'] as const) {
      expect(Math.abs(here[figure]! / there![figure]! - 1)).toBeLessThan(1e-6)
    }
  })

  it('compute the same checksum of the family', () => {
    expect(() => assertFamily(family)).not.toThrow()
  })

  it('compute the same codes, except for bits on their threshold', () => {
    const { codes } = encodeAll(family, endToEnd(vectors))
    let close = 0
    vectors.forEach((vector, row) => {
      const there = encoded[row]!.code
      const here = codes[row]!.toString()
      margins(family, vector).forEach((margin, bit) => {
        if (Math.abs(margin) < tolerance) close++
        else if (here[bit] !== there[bit]) expect.fail(`vector ${row}, bit ${bit}: ${margin}`)
      })
      expect(there).toHaveLength(bits)
    })
    // Margins spread over [-2, 2], so about one in 100,000 is that close to 0.
    expect(close).toBeLessThan(1e-4 * rows * bits)
  })

  it('choose the same buckets and probes, except for vectors on an edge', () => {
    const { buckets } = encodeAll(family, endToEnd(vectors))
    let exceptions = 0
    vectors.forEach((vector, row) => {
      const { bucket, probes: there } = encoded[row]!
      const sides = bucketMargins(family, vector)
      if (sides.some((margin) => Math.abs(margin) < tolerance)) {
        exceptions++
        return
      }
      expect(buckets[row]).toBe(bucket)
      const here = probes(family, vector, n)
      expect(there).toHaveLength(here.length)
      const cost = (probe: number) =>
        sides.reduce((sum, m, bit) => sum + (((probe ^ bucket) >> bit) & 1 ? m * m : 0), 0)
      // Two probes of equal cost may change places by rounding.
      there.forEach((probe, i) => {
        const [left, right] = [cost(probe), cost(here[i]!)]
        expect(Math.abs(left - right)).toBeLessThanOrEqual(tolerance * Math.max(1, right))
      })
      if (there.some((probe, i) => probe !== here[i])) exceptions++
    })
    expect(exceptions).toBeLessThan(rows / 100)
  })
})

function furthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)))
}
