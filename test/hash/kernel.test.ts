import { describe, expect, it } from 'vitest'
import { random } from '../../src/core/random.js'
import { encodeVector } from '../../src/hash/encode.js'
import { expectedHamming, hammingPlateau } from '../../src/hash/expected-hamming.js'
import type { HashFamily } from '../../src/hash/family.js'
import { drawKernel } from '../../src/hash/kernel.js'
import { thrownBy } from './sample.js'

const dims = 12
const bits = 4096
const bandwidth = 0.7

/** Without center and buckets, so that only the drawn parameters matter. */
const family: HashFamily = {
  name: 'drawn',
  kind: 'kernel',
  dims,
  bits,
  seed: 5,
  bandwidth,
  version: 1,
  checksum: '',
  center: new Float32Array(dims),
  code: drawKernel({ dims, bits, seed: 5, bandwidth }),
  levels: 2,
  bucket: { kind: 'bits' as const, weight: new Float32Array(0), threshold: new Float64Array(0) },
}

/** Pairs of vectors at distances that increase from 0.05 to 8. */
const pairs = Array.from({ length: 160 }, (_, i) => {
  const source = random(i + 1)
  const distance = 0.05 * (i + 1)
  const x = Float32Array.from({ length: dims }, () => source.normal())
  const step = Float64Array.from({ length: dims }, () => source.normal())
  const length = Math.hypot(...step)
  const y = x.map((value, d) => value + (distance * (step[d] as number)) / length)
  return { x, y, distance, expected: expectedHamming(bandwidth, distance) }
})

function share(x: Float32Array, y: Float32Array): number {
  return encodeVector(family, x).hamming(encodeVector(family, y)) / bits
}

describe('drawKernel', () => {
  it('draws the same bit i, whatever the number of bits', () => {
    const few = drawKernel({ dims, bits: 16, seed: 5, bandwidth })
    expect(few.weight).toEqual(family.code.weight.slice(0, 16 * dims))
    expect(few.phase).toEqual(family.code.phase!.slice(0, 16))
    expect(few.threshold).toEqual(family.code.threshold.slice(0, 16))
  })

  it('draws other directions for another seed, and scales them with the square root of the bandwidth', () => {
    const narrow = drawKernel({ dims, bits: 16, seed: 5, bandwidth: 4 * bandwidth })
    expect(narrow.weight).toEqual(family.code.weight.slice(0, 16 * dims).map((value) => 2 * value))
    const other = drawKernel({ dims, bits: 16, seed: 6, bandwidth })
    expect(other.weight).not.toEqual(family.code.weight.slice(0, 16 * dims))
  })

  it('spreads phases over the full circle and thresholds over [-1, 1]', () => {
    for (const [drawn, end] of [
      [family.code.phase!, Math.PI],
      [family.code.threshold, 1],
    ] as const) {
      expect(Math.max(...drawn) / end).toBeCloseTo(1, 2)
      expect(Math.min(...drawn) / end).toBeCloseTo(-1, 2)
      // Five standard errors of the mean of uniform numbers.
      const mean = drawn.reduce((sum, value) => sum + value, 0) / bits
      expect(Math.abs(mean / end)).toBeLessThan(5 / Math.sqrt(3 * bits))
    }
  })

  it('gives codes that differ in the expected share of bits', () => {
    // Five standard errors of a count of 4096 independent bits; the mean square stays near 1.
    const deviations = pairs.map(
      ({ x, y, expected: h }) => (share(x, y) - h) / Math.sqrt((h * (1 - h)) / bits),
    )
    expect(Math.max(...deviations.map(Math.abs))).toBeLessThan(5)
    const meanSquare = deviations.reduce((sum, value) => sum + value ** 2, 0) / pairs.length
    expect(meanSquare).toBeGreaterThan(0.5)
    expect(meanSquare).toBeLessThan(1.7)
  })

  it('lets codes of distant pairs differ in 4/π² of the bits instead of half', () => {
    const far = pairs.filter(({ distance }) => Math.sqrt(bandwidth) * distance > 5)
    const mean = far.reduce((sum, { x, y }) => sum + share(x, y), 0) / far.length
    expect(far.length).toBeGreaterThan(30)
    expect(Math.abs(mean - hammingPlateau)).toBeLessThan(0.01)
  })

  it('keeps the distribution when all data are shifted', () => {
    const moved = (vector: Float32Array) => vector.map((value, d) => value + 20 - 3 * d)
    for (const { x, y, expected: h } of pairs) {
      // The difference of two counts has at most twice the standard deviation of one, correlated or not.
      const deviation = 2 * Math.sqrt((h * (1 - h)) / bits)
      expect(Math.abs(share(moved(x), moved(y)) - share(x, y))).toBeLessThan(5 * deviation)
    }
  })

  it.each([0, -1, Infinity, NaN])('refuses a bandwidth of %d', (wrong) => {
    const call = () => drawKernel({ dims, bits: 16, seed: 1, bandwidth: wrong })
    expect(thrownBy(call)).toMatchObject({ code: 'bad_usage' })
  })
})
