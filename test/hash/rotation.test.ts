import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fastSigns } from '../../src/hash/fast-signs.js'
import type { HashFamily } from '../../src/hash/family.js'
import { fitFamily } from '../../src/hash/fit.js'
import { multiply } from '../../src/hash/multiply.js'
import { drawRotation, rotate } from '../../src/hash/rotation.js'
import { clumps, endToEnd } from './sample.js'

/** The images of the unit vectors. */
function columns(dims: number, seed: number, number = 0): Float64Array[] {
  const rotation = drawRotation(dims, seed, number)
  return Array.from({ length: dims }, (_, d) => {
    const x = new Float64Array(dims)
    x[d] = 1
    rotate(rotation, x)
    return x
  })
}

const dot = (a: Float64Array, b: Float64Array) =>
  a.reduce((sum, value, d) => sum + value * b[d]!, 0)

describe('a rotation', () => {
  it('preserves lengths and angles in any number of dimensions', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(99), (dims, seed) => {
        const all = columns(dims, seed)
        all.forEach((a, i) => {
          all.forEach((b, j) => {
            expect(dot(a, b)).toBeCloseTo(i === j ? 1 : 0, 12)
          })
        })
      }),
      { seed: 1, numRuns: 20 },
    )
  })

  it.each([16, 33, 63, 100])('spreads each of %d elements over all of them', (dims) => {
    for (const column of columns(dims, 3)) {
      const largest = column.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
      expect(largest).toBeLessThan(5 / Math.sqrt(dims))
    }
  })

  it('is determined by seed and number', () => {
    expect(columns(20, 1)).toEqual(columns(20, 1))
    expect(columns(20, 1)).not.toEqual(columns(20, 2))
    expect(columns(20, 1)).not.toEqual(columns(20, 1, 1))
  })
})

describe('fast signs', () => {
  const made = (dims: number, bits: number, kind: HashFamily['kind'] = 'sign') =>
    fitFamily(clumps({ dims, rows: 60, seed: 5 }), { name: 'made', kind, bits })

  it.each([
    [4, 16],
    [5, 16],
    [8, 23],
    [31, 100],
    [64, 64],
    [100, 512],
    [130, 77],
  ])('for %d dimensions and %d bits agree with the signs of the products', (dims, bits) => {
    const family = made(dims, bits)
    const fast = fastSigns(family)!
    const vectors = clumps({ dims, rows: 40, seed: 6 }).map((vector) =>
      vector.map((value, d) => value - family.center[d]!),
    )
    const products = multiply(endToEnd(vectors), family.code.weight, dims)
    const { codes, sizes } = fast.encode(endToEnd(vectors))
    const width = Math.ceil(bits / 8)
    expect(codes).toHaveLength(width * vectors.length)
    vectors.forEach((vector, row) => {
      const own = products.subarray(row * bits, (row + 1) * bits)
      fast.multiply(vector).forEach((product, bit) => {
        expect(Math.abs(product - own[bit]!)).toBeLessThan(1e-4)
      })
      const sum = own.reduce((size, product) => size + Math.abs(product), 0)
      expect(sizes[row]! / sum).toBeCloseTo(1, 5)
      for (let bit = 0; bit < 8 * width; bit++) {
        const set = (codes[row * width + (bit >> 3)]! >> (7 - (bit & 7))) & 1
        if (bit >= bits) expect(set).toBe(0)
        else if (Math.abs(own[bit]!) > 1e-4) expect(set).toBe(own[bit]! > 0 ? 1 : 0)
      }
    })
  })

  it('are available only if the directions are rotations of the seed', () => {
    const family = made(12, 40)
    const weight = family.code.weight.slice()
    weight[39 * 12 + 3]! += 0.01
    expect(fastSigns(family)).not.toBeNull()
    expect(fastSigns({ ...family, code: { ...family.code, weight } })).toBeNull()
    expect(fastSigns({ ...family, seed: family.seed + 1 })).toBeNull()
    expect(fastSigns(made(3, 16))).toBeNull()
    expect(fastSigns(made(12, 40, 'kernel'))).toBeNull()
    expect(fastSigns(made(12, 40, 'residual'))).not.toBeNull()
  })
})
