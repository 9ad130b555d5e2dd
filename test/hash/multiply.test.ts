import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { vectorDistance } from '../../src/core/vector.js'
import { distancesAmong } from '../../src/hash/distances.js'
import { keepDirections, multiply } from '../../src/hash/multiply.js'
import { compiled } from '../../scripts/simd.mjs'

/** Inner products, summed in double precision. */
function products(vectors: Float32Array, directions: Float32Array, dims: number): number[] {
  const all: number[] = []
  for (let x = 0; x < vectors.length; x += dims) {
    for (let w = 0; w < directions.length; w += dims) {
      let sum = 0
      for (let d = 0; d < dims; d++) sum += vectors[x + d]! * directions[w + d]!
      all.push(sum)
    }
  }
  return all
}

const numbers = (length: number) =>
  fc.float32Array({ minLength: length, maxLength: length, min: -1, max: 1, noNaN: true })

const matrices = fc
  .record({ dims: fc.integer({ min: 1, max: 40 }), rows: fc.nat(9), count: fc.nat(19) })
  .chain(({ dims, rows, count }) =>
    fc.record({
      dims: fc.constant(dims),
      vectors: numbers(rows * dims),
      directions: numbers(count * dims),
    }),
  )

function expectNear(actual: Iterable<number>, expected: readonly number[]): void {
  const found = [...actual]
  expect(found).toHaveLength(expected.length)
  const worst = found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0)
  expect(worst).toBeLessThan(1e-5)
}

describe('multiply', () => {
  it('returns all inner products, independent of earlier calls', () => {
    fc.assert(
      fc.property(matrices, ({ vectors, directions, dims }) => {
        expectNear(multiply(vectors, directions, dims), products(vectors, directions, dims))
      }),
      { seed: 1 },
    )
  })

  it.each([
    { dims: 1, rows: 3, count: 40_000 },
    { dims: 101, rows: 400, count: 1501 },
    { dims: 9000, rows: 31, count: 37 },
  ])('processes matrices larger than the cache in parts: $dims dimensions', (sizes) => {
    const { dims, rows, count } = sizes
    const made = (length: number, step: number) =>
      Float32Array.from({ length }, (_, i) => Math.sin(i * step) / Math.sqrt(dims))
    const [vectors, directions] = [made(rows * dims, 1.3), made(count * dims, 0.7)]
    expectNear(multiply(vectors, directions, dims), products(vectors, directions, dims))
  })

  it('matches the compilation of its source', async () => {
    const file = new URL('../../src/hash/simd-bytes.ts', import.meta.url)
    expect(await readFile(file, 'utf8'), 'run "npm run simd"').toBe(await compiled())
  })
})

describe('keepDirections', () => {
  it('multiplies by any range of the stored directions', () => {
    fc.assert(
      fc.property(
        matrices.filter(({ vectors }) => vectors.length > 0),
        fc.nat(19),
        fc.nat(19),
        ({ vectors, directions, dims }, a, b) => {
          const count = directions.length / dims
          const [first, end] = [Math.min(a, b, count), Math.min(Math.max(a, b), count)]
          const kept = keepDirections(directions, dims)
          const x = vectors.subarray(0, dims)
          const all = products(x, directions, dims)
          expectNear(kept.multiply(x, first, end), all.slice(first, end))
          expectNear(kept.multiply(x), all)
        },
      ),
      { seed: 1 },
    )
  })
})

describe('distancesAmong', () => {
  it('returns the squared distances of a vector to all others', () => {
    fc.assert(
      fc.property(
        matrices.filter(({ vectors }) => vectors.length > 0),
        ({ vectors, dims }) => {
          const rows = Array.from({ length: vectors.length / dims }, (_, row) =>
            vectors.subarray(row * dims, (row + 1) * dims),
          )
          const distancesOf = distancesAmong(rows)
          rows.forEach((a, i) => {
            const squares = rows.map((b) => vectorDistance(a, b) ** 2)
            expectNear(distancesOf(i), squares)
          })
        },
      ),
      { seed: 1 },
    )
  })
})
