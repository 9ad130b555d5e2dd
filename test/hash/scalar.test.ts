import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LshError } from '../../src/core/errors.js'
import { vectorDistance } from '../../src/core/vector.js'
import { bulkEncoder } from '../../src/hash/bulk-encode.js'
import { bucketOf, encodeVector, margins } from '../../src/hash/encode.js'
import type { HashFamily } from '../../src/hash/family.js'
import { fitFamily } from '../../src/hash/fit.js'
import { describeQuery, estimatedDistance } from '../../src/hash/query.js'
import { levelMargin } from '../../src/hash/scalar.js'
import { clumps } from './sample.js'

const dims = 12
const sample = clumps({ dims, rows: 800, seed: 5 })
const fit = (bits: number, cells = 8) =>
  fitFamily(sample, { name: 'levels', kind: 'scalar', bits, cells })
const family = fit(72)
/** A family with all vectors in one cell, centred at the center of the family. */
const undivided = withoutCells(fit(72, 1))

function withoutCells(family: HashFamily): HashFamily {
  const zero = new Float32Array(dims)
  return { ...family, bucket: { ...family.bucket, weight: zero } }
}

/** Centre of the cell of a vector, relative to the center of the family. */
function centreOf(family: HashFamily, x: Float32Array): Float32Array {
  const first = bucketOf(family, x) * dims
  return family.bucket.weight.subarray(first, first + dims)
}

/** The vector that a code represents: center of the family, centre of the cell and `Σ ±w_i`. */
function standsFor(family: HashFamily, x: Float32Array): Float32Array {
  const { code, center } = family
  const bits = encodeVector(family, x).toString()
  const centre = centreOf(family, x)
  return center.map((value, d) => {
    value += centre[d]!
    for (let bit = 0; bit < bits.length; bit++)
      value += (bits[bit] === '1' ? 1 : -1) * code.weight[bit * dims + d]!
    return value
  })
}

describe('scalar codes', () => {
  it('represent vectors more closely with more bits', () => {
    const errors = [24, 72, 144].map((bits) => {
      const one = fit(bits)
      const errors = sample.slice(0, 100).map((x) => vectorDistance(x, standsFor(one, x)))
      return errors.reduce((sum, error) => sum + error, 0) / errors.length
    })
    expect(errors[1]).toBeLessThan(errors[0]! / 4)
    expect(errors[2]).toBeLessThan(errors[1]! / 10)
  })

  it('estimate distances as if the residual were orthogonal to the difference of query and represented vector', () => {
    const { codes, norms, scales } = bulkEncoder(family)(
      Float32Array.from(sample.flatMap((x) => [...x])),
    )
    const width = Math.ceil(family.bits / 8)
    const query = sample[0]!
    const described = describeQuery(family, query)
    const length = vectorDistance(query, family.center)
    for (let row = 1; row < 100; row++) {
      const x = sample[row]!
      const code = encodeVector(family, x)
      expect([...code.bytes]).toEqual([...codes.subarray(row * width, (row + 1) * width)])
      const y = standsFor(family, x)
      const estimate =
        estimatedDistance(
          described,
          { code, norm: norms![row]!, scale: scales![row]! },
          centreOf(family, x).reduce(
            (sum, value, d) => sum + value * (query[d]! - family.center[d]!),
            0,
          ),
        ) +
        length ** 2
      const expected = vectorDistance(query, y) ** 2 + vectorDistance(x, y) ** 2
      // Products are quantised in 4,095 steps.
      expect(Math.abs(estimate - expected)).toBeLessThan(2e-3 * (expected + length ** 2))
    }
  })

  it('are those of the outermost levels for distant vectors', () => {
    const { center, code } = undivided
    const far = center.map((value, d) => value + 1e6 * code.weight[d]!)
    const depth = code.top!.findIndex((top) => top > 0)
    expect(encodeVector(undivided, far).toString().slice(0, depth)).toBe('1'.repeat(depth))
    const near = center.map((value, d) => value - 1e6 * code.weight[d]!)
    expect(encodeVector(undivided, near).toString().slice(0, depth)).toBe('0'.repeat(depth))
  })

  it('are those of the levels just above the centre for the centre itself', () => {
    const digits = encodeVector(undivided, undivided.center).toString()
    undivided.code.top!.forEach((top, bit) => expect(digits[bit]).toBe(top === bit ? '1' : '0'))
  })

  it('change where their margins are zero', () => {
    const x = sample[3]!
    const digits = encodeVector(undivided, x).toString()
    margins(undivided, x).forEach((margin, bit) => {
      const { weight } = undivided.code
      let length = 0
      for (let d = 0; d < dims; d++) length += weight[bit * dims + d]! ** 2
      const moved = (by: number) => {
        const y = x.map((value, d) => value + (by * weight[bit * dims + d]!) / Math.sqrt(length))
        return encodeVector(undivided, y).toString()[bit]
      }
      const away = Math.abs(margin)
      expect([moved(0.98 * away), moved(-0.98 * away)]).toEqual([digits[bit], digits[bit]])
      expect([moved(1.02 * away), moved(-1.02 * away)]).toContain(digits[bit] === '1' ? '0' : '1')
    })
  })

  it('have the scale of the rows even if there are no more rows than cells', () => {
    const few = sample.slice(0, 10).map((x) => x.map((value) => value * 1000))
    const { code } = fitFamily(few, { name: 'few', kind: 'scalar', bits: 32 })
    const longest = code.weight.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    expect(longest).toBeGreaterThan(100)
  })

  it('are refused with more bits than the axes hold', () => {
    expect(() => fit(16 * dims + 1)).toThrow(LshError)
    expect(fit(16 * dims).code.top).toHaveLength(16 * dims)
  })
})

describe('levelMargin', () => {
  it('returns the bits of one level, also on its edges', () => {
    fc.assert(
      fc.property(fc.integer({ min: -9, max: 9 }), fc.boolean(), (eighth, off) => {
        // Values from -9/8 to 9/8 of the limit, in three bits.
        const place = (eighth + (off ? 0.5 : 0)) / 8
        const bits = [0, 1, 2].map((below) => levelMargin(place * 2 ** below, 1, below) > 0)
        const level = Math.max(0, Math.min(7, Math.floor(place * 4) + 4))
        expect(bits.map(Number)).toEqual([level >> 2, (level >> 1) & 1, level & 1])
      }),
      { seed: 1 },
    )
  })
})
