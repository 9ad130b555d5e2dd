import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codeToText } from '../../src/core/code.js'
import { drawBuckets } from '../../src/hash/buckets.js'
import { calibrate } from '../../src/hash/calibrate.js'
import { bucketMargins, encodeAll, margins } from '../../src/hash/encode.js'
import { assertFamily, type HashFamily } from '../../src/hash/family.js'
import { drawKernel } from '../../src/hash/kernel.js'
import { probes } from '../../src/hash/probes.js'
import { openTestDatabase, type TestDatabase } from '../database.js'
import { clumps, endToEnd } from '../hash/sample.js'

const rows = 1000
const seed = 3
/** PostgreSQL adds in 4-byte floats: nearer to its threshold than this, a bit may be the other one. */
const tolerance = 1e-5

interface Encoded {
  code: string
  bucket: number
  norm: number
  probes: number[]
}

describe.each([
  // Dimensions and bits that fill no byte and no block, and the usual ones.
  { dims: 3, bits: 100, bucketBits: 2, n: 4 },
  { dims: 64, bits: 256, bucketBits: 5, n: 32 },
  { dims: 150, bits: 512, bucketBits: 10, n: 40 },
])('TypeScript and SQL, $dims dimensions and $bits bits', ({ dims, bits, bucketBits, n }) => {
  const vectors = clumps({ dims, rows, seed: dims })
  let db: TestDatabase
  let family: HashFamily
  let sample: Float32Array[]
  let encoded: Encoded[]

  beforeAll(async () => {
    db = await openTestDatabase()
    await db.query(`create table item (id int primary key, embedding vector(${dims}))`)
    await db.query(
      'insert into item select * from unnest($1::int[], $2::text[]::vector[]) as item',
      [vectors.map((_, i) => i), vectors.map(toText)],
    )
    await db.query(
      `select lsh.create_family('parity', 'item', 'embedding',
         bits => $1, seed => $2, bucket_bits => $3)`,
      [bits, seed, bucketBits],
    )
    family = await readFamily(db)
    sample = (
      await db.query<{ text: string }>(
        `select vector::text as text
         from unnest(lsh._sample('item', 'embedding', 2000, $1))
           with ordinality as sample (vector, number)
         order by number`,
        [seed],
      )
    ).map(({ text }) => fromText(text))
    encoded = await db.query<Encoded>(
      `select
         lsh._code(family.id, item.embedding)::text as code,
         lsh._bucket(family.id, item.embedding) as bucket,
         vector_norm(lsh._centered(family.id, item.embedding)) as norm,
         lsh._probes(family.id, item.embedding, $1) as probes
       from item
         cross join lsh.family
       order by item.id`,
      [n],
    )
  })
  afterAll(() => db.close())

  it('draw the same code directions', () => {
    const { code, bandwidth } = family
    const drawn = drawKernel({ dims, bits, seed, bandwidth })
    expect(drawn.phase).toEqual(code.phase)
    expect(drawn.threshold).toEqual(code.threshold)
    const wrong = drawn.weight.map((value, i) => Math.abs(value / code.weight[i]! - 1))
    expect(Math.max(...wrong)).toBeLessThan(1e-6)
  })

  it('draw the same bucket directions', () => {
    const drawn = drawBuckets(sample, family.center, bucketBits, seed)
    expect(furthest(drawn.weight, family.bucket.weight)).toBeLessThan(1e-5)
    expect(furthest(drawn.threshold, family.bucket.threshold)).toBeLessThan(1e-4)
  })

  it('calibrate alike', async () => {
    const [there] = await db.query<Record<string, number>>(
      `select sampled, radius, mean_distance as "meanDistance", contrast, bandwidth
       from lsh.calibrate('item', 'embedding', seed => $1)`,
      [seed],
    )
    const here = calibrate(sample)
    expect(here.sampled).toBe(there?.sampled)
    for (const figure of ['radius', 'meanDistance', 'contrast', 'bandwidth'] as const) {
      expect(Math.abs(here[figure]! / there![figure]! - 1)).toBeLessThan(1e-6)
    }
  })

  it('compute the same checksum', () => {
    expect(() => assertFamily(family)).not.toThrow()
  })

  it('give the same codes, but for bits on their threshold', () => {
    const { codes } = encodeAll(family, endToEnd(vectors))
    let close = 0
    vectors.forEach((vector, row) => {
      const there = encoded[row]!.code
      const here = codeToText(codes[row]!)
      margins(family, vector).forEach((margin, bit) => {
        if (Math.abs(margin) < tolerance) close++
        else if (here[bit] !== there[bit]) expect.fail(`vector ${row}, bit ${bit}: ${margin}`)
      })
      expect(there).toHaveLength(bits)
    })
    // A margin is spread over [-2, 2]: about one in 100,000 is that close.
    expect(close).toBeLessThan(1e-4 * rows * bits)
  })

  it('give the same norms', () => {
    const { norms } = encodeAll(family, endToEnd(vectors))
    const wrong = norms.map((norm, row) => Math.abs(norm / encoded[row]!.norm - 1))
    expect(Math.max(...wrong)).toBeLessThan(1e-6)
  })

  it('choose the same buckets and probes, but for vectors on an edge', () => {
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
      // Two probes may change places where they cost the same but for rounding.
      there.forEach((probe, i) => {
        const [left, right] = [cost(probe), cost(here[i]!)]
        expect(Math.abs(left - right)).toBeLessThanOrEqual(tolerance * Math.max(1, right))
      })
      if (there.some((probe, i) => probe !== here[i])) exceptions++
    })
    expect(exceptions).toBeLessThan(rows / 100)
  })
})

async function readFamily(db: TestDatabase): Promise<HashFamily> {
  interface FamilyRow extends Omit<HashFamily, 'center' | 'code' | 'bucket'> {
    center: string
  }
  interface ProjectionRow {
    purpose: 'code' | 'bucket'
    weight: string
    phase: number
    threshold: number
  }
  const [row] = await db.query<FamilyRow>(
    `select name, kind, dims, bits, seed, bandwidth, version, checksum, center::text as center
     from lsh.family`,
  )
  const projections = await db.query<ProjectionRow>(
    `select purpose, weight::text as weight, phase, threshold
     from lsh.projection
     order by ordinal`,
  )
  const directions = (purpose: string) => {
    const chosen = projections.filter((projection) => projection.purpose === purpose)
    return {
      weight: endToEnd(chosen.map(({ weight }) => fromText(weight))),
      phase: Float64Array.from(chosen, ({ phase }) => phase),
      threshold: Float64Array.from(chosen, ({ threshold }) => threshold),
    }
  }
  const { weight, threshold } = directions('bucket')
  return {
    ...row!,
    center: fromText(row!.center),
    code: directions('code'),
    bucket: { weight, threshold },
  }
}

function toText(vector: Float32Array): string {
  return `[${vector.join(',')}]`
}

function fromText(text: string): Float32Array {
  return Float32Array.from(text.slice(1, -1).split(','), Number)
}

function furthest(a: Float32Array | Float64Array, b: Float32Array | Float64Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0)
}
