import { describe, expect, it } from 'vitest'
import { bucketMargins, bucketOf, encodeVector, margins } from '../../src/hash/encode.js'
import type { BucketDirections } from '../../src/hash/family.js'
import { fitFamily } from '../../src/hash/fit.js'
import { clumps, encodeAll, endToEnd, thrownBy } from './sample.js'

const dims = 11
// An even number of rows: of an odd number one would lie on each median, where rounding decides its side.
const sample = clumps({ dims, rows: 202, seed: 4 })
// A multiple neither of 8 nor of the number of directions that are projected together.
const family = fitFamily(sample, { name: 'odd', bits: 101, bucketBits: 5 })
const encoded = encodeAll(family, endToEnd(sample))

describe('encodeAll', () => {
  it('gives each vector the code and bucket that it gets alone', () => {
    expect(encoded.codes).toHaveLength(sample.length)
    sample.forEach((vector, row) => {
      expect(encoded.codes[row]).toEqual(encodeVector(family, vector))
      expect(encoded.buckets[row]).toBe(bucketOf(family, vector))
    })
  })

  it('agrees with the formulas', () => {
    sample.slice(0, 20).forEach((vector, row) => {
      const centered = vector.map((value, d) => value - family.center[d]!)
      const product = (weight: Float32Array, i: number) =>
        centered.reduce((sum, value, d) => sum + value * weight[i * dims + d]!, 0)
      const { code } = family
      const bucket = family.bucket as BucketDirections
      const digits = Array.from(code.phase!, (phase, i) =>
        Math.cos(product(code.weight, i) + phase) + code.threshold[i]! > 0 ? '1' : '0',
      )
      const sides = Array.from(bucket.threshold, (threshold, i) =>
        product(bucket.weight, i) + threshold > 0 ? 2 ** i : 0,
      )
      expect(encoded.codes[row]!.toString()).toBe(digits.join(''))
      expect(encoded.buckets[row]).toBe(sides.reduce((sum, side) => sum + side, 0))
    })
  })

  it('subtracts the center in 4-byte floats, as pgvector does', () => {
    const weight = new Float32Array(dims)
    weight[0] = 1
    const exact = {
      ...family,
      center: new Float32Array(dims).fill(1),
      bucket: { kind: 'bits' as const, weight, threshold: Float64Array.of(1) },
    }
    const vector = new Float32Array(dims)
    vector[0] = 1e-9
    expect([...bucketMargins(exact, vector)]).toEqual([0])
    expect(bucketOf(exact, vector)).toBe(0)
  })

  it('returns nothing for no vectors, and bucket 0 for a family without bucket bits', () => {
    const none = encodeAll(family, new Float32Array(0))
    expect(none).toEqual({ codes: [], buckets: new Int32Array(0), norms: null, scales: null })
    const single = fitFamily(sample, { name: 'single', bits: 16, bucketBits: 0 })
    expect(new Set(encodeAll(single, endToEnd(sample)).buckets)).toEqual(new Set([0]))
  })

  it('returns nearly the same codes after the data are shifted and the family is fitted again', () => {
    const moved = sample.map((vector) => vector.map((value) => value + 64))
    const again = fitFamily(moved, { name: 'moved', bits: 101, bucketBits: 5 })
    const differ = encodeAll(again, endToEnd(moved)).codes.filter(
      (code, row) => code.toString() !== encoded.codes[row]!.toString(),
    )
    expect(differ.length).toBeLessThan(sample.length / 50)
  })

  it('refuses an array that is not a whole number of vectors', () => {
    expect(thrownBy(() => encodeAll(family, new Float32Array(2 * dims + 1)))).toMatchObject({
      code: 'LSH02',
      message: '23 numbers are not a whole number of vectors of 11 dimensions',
    })
  })
})

describe('margins', () => {
  it('have the same signs as their bits', () => {
    for (const vector of sample.slice(0, 20)) {
      const digits = Array.from(margins(family, vector), (margin) => (margin > 0 ? '1' : '0'))
      expect(encodeVector(family, vector).toString()).toBe(digits.join(''))
      const sides = bucketMargins(family, vector)
      const bucket = sides.reduce((sum, margin, bit) => sum + (margin > 0 ? 2 ** bit : 0), 0)
      expect(bucketOf(family, vector)).toBe(bucket)
    }
  })
})

describe('a vector', () => {
  const calls = [encodeVector, bucketOf, margins, bucketMargins]

  it.each(calls)('of other dimensions is refused by %o', (call) => {
    expect(thrownBy(() => call(family, new Float32Array(dims - 1)))).toMatchObject({
      code: 'LSH02',
      message: 'vector has 10 dimensions, family "odd" has 11',
      hint: expect.stringContaining('encoder'),
    })
  })

  it.each([...calls, encodeAll])('with NaN or an infinite element is refused by %o', (call) => {
    for (const wrong of [NaN, Infinity, -Infinity]) {
      const vector = new Float32Array(dims).fill(1)
      vector[3] = wrong
      expect(thrownBy(() => call(family, vector))).toMatchObject({
        code: 'bad_input',
        message: `element 3 of the vector is ${wrong}`,
        hint: expect.stringContaining('finite'),
      })
    }
  })
})
